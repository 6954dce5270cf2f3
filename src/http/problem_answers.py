"""A problem as an answer, whoever raised it: a rule, the edge, the framework or a bug."""

import re
from collections.abc import Mapping
from typing import Any

from litestar.exceptions import HTTPException, ValidationException
from msgspec import Struct
from msgspec.structs import replace

from src.http.answers import Answer, written_answer
from src.http.problems import (
    BY_STATUS,
    INTERNAL,
    PROBLEM_TYPE,
    headers_of,
    reason_of,
    written,
)
from src.http.reasons import Reason
from src.http.refusals import FieldError, InvalidInput
from src.http.wording import plain_words
from src.telemetry import logger, places

_MISSING = re.compile(r"Missing required \w+ parameter '([a-z_]+)'")
"""How the framework says that a parameter is not there; the name is the route's own."""

_log = logger("http")


class Verdict(Struct, frozen=True):
    """What is to be said of an exception: its row of the table, and the headers."""

    reason: Reason
    said: Exception | None
    """What the reason takes its words and members from."""
    headers: Mapping[str, str]


def problem(error: Exception, request_id: str) -> Answer[None]:
    """Return the problem document of an exception."""
    verdict = judged(error, request_id)
    reason = verdict.reason
    body = written(reason, verdict.said, request_id)
    return written_answer(None, body, reason.status, PROBLEM_TYPE, verdict.headers)


def judged(error: Exception, request_id: str) -> Verdict:
    """Say what an exception means; what nobody expected is noted in the log."""
    if isinstance(error, ValidationException):
        error = InvalidInput(*_parameter_errors(error))
    if isinstance(error, HTTPException):
        return _of_framework(error)
    reason = reason_of(error)
    if reason is INTERNAL:
        _log.error("bug", error=type(error).__name__, places=places(error), request_id=request_id)
    return Verdict(reason, error, headers_of(reason, error))


def _of_framework(error: HTTPException) -> Verdict:
    reason = BY_STATUS.get(error.status_code)
    if reason is None:
        reason = _by_status(error.status_code)
    headers = {name: value for name, value in (error.headers or {}).items() if name == "allow"}
    if allowed := headers.get("allow"):
        reason = replace(reason, detail=_known(set(allowed.split(", "))))
    return Verdict(reason, None, headers)


def _known(methods: set[str]) -> str:
    """HEAD is where GET is; the edge adds it to the header later."""
    if "GET" in methods:
        methods.add("HEAD")
    return f"It knows {', '.join(sorted(methods))}."


def _by_status(status: int) -> Reason:
    return INTERNAL if status >= 500 else BY_STATUS[400]  # noqa: PLR2004  # server errors


def _parameter_errors(error: ValidationException) -> list[FieldError]:
    """The framework's list of what is wrong with path and query, without the values."""
    missing = _MISSING.match(error.detail)
    if missing is not None:
        return [FieldError(missing[1], "is required")]
    listed: Any = error.extra if isinstance(error.extra, list) else []
    return [
        FieldError(str(each.get("key", "request")), _words(str(each.get("message", ""))))
        for each in listed
    ]


def _words(message: str) -> str:
    """After the dash the framework says where, which the field's name says already."""
    return plain_words(message.partition(" - ")[0])
