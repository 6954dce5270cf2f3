"""The door of the console: a staff token opens it, for as long as the token is good."""

from typing import Annotated

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from msgspec import Struct

from src.http.auth import STAFF
from src.http.console.forms import fields_of
from src.http.console.places import HOME
from src.http.console.render import Console, go_to, show
from src.http.console.session import check_origin, local_path, session_cookie
from src.http.refusals import BadToken
from src.http.shop import Shop
from src.http.shop_request import ShopRequest
from src.http.tokens import CUSTOMER, Claims, Tokens

NEXT_LENGTH_MAX = 4_000
WRONG_STATUS = 422
NOT_GOOD = "This is no token of this shop, or it is over. Below it says how to have one."
OF_A_CUSTOMER = (
    "This is a customer's token. The console is for those who work here: "
    "a customer's own orders are in the shop."
)
NO_ROLE = "This token has no role of this shop."

NextInQuery = Annotated[str | None, QueryParameter(max_length=NEXT_LENGTH_MAX)]


class Opened(Struct, frozen=True):
    """A token that opens the door, and how long it is good for."""

    token: str
    seconds: int


class LoginController(Controller):
    """Log in and out."""

    path = "/console"

    @get("/login")
    async def log_in_form(
        self,
        console: NamedDependency[Console],
        request: ShopRequest,
        next: NextInQuery = None,  # noqa: A002  # the parameter's public name
    ) -> Response[None]:
        """Ask for a token."""
        return show(console, request, "login.html", next=local_path(next), wrong=None)

    @post("/login")
    async def log_in(
        self, shop: NamedDependency[Shop], console: NamedDependency[Console], request: ShopRequest
    ) -> Response[None]:
        """Begin a session; there is none yet to bind a form to, so the origin counts."""
        check_origin(request.seen.headers, console.origins)
        said = fields_of(request.raw)
        after = local_path(said.get("next"))
        opened = _opened(shop.tokens, said.get("token", ""), int(shop.clock().timestamp()))
        if isinstance(opened, str):
            return show(
                console, request, "login.html", status=WRONG_STATUS, next=after, wrong=opened
            )
        cookie = session_cookie(opened.token, opened.seconds, https_only=console.https_only)
        return go_to(after, **{"set-cookie": cookie})

    @post("/logout")
    async def log_out(self, console: NamedDependency[Console]) -> Response[None]:
        """End the session of this browser; the token itself is good until it expires."""
        gone = session_cookie("", 0, https_only=console.https_only)
        return go_to(f"{HOME}/login", **{"set-cookie": gone})


def _opened(tokens: Tokens, token: str, now: int) -> Opened | str:
    """Return what opens the door, or say why it does not."""
    token = token.removeprefix("Bearer ").strip()
    try:
        claims = tokens.verify(token)
    except BadToken:
        return NOT_GOOD
    return _why_not(claims) or Opened(token, max(1, claims.exp - now))


def _why_not(claims: Claims) -> str | None:
    if CUSTOMER in claims.roles:
        return OF_A_CUSTOMER
    return None if STAFF.intersection(claims.roles) else NO_ROLE
