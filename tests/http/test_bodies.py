"""What a body may hold: strictly what was asked for, and errors that never repeat a value."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.http.json_body import parse
from src.http.refusals import InvalidInput, MalformedBody
from src.http.settings import HttpSettings
from tests.http.tiny import AddBody, PersonBody, SetBody, Shop

pytestmark = pytest.mark.anyio
PERSON: dict[str, Any] = {
    "email": "asha@example.com",
    "name": "Asha Ray",
    "phone": "+91 80 2345 6789",
    "address": {
        "line1": "1 MG Road",
        "city": "Bengaluru",
        "state": "KA",
        "postal_code": "560001",
        "country": "IN",
    },
    "price": {"amount": 149900, "currency": "INR"},
}


@pytest.mark.parametrize("body", [b"", b"{}", b" {} ", b'{"quantity": 999, "note": null}'])
async def test_where_nothing_is_required_nothing_need_be_sent(shop: Shop, body: bytes) -> None:
    async with shop.client() as client:
        answer = await client.post("/things", content=body)
    assert answer.status_code == 201


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"{", ": it ends too early."),
        (b"nonsense", ": look near byte 4."),
        (b'{"quantity":1} x', ": look near byte 16."),
        (b'{"quantity":secret}', ": look near byte 12."),
        (b"\xff", ": look near byte 0."),
        (b'{"note":"\xff"}', ": it is not UTF-8."),
        (b"[" * 50_000, ": it is nested too deeply."),
        (b"\x00", ": look near byte 0."),
    ],
)
async def test_what_is_not_json_is_400_and_says_where(shop: Shop, body: bytes, why: str) -> None:
    async with shop.client() as client:
        answer = await client.post("/things", content=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed-json")
    assert answer.json()["detail"] == "The body is not JSON" + why


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ('{"quantity": 0}', "quantity"),
        ('{"quantity": 1000}', "quantity"),
        ('{"quantity": 1.0}', "quantity"),
        ('{"quantity": 1e1}', "quantity"),
        ('{"quantity": true}', "quantity"),
        ('{"quantity": "1"}', "quantity"),
        ('{"quantity": null}', "quantity"),
        ('{"quantity": 1180591620717411303424}', "quantity"),
        ('{"quantity": -9223372036854775809}', "quantity"),
        ('{"note": ""}', "note"),
        ('{"note": "two\\nlines"}', "note"),
        ('{"note": "ends\\n"}', "note"),
        ('{"unknown_field": 1}', "unknown_field"),
        ('{"asha@example.com": 1}', "body"),
        ("[1]", "body"),
        ("null", "body"),
        ('"text"', "body"),
    ],
)
async def test_json_that_was_not_asked_for_is_422_and_names_the_field(
    shop: Shop, body: str, field: str
) -> None:
    async with shop.client() as client:
        answer = await client.post("/things", content=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "validation")
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert "asha" not in answer.text
    assert shop.counter.effects == []


@pytest.mark.parametrize(
    ("note", "status"), [("a\x00b", 422), ("a\\u0000b", 201), ("\\\x00", 422), ("u0000", 201)]
)
async def test_nul_is_refused_and_its_name_is_not(shop: Shop, note: str, status: int) -> None:
    async with shop.client() as client:
        answer = await client.post("/things", content=json.dumps({"note": note}))
    assert answer.status_code == status


def refused(wanted: type, body: object) -> dict[str, str]:
    with pytest.raises(InvalidInput) as caught:
        parse(json.dumps(body).encode(), wanted)
    return {error.field: error.message for error in caught.value.errors}


def test_everything_wrong_is_said_at_once() -> None:
    wrong = {**PERSON, "email": "a@b", "price": {"amount": -1, "currency": "INR"}, "extra": 1}
    del wrong["phone"]
    assert refused(PersonBody, wrong) == {
        "email": "must be an e-mail address, such as asha@example.com",
        "phone": "is required",
        "price.amount": "must be at least 0",
        "extra": "is not a field that we know",
    }


@pytest.mark.parametrize(
    ("where", "value"),
    [
        ("email", "asha"),
        ("email", "asha@example"),
        ("email", "a b@example.com"),
        ("email", "asha@example.com\n"),
        ("email", f"{'a' * 65}@example.com"),
        ("email", f"asha@{'e' * 250}.com"),
        ("phone", "call me"),
        ("phone", "+91 80 2345 6789\n"),
        ("name", "a" * 201),
        ("price.currency", "inr"),
        ("price.currency", "INR\n"),
        ("price.amount", 2**53),
        ("address.country", "IND"),
        ("address.country", "in"),
        ("address", "560001"),
        ("address.line1", ""),
    ],
)
def test_a_field_keeps_its_limits(where: str, value: object) -> None:
    body = json.loads(json.dumps(PERSON))
    *outer, name = where.split(".")
    (body[outer[0]] if outer else body)[name] = value
    assert list(refused(PersonBody, body)) == [where]


@pytest.mark.parametrize("code", ["012345", "56001", "5600011", "ABC123"])
def test_a_postal_code_of_india_is_six_digits_and_does_not_begin_with_0(code: str) -> None:
    body = {**PERSON, "address": {**PERSON["address"], "postal_code": code}}
    said = refused(PersonBody, body)
    assert said == {"address.postal_code": "must be 6 digits, the first not 0"}


def test_digits_of_another_script_are_no_postal_code() -> None:
    body = {**PERSON, "address": {**PERSON["address"], "postal_code": "५६०००१"}}
    assert list(refused(PersonBody, body)) == ["address.postal_code"]


@pytest.mark.parametrize(
    ("country", "code"), [("IN", "560001"), ("GB", "SW1A 1AA"), ("NP", "44600")]
)
def test_other_countries_have_codes_of_their_own(country: str, code: str) -> None:
    address = {**PERSON["address"], "country": country, "postal_code": code}
    assert parse(json.dumps({**PERSON, "address": address}).encode(), PersonBody)


def test_zero_removes_where_zero_is_allowed() -> None:
    assert parse(b'{"quantity": 0}', SetBody) == SetBody(quantity=0)
    assert refused(SetBody, {}) == {"quantity": "is required"}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from(["quantity", "note", "x"]), json_values) | json_values)
def test_any_json_is_taken_or_refused(value: object) -> None:
    try:
        taken = parse(json.dumps(value).encode(), AddBody)
    except (InvalidInput, MalformedBody):
        return
    assert isinstance(taken, AddBody)
    assert 1 <= taken.quantity <= 999


@given(st.binary())
def test_any_bytes_are_taken_or_refused(body: bytes) -> None:
    try:
        assert isinstance(parse(body, AddBody), AddBody)
    except (InvalidInput, MalformedBody):
        return


async def test_another_media_type_is_415(shop: Shop) -> None:
    async with shop.client() as client:
        form = await client.post("/things", data={"quantity": 1})
        lists = await client.post(
            "/things", content=b"{}", headers={"Content-Type": "application/merge-patch+json"}
        )
    assert (form.status_code, lists.status_code) == (415, 201)


async def test_a_body_has_a_limit_and_a_webhook_a_larger_one(shop: Shop) -> None:
    large = b" " * HttpSettings().body_bytes_max
    async with shop.client() as client:
        fits = await client.post("/things", content=large[:-2] + b"{}")
        too_large = await client.post("/things", content=large + b"{}")
        in_pieces = await client.post("/things", content=pieces(large))
        webhook = await client.post("/webhooks/razorpay", content=large * 2)
        too_large_webhook = await client.post("/webhooks/razorpay", content=large * 17)
    statuses = [each.status_code for each in (fits, too_large, in_pieces, webhook)]
    assert statuses == [201, 413, 413, 200]
    assert too_large_webhook.status_code == 413


async def pieces(body: bytes) -> Any:  # noqa: ANN401  # an asynchronous generator
    for _ in range(3):
        yield body[: len(body) // 2]
