"""A no as a page, in the words of the problem; for somebody who is nobody yet, the login."""

from http import HTTPStatus
from urllib.parse import urlsplit

from src.http.answers import Answer
from src.http.asgi import Scope
from src.http.auth import CONSOLE, is_in
from src.http.console.places import HOME
from src.http.console.render import Console
from src.http.console.session import local_path, of_session, session_cookie
from src.http.outgoing import READS
from src.http.problem_answers import Verdict, judged, problem

OVER = "Your session is over, or the token is not good. Log in again."


def told(console: Console, scope: Scope, error: Exception, request_id: str) -> Answer[None]:
    """Return the answer to an exception: a page below the console, elsewhere a document."""
    if not is_in(CONSOLE, scope["path"]):
        return problem(error, request_id)
    verdict = judged(error, request_id)
    if verdict.reason.status == HTTPStatus.UNAUTHORIZED:
        return _login(console, scope, verdict)
    return _page(console, scope, verdict, request_id)


def _login(console: Console, scope: Scope, verdict: Verdict) -> Answer[None]:
    """Show the login in place of the page, which is where it leads back to."""
    had_session = of_session(scope["headers"]) is not None
    over = {"set-cookie": session_cookie("", 0, https_only=console.https_only)}
    return console.page(
        scope,
        "login.html",
        status=verdict.reason.status,
        headers={**verdict.headers, **(over if had_session else {})},
        next=local_path(_wanted(scope)),
        wrong=OVER if had_session else None,
    )


def _wanted(scope: Scope) -> str | None:
    """Return the page that was asked for; of a form, the page that it stood on."""
    if scope["method"] in READS:
        query = scope["query_string"].decode("latin-1")
        return f"{scope['path']}?{query}" if query else str(scope["path"])
    headers: dict[bytes, bytes] = dict(scope["headers"])
    try:
        return urlsplit(headers.get(b"referer", b"").decode("latin-1")).path or None
    except ValueError:  # It may hold anything, and a no is said whatever it holds.
        return None


def _page(console: Console, scope: Scope, verdict: Verdict, request_id: str) -> Answer[None]:
    reason, said = verdict.reason, verdict.said
    return console.page(
        scope,
        "problem.html",
        status=reason.status,
        headers=verdict.headers,
        title=reason.title,
        detail=str(said) if reason.speaks and said is not None else reason.detail,
        errors=getattr(said, "errors", ()) if "errors" in reason.members else (),
        back=_back(scope),
        request_id=request_id,
    )


def _back(scope: Scope) -> str:
    """Return where to go from here: after a form that was refused, the page that it stood on."""
    return HOME if scope["method"] in READS else local_path(_wanted(scope))
