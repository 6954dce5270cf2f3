"""Every no we can say, as RFC 9457 problem details. One row per reason, in one table."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import msgspec
from msgspec import Struct

from src.http import refusals as edge
from src.http.edge_reasons import EDGE
from src.http.reasons import Reason
from src.http.rule_reasons import RULES

PROBLEM_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:khata:problem:"
INSTANCE_PREFIX = "urn:khata:request:"


class Problem(Struct, kw_only=True, frozen=True):
    """The members that every problem has; `code` is stable, and some carry further members."""

    type: str
    title: str
    status: int
    detail: str | None
    instance: str
    code: str


REASONS: dict[type[Exception], Reason] = {**RULES, **EDGE}
"""Looked up by class and then by its bases; what is not here is a bug, and an `internal` 500."""

BY_STATUS: dict[int, Reason] = {
    400: Reason(400, "bad-request", "The request cannot be read"),
    401: REASONS[edge.Unauthenticated],
    403: REASONS[edge.Forbidden],
    404: Reason(404, "not-found", "There is no such thing", "Nothing lives at this address."),
    405: Reason(405, "method-not-allowed", "This address knows other methods"),
    413: Reason(413, "body-too-large", "The body is too large"),
    415: REASONS[edge.UnsupportedMediaType],
    429: REASONS[edge.TooManyRequests],
}
"""What the framework says by itself, which carries a status and no reason."""

INTERNAL = Reason(500, "internal", "Something is broken here", "It was noted, with this instance.")


def reason_of(said: Exception) -> Reason:
    """Return the row of the nearest class; INTERNAL for what nobody expected."""
    for kind in type(said).__mro__:
        if (found := REASONS.get(kind)) is not None:
            return found
    return INTERNAL


def written(reason: Reason, said: Exception | None, request_id: str) -> bytes:
    """Write the problem document."""
    detail = str(said) if reason.speaks and said is not None else reason.detail
    document: dict[str, Any] = {
        "type": TYPE_PREFIX + reason.code,
        "title": reason.title,
        "status": reason.status,
        "detail": detail,
        "instance": INSTANCE_PREFIX + quote(request_id, safe=""),
        "code": reason.code,
    }
    document.update((member, getattr(said, member)) for member in reason.members)
    return msgspec.json.encode(document)


def headers_of(reason: Reason, said: Exception) -> Mapping[str, str]:
    """Return what the problem says in headers."""
    return {} if reason.headers is None else reason.headers(said)
