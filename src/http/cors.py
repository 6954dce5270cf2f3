"""Which pages of other origins may call from a browser, and what a browser is told of it.

Nothing here is credentials in CORS' sense: a caller is known by headers that
a script must set itself, so `*` gives nobody's identity away. The console's cookie
is no exception: no other site's page can send it, and no answer allows credentials.
"""

from src.http.asgi import Headers, Send
from src.http.outgoing import NO_CONTENT, send_whole

ANY_ORIGIN = "*"
PREFLIGHT_SECONDS = 7_200
"""So long may a browser remember what it was told; Chromium keeps it no longer."""
METHODS = b"GET, HEAD, POST, PUT, PATCH, DELETE"
ASKED_HEADERS = (
    b"Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Khata-Position, "
    b"Last-Event-ID, X-Request-Id, X-Session-Id, traceparent, tracestate"
)
SHOWN_HEADERS = (
    b"ETag, Idempotent-Replayed, Khata-Position, Khata-Recorded-At, Khata-Time, Location, "
    b"RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, X-Request-Id"
)

_VARY = (b"vary", b"Origin")
_PREFLIGHT: Headers = [
    (b"access-control-allow-methods", METHODS),
    (b"access-control-allow-headers", ASKED_HEADERS),
    (b"access-control-max-age", b"%d" % PREFLIGHT_SECONDS),
]


class Cors:
    """The lines of each origin, written once."""

    def __init__(self, origins: tuple[str, ...]) -> None:
        self.is_for_all = ANY_ORIGIN in origins
        # Caches must not show one origin's answer to another, nor to none.
        self._others: Headers = [_VARY] if origins and not self.is_for_all else []
        self._lines = {origin.encode("ascii"): self._of(origin) for origin in origins}

    def _of(self, origin: str) -> Headers:
        return [
            (b"access-control-allow-origin", origin.encode("ascii")),
            (b"access-control-expose-headers", SHOWN_HEADERS),
            *self._others,
        ]

    def lines(self, origin: bytes | None) -> Headers:
        """Return what every answer to this origin says."""
        return self._lines.get(b"*" if self.is_for_all else origin or b"", self._others)

    def answers(self, method: str, headers: dict[bytes, bytes]) -> bool:
        """Whether a browser asks, before the call itself, what an origin of ours may send."""
        return (
            method == "OPTIONS"
            and b"access-control-request-method" in headers
            and (self.is_for_all or headers.get(b"origin") in self._lines)
        )


async def send_preflight(send: Send) -> None:
    """Answer for any path alike, so that it shows nothing of what there is."""
    await send_whole(send, NO_CONTENT, _PREFLIGHT, b"")
