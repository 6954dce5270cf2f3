"""The answers around the payment window, each with what a browser may do with it."""

from src.http.sandbox.document import Document
from src.http.sandbox.page.markup import content
from src.http.sandbox.page.theme import stylesheet
from src.http.sandbox.page.visit import Visit, origin_of

LOOPBACK = "http://127.0.0.1:* http://localhost:*"
_ALWAYS = (("x-content-type-options", "nosniff"), ("cache-control", "no-store"))


def page(visit: Visit, html: str, status: int = 200) -> Document:
    headers = (
        ("content-security-policy", _policy(visit)),
        ("referrer-policy", "no-referrer"),
        *_ALWAYS,
    )
    return Document("text/html; charset=utf-8", html.encode(), status, headers)


def script(name: str) -> Document:
    return Document("text/javascript; charset=utf-8", content(name), headers=_ALWAYS)


def styles(name: str) -> Document:
    return Document("text/css; charset=utf-8", content(name), headers=_ALWAYS)


def theme(colour: str) -> Document:
    return Document("text/css; charset=utf-8", stylesheet(colour), headers=_ALWAYS)


def _policy(visit: Visit) -> str:
    """Forms go to ourselves and back to the shop: browsers check redirects after them, too."""
    shop = origin_of(visit.callback_url)
    return "; ".join([
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        f"img-src 'self' data: {LOOPBACK}",
        f"form-action 'self' {LOOPBACK} {shop}".rstrip(),
        f"frame-ancestors {LOOPBACK}",
        "base-uri 'none'",
    ])  # fmt: skip
