"""A problem as an answer, whoever raised it: a rule, the edge, the framework or a bug."""

from collections.abc import Mapping

from litestar.exceptions import HTTPException, ValidationException
from msgspec import Struct
from msgspec.structs import replace

from src.http.answers import Answer, written_answer
from src.http.parameter_faults import parameter_faults
from src.http.problems import (
    BY_STATUS,
    INTERNAL,
    PROBLEM_TYPE,
    headers_of,
    reason_of,
    written,
)
from src.http.reasons import Reason
from src.telemetry import logger, places

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
        error = parameter_faults(error, {})
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
