"""Who looks at the console: a staff token in a cookie, and what makes a form ours.

The cookie holds the token itself. So there is nothing to keep on our side, the
session ends with the token, and a signing key that is taken away ends it at
once. No script can read it (HttpOnly), no other site can send it
(SameSite=Strict), and nothing but the console sees it (Path).
"""

import hmac

from src.http.asgi import Headers
from src.http.auth import CONSOLE, is_in, is_open
from src.http.refusals import ForeignForm

COOKIE = "khata_staff"
FORM_TOKEN_BYTES = 16
_FORMS = b"khata console forms"


def authorization(path: str, headers: dict[bytes, bytes]) -> bytes | None:
    """Return what says who calls: the header, or below the console else the cookie."""
    given = headers.get(b"authorization")
    if given is not None or not is_in(CONSOLE, path) or is_open(path):
        return given
    token = cookie_token(headers)
    return None if token is None else b"Bearer " + token.encode("latin-1")


def cookie_token(headers: dict[bytes, bytes]) -> str | None:
    """Return the token of the cookie; two of them are none."""
    pairs = (each.strip() for each in headers.get(b"cookie", b"").decode("latin-1").split(";"))
    found = [pair.removeprefix(f"{COOKIE}=") for pair in pairs if pair.startswith(f"{COOKIE}=")]
    return found[0] if len(found) == 1 and found[0] else None


def session_cookie(token: str, seconds: int, *, https_only: bool) -> str:
    """Return the line that begins a session, or with no seconds ends it."""
    line = f"{COOKIE}={token}; Path={CONSOLE}; Max-Age={seconds}; HttpOnly; SameSite=Strict"
    return f"{line}; Secure" if https_only else line


def form_token(token: str | None) -> str:
    """Return what every form of a session carries; whoever knows it knew the session's token."""
    whole = hmac.digest((token or "").encode("latin-1"), _FORMS, "sha256")
    return whole[:FORM_TOKEN_BYTES].hex()


def check_form(headers: dict[bytes, bytes], sent: str | None, origins: frozenset[str]) -> None:
    """Refuse a form that another page sent; raises ForeignForm.

    A browser adds a cookie by itself, and never an Authorization header: whoever sends
    that says so in person.
    """
    if b"authorization" in headers:
        return
    check_origin(headers, origins)
    ours = form_token(cookie_token(headers))
    if not hmac.compare_digest(ours.encode(), (sent or "").encode()):
        raise ForeignForm


def check_origin(headers: dict[bytes, bytes], origins: frozenset[str]) -> None:
    """Refuse what a page of another origin sent, as its browser says; raises ForeignForm.

    A proxy may have changed the host, so that the shop's public origins count as well.
    """
    origin = headers.get(b"origin", b"").decode("latin-1")
    host = headers.get(b"host", b"").decode("latin-1")
    is_own = origin in origins or (bool(host) and origin in {f"http://{host}", f"https://{host}"})
    if not is_own or headers.get(b"sec-fetch-site", b"same-origin") != b"same-origin":
        raise ForeignForm


def local_path(wanted: str | None) -> str:
    """Return where to go on after the login: a page of the console, and nowhere else."""
    if wanted is None or not is_in(CONSOLE, wanted.partition("?")[0]):
        return CONSOLE
    is_plain = wanted.isascii() and wanted.isprintable() and "\\" not in wanted
    return wanted if is_plain and not is_open(wanted.partition("?")[0]) else CONSOLE


def of_session(lines: Headers) -> str | None:
    """Return the token of a request's cookie, from its headers as they came."""
    return cookie_token(dict(lines))
