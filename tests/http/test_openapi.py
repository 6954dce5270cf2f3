"""The OpenAPI document is whole: every call named, shown by examples, and refused by code."""

from typing import Any

import msgspec
import pytest
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from src.http.controllers.all import CONTROLLERS
from src.http.openapi.calls import CALLS
from src.http.openapi.refusals import SAID
from src.http.openapi.words import ANALYSTS_PARAMETERS, PARAMETERS
from src.http.problems import REASONS
from src.http.refusals import ForeignForm
from tests.http.described import Described, described, faults, resolved, whole_document

ON_PAGES_ALONE = {ForeignForm}
"""Reasons that the console has, and no call of the API."""
CALLED = [pytest.param(each, id=each.name) for each in described()]


def test_it_is_openapi_3_1() -> None:
    document = whole_document()
    OPENAPI_31_VALIDATOR.validate(document)
    assert document["openapi"].startswith("3.1")
    assert document["servers"] == [{"url": "/"}]


def test_every_handler_is_described_once_under_a_name_of_its_own() -> None:
    routed = {
        (method, f"{controller.path}{handler}".replace(":str", "").rstrip("/"))
        for controller in CONTROLLERS
        for name in dir(controller)
        for methods, handler in [_route(getattr(controller, name))]
        for method in methods
    }
    found = {(each.method, each.path) for each in described()}
    assert found - routed == {("GET", "/health/live"), ("GET", "/metrics")}
    assert routed <= found
    names = [each.name for each in described()]
    assert len(names) == len(set(names))


def _route(member: Any) -> tuple[set[str], str]:  # noqa: ANN401  # whatever a class holds
    methods = getattr(member, "http_methods", None)
    return (set(methods), next(iter(member.paths))) if methods else (set(), "")


def test_nothing_is_said_of_calls_parameters_or_reasons_that_do_not_exist() -> None:
    calls = list(described())
    assert set(CALLS) <= {each.name for each in calls}
    asked = {p["name"] for each in calls for p in each.operation["parameters"] if "name" in p}
    assert set(PARAMETERS) == asked
    assert {type(each) for each in SAID} == set(REASONS) - ON_PAGES_ALONE


@pytest.mark.parametrize("call", CALLED)
def test_a_call_says_what_it_does_and_for_whom(call: Described) -> None:
    operation = call.operation
    assert operation["summary"]
    assert "\n" not in operation["summary"]
    assert operation["description"].startswith(operation["summary"][:20])
    assert len(operation["tags"]) == 1
    assert operation["tags"][0] in {tag["name"] for tag in whole_document()["tags"]}
    schemes = whole_document()["components"]["securitySchemes"]
    assert all(set(way) <= set(schemes) for way in operation["security"])
    assert ("For operator" in operation["description"]) is call.path.startswith("/admin") or (
        "For admin" in operation["description"]
    )


@pytest.mark.parametrize("call", CALLED)
def test_every_parameter_is_explained_and_limited(call: Described) -> None:
    for given in map(resolved, call.operation["parameters"]):
        schema = resolved(given["schema"])
        assert given["description"], given["name"]
        limited = {"maxLength", "maximum", "enum", "format"} & set(schema)
        is_flag = schema.get("type") == "boolean"
        assert limited or is_flag or given["name"] in {"If-Match", "If-None-Match"}, given["name"]
        if "example" in given:
            assert faults(given["example"], schema) == []


@pytest.mark.parametrize("call", CALLED)
def test_a_body_has_an_example_that_is_taken_and_no_field_that_is_not_known(
    call: Described,
) -> None:
    body = call.operation.get("requestBody")
    assert (body is None) is (call.method in {"GET", "DELETE"})
    if body is None:
        return
    media = body["content"]["application/json"]
    assert faults(media["example"], media["schema"]) == []
    if call.name != "receive_razorpay":
        assert resolved(media["schema"])["additionalProperties"] is False
        strange = {**media["example"], "surprise": 1}
        assert faults(strange, media["schema"]) != []


@pytest.mark.parametrize("call", CALLED)
def test_every_answer_has_an_example_of_its_schema_and_every_problem_its_codes(
    call: Described,
) -> None:
    statuses = set(call.operation["responses"])
    assert {"401", "422", "431", "503", "default"} <= statuses
    for status, said in call.operation["responses"].items():
        answer = resolved(said)
        assert answer["description"].endswith("."), status
        assert "X-Request-Id" in answer["headers"]
        assert ("content" in answer) is (status not in {"204", "304"})
        for media_type, media in answer.get("content", {}).items():
            for example in _examples(media):
                assert faults(example, media["schema"]) == [], (status, media_type)
                wrong = isinstance(example, dict) and "code" in example and status != "default"
                assert not wrong or "code" not in example or _fits(example, status)


def _examples(media: dict[str, Any]) -> list[Any]:
    many = [resolved(each)["value"] for each in media.get("examples", {}).values()]
    one = [media["example"]] if "example" in media else []
    assert many or one or media["schema"] == {"$ref": "#/components/schemas/Problem"}
    return many + one


def _fits(example: dict[str, Any], status: str) -> bool:
    return "type" not in example or str(example["status"]) == status


def test_responses_that_hold_structs_name_every_field_of_them() -> None:
    """An example is written from the struct itself: what decodes it, decodes an answer."""
    loose = [
        call.name
        for call in described()
        for status, said in call.operation["responses"].items()
        if status[0] == "2" and "content" in said
        for media in said["content"].values()
        if media["schema"] in ({}, {"type": "object"})
    ]
    assert loose == []


@pytest.mark.parametrize("name", sorted(each for each in CALLS if each.startswith("analytics_")))
def test_an_answer_for_analysts_may_be_csv_and_knows_no_time_before_its_own(name: str) -> None:
    call = next(each for each in described() if each.operation["operationId"] == name)
    assert set(call.operation["responses"]["200"]["content"]) == {"application/json", "text/csv"}
    words = {each.get("name"): each.get("description") for each in call.operation["parameters"]}
    assert words["as_of"] == ANALYSTS_PARAMETERS["as_of"][0] != PARAMETERS["as_of"][0]


def test_the_document_is_small_enough_for_a_phone() -> None:
    assert len(msgspec.json.encode(whole_document())) < 640 * 1024
