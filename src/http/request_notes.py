"""What is noted of every request that was answered: figures, a line in the log, its span.

All name its route and never its path, which may hold anything.
"""

from src.http.asgi import Scope
from src.http.auth import area_of
from src.http.outgoing import Outgoing
from src.http.room import WRITES
from src.http.shop_request import SEEN
from src.telemetry import METHODS, OTHER_METHOD, RequestFigures, logger
from src.tracing import Span

SERVER_ERROR = 500
UNMATCHED = "unmatched"
"""The route where none was found."""

_log = logger("http")


class RequestNotes:
    """Notes what became of requests, and how long it took."""

    def __init__(self, figures: RequestFigures, *, lines: bool) -> None:
        self._figures = figures
        self._lines = lines

    def take(self, scope: Scope, out: Outgoing, seconds: float, span: Span) -> None:
        """Note a request that was answered, or broken off."""
        route = scope.get("path_template") or area_of(scope["path"]) or UNMATCHED
        self._figures.note(out.method, route, out.status, seconds)
        if self._lines:
            _log.info(
                "request",
                method=out.method,
                route=route,
                status=out.status,
                ms=round(seconds * 1000, 2),
                request_id=out.name,
                **_in_the_book(scope),
            )
        if span.context is not None:
            _tell(span, route, out)


def _in_the_book(scope: Scope) -> dict[str, str]:
    """Say under which id the book keeps what a write came to."""
    seen = scope.get(SEEN)
    if seen is None or scope["method"] not in WRITES:
        return {}
    return {"correlation_id": str(seen.correlation_id)}


def _tell(span: Span, route: str, out: Outgoing) -> None:
    """Name a request by its route, as the figures do, and say how it ended."""
    known = out.method if out.method in METHODS else OTHER_METHOD
    span.rename(f"{known} {route}")
    span.note("http.request.method", known)
    span.note("http.route", route)
    span.note("http.response.status_code", out.status)
    if out.status >= SERVER_ERROR:
        span.fail()
