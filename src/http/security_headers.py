"""What every answer says to a browser that shows it; a page's own words go before ours."""

from src.http.asgi import Headers

HSTS_SECONDS = 365 * 24 * 60 * 60
_NOSNIFF = (b"x-content-type-options", b"nosniff")
_NOTHING = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
_NO_REFERRER = (b"referrer-policy", b"no-referrer")
_OWN_ORIGIN = (b"cross-origin-resource-policy", b"same-origin")
_ANY_ORIGIN = (b"cross-origin-resource-policy", b"cross-origin")
_HTTPS_ONLY = (b"strict-transport-security", b"max-age=%d" % HSTS_SECONDS)

UNLESS_GIVEN: Headers = [_NOTHING, _NO_REFERRER]
"""An answer is no page: it may load nothing, be framed nowhere, and tell nobody where one was."""


def security_headers(*, for_all_origins: bool, https_only: bool) -> Headers:
    """Return the lines of every answer of one installation."""
    policy = _ANY_ORIGIN if for_all_origins else _OWN_ORIGIN
    return [_NOSNIFF, policy, *([_HTTPS_ONLY] if https_only else [])]
