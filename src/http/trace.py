"""Names of requests: X-Request-Id for people, and a correlation id that follows what it caused."""

import re
from collections.abc import Callable
from uuid import UUID

from src.events.identifiers import named
from src.tracing import NOBODYS, Caller, Span, answer

REQUEST_ID_LENGTH_MAX = 128
REQUEST = "request"
"""What a span is called until its route is known."""
WATCHED = ("/health/", "/metrics")
"""Whoever watches asks all day long; nobody wants a trace of that."""

_REQUEST_ID = re.compile(rb"[\x21-\x7e]{1,%d}" % REQUEST_ID_LENGTH_MAX)
_TRACEPARENT = re.compile(rb"(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?")
_NO_TRACE = b"0" * 32
_NO_SPAN = b"0" * 16


def request_id(given: bytes | None, new_id: Callable[[], UUID]) -> str:
    """Return the client's name of the request if it is one, otherwise a new one."""
    if given is not None and _REQUEST_ID.fullmatch(given):
        return given.decode("ascii")
    return str(new_id())


def correlation(headers: dict[bytes, bytes], name: str, new_id: Callable[[], UUID]) -> UUID:
    """Return the trace's id, or what follows from the client's request id, or a new id."""
    traced = headers.get(b"traceparent")
    if traced is not None and (found := _caller(traced)) is not None:
        return UUID(int=found.trace)
    if b"x-request-id" in headers:
        return named("request", name)
    return new_id()


def request_span(headers: dict[bytes, bytes], path: str) -> Span:
    """Begin a request, in its caller's trace if it names one."""
    if path.startswith(WATCHED):
        return NOBODYS
    traced = headers.get(b"traceparent")
    return answer(REQUEST, None if traced is None else _caller(traced))


def _caller(traceparent: bytes) -> Caller | None:
    """W3C: a version we may not know, a trace and a span that are not all zero."""
    found = _TRACEPARENT.fullmatch(traceparent)
    if found is None or found[1] == _NO_TRACE or found[2] == _NO_SPAN:
        return None
    return Caller(*(int(part, 16) for part in found.groups()))
