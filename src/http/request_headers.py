"""A request's headers by name; what two lines of one name mean is decided here."""

from src.http.asgi import Headers
from src.http.refusals import RepeatedHeader

JOINED = frozenset((b"if-match", b"if-none-match"))
"""Lists: two lines of one are one line with a comma, says RFC 9110."""
ONCE = frozenset(
    (
        b"authorization",
        b"content-length",
        b"content-type",
        b"host",
        b"idempotency-key",
        b"khata-position",
        b"last-event-id",
        b"origin",
        b"x-razorpay-event-id",
        b"x-razorpay-signature",
        b"x-request-id",
        b"x-session-id",
    )
)
"""Who calls, and what is wished for: a proxy may have read the one line, and we the other."""


def by_name(lines: Headers) -> dict[bytes, bytes]:
    """Return each header's value: the last line's, or all lines of a list."""
    found = dict(lines)
    if len(found) != len(lines):
        for name in JOINED & found.keys():
            found[name] = b", ".join([value for each, value in lines if each == name])
    return found


def refuse_repeated(lines: Headers) -> None:
    """Raise RepeatedHeader when a header that must be sent once has two lines."""
    names = [name for name, _ in lines if name in ONCE]
    for name in sorted(set(names)):
        if names.count(name) > 1:
            raise RepeatedHeader(name.decode("ascii"))
