"""One call of the document, completed with what its handler does not show."""

import re
from collections.abc import Iterator
from typing import Any

from src.http.flood import is_limited
from src.http.idempotency import IGNORED_PATHS
from src.http.openapi.analytics_answers import csv_answer
from src.http.openapi.answers import answer_example, text_answer
from src.http.openapi.asks import BODIES, NEVER_EMPTY, RAW_BODIES
from src.http.openapi.calls import CALLS, Call
from src.http.openapi.refusals import problem_responses, refused
from src.http.openapi.schemas import close, never_null, target
from src.http.openapi.security import for_whom, roles_of, security
from src.http.openapi.words import ANALYSTS_PARAMETERS, PARAMETERS, Words

LETTERS = ("look_up_order", "request_claim", "forgotten_password")
WITHOUT_POSITION = frozenset(("refresh", "log_out", "log_out_everywhere", *LETTERS))
"""Writes that write nothing into the book."""
ANALYTICS = "/analytics"
MORE_HEADERS = {"watch_checkout": "LastEventId", "receive_razorpay": "RazorpayEventId"}
DONE = {
    ("get", "200"): "As it stands.",
    ("post", "204"): "Done; there is nothing to show.",
    ("post", "202"): "If there is something to tell, a letter is on its way.",
    ("post", "201"): "Done; this is new.",
    ("put", "200"): "Done; as it stands now.",
    ("patch", "200"): "Done; as it stands now.",
    ("delete", "200"): "Done; as it stands now.",
    ("delete", "204"): "Done; there is nothing to show.",
}
_FULFILLED, _WORDS = "Request fulfilled, document follows", "Done; this is what came of it."
"""The framework's words for a 200, and ours."""
_NOISE = ("deprecated", "allowEmptyValue", "allowReserved")
_FRAMEWORKS_OWN = "400"
"""The framework documents its own shape of validation errors, which never leaves us."""
_SENTENCE_END = re.compile(r"(?<=[.?])\s")


class Operation:
    """One method of one path."""

    def __init__(
        self, path: str, method: str, described: dict[str, Any], schemas: dict[str, Any]
    ) -> None:
        self._path = path
        self._reads = method == "get"
        self._method = method
        self._described = described
        self._schemas = schemas
        self._name: str = described["operationId"]
        self._call = CALLS.get(self._name, Call())
        self._once = method == "post" and path not in IGNORED_PATHS

    def complete(self) -> None:
        """Write into the description what is missing in it."""
        found = self._described
        found.pop("deprecated", None)
        self._say()
        self._ask()
        asked = [_parameter(each, self._words()) for each in found.get("parameters", [])]
        found["parameters"] = [*asked, *self._headers()]
        found["security"] = security(self._path, self._call.who)
        found["responses"] = _together(self._answers(), self._refusals())

    def _say(self) -> None:
        words = self._described.get("description", "").strip()
        first = _SENTENCE_END.split(words.replace("\n", " "), maxsplit=1)[0]
        self._described["summary"] = first.removesuffix(".")
        self._described["description"] = f"{words}\n\n{for_whom(self._path, self._call.who)}"

    def _words(self) -> Words:
        return ANALYSTS_PARAMETERS if self._path.startswith(ANALYTICS) else PARAMETERS

    def _ask(self) -> None:
        if (raw := RAW_BODIES.get(self._name)) is not None:
            self._described["requestBody"] = raw
        asked = self._described.get("requestBody")
        if asked is None or raw is not None:
            return
        media = asked["content"]["application/json"]
        close(media["schema"], self._schemas)
        needed = "required" in target(media["schema"], self._schemas)
        asked["required"] = needed or self._name in NEVER_EMPTY
        if (example := BODIES.get(self._name)) is not None:
            media["example"] = example

    def _headers(self) -> Iterator[dict[str, str]]:
        for name in self._header_names():
            yield {"$ref": f"#/components/parameters/{name}"}

    def _header_names(self) -> Iterator[str]:
        yield "RequestId"
        if self._reads:
            yield "Position"
        if self._reads and self._call.tagged:
            yield "IfNoneMatch"
        if self._call.guarded:
            yield "IfMatch"
        if self._once:
            yield "IdempotencyKey"
        if self._name in MORE_HEADERS:
            yield MORE_HEADERS[self._name]

    def _answers(self) -> dict[str, Any]:
        found: dict[str, Any] = dict(self._described.get("responses", {}))
        found.pop(_FRAMEWORKS_OWN, None)
        for status, answer in found.items():
            self._answer(status, answer)
        if self._reads and self._call.tagged:
            found["304"] = {"description": "Not changed.", "headers": self._said()}
        return found

    def _answer(self, status: str, answer: dict[str, Any]) -> None:
        said = answer["description"]
        answer["description"] = DONE.get(
            (self._method, status), _WORDS if said == _FULFILLED else said
        )
        answer["headers"] = self._said()
        if status == "204":
            answer.pop("content", None)
            return
        if (text := text_answer(self._name)) is not None:
            answer["content"] = text
            return
        media = answer.get("content", {}).get("application/json", {})
        if not media:
            return  # There is nothing to show.
        example = answer_example(self._name, status, media["schema"])
        if example is None:
            return
        media["example"] = example
        if self._path.startswith(ANALYTICS):
            answer["content"].update(csv_answer(example))

    def _said(self) -> dict[str, Any]:
        names = ["X-Request-Id"]
        if self._call.tagged:
            names.append("ETag")
        if not self._reads and self._name not in WITHOUT_POSITION:
            names += ["Khata-Position", "Khata-Recorded-At"]
        if self._path.startswith(ANALYTICS):
            names += ["Khata-Position", "Khata-Time"]
        if self._once:
            names.append("Idempotent-Replayed")
        if is_limited(self._path):
            names += ["RateLimit-Policy", "RateLimit"]
        return {name: {"$ref": f"#/components/headers/{name}"} for name in names}

    def _refusals(self) -> dict[str, Any]:
        said = refused(
            self._call,
            closed=bool(roles_of(self._path)),
            limited=is_limited(self._path),
            reads=self._reads,
            json="requestBody" in self._described and self._name not in RAW_BODIES,
            once=self._once,
            listed=any(each.get("name") == "cursor" for each in self._described["parameters"]),
        )
        return problem_responses(said)


def _together(answers: dict[str, Any], refusals: dict[str, Any]) -> dict[str, Any]:
    """Join both; /health/ready alone has a document and a problem under one status."""
    found = dict(sorted({**answers, **refusals}.items()))
    for status in answers.keys() & refusals.keys():
        one, other = answers[status], refusals[status]
        found[status] = {
            "description": f"{one['description']} {other['description']}",
            "headers": {**one["headers"], **other["headers"]},
            "content": {**one["content"], **other["content"]},
        }
    return {**found, "default": {"$ref": "#/components/responses/Problem"}}


def _parameter(given: dict[str, Any], said: Words) -> dict[str, Any]:
    found = {
        name: value for name, value in given.items() if not (name in _NOISE and value is False)
    }
    found["schema"] = never_null(found["schema"])
    words, example = said.get(found["name"], (None, None))
    if words is not None:
        found["description"] = words
    if example is not None:
        found["example"] = example
    return found
