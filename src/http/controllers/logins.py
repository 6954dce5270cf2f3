"""/customers/login and /customers/refresh: tokens for those who can show who they are."""

from typing import Annotated

from litestar import Controller, Response, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta, Struct
from msgspec.structs import asdict

from src.commands.view import View
from src.events.customer import Account
from src.events.identifiers import MAILBOX, stream
from src.http.answers import answer
from src.http.bringing import cart_at_login
from src.http.fields import END, Email, Id
from src.http.passwords import PASSWORD_LENGTH_MAX
from src.http.refusals import BadToken, InvalidCredentials
from src.http.shop import Shop
from src.http.shop_request import ShopRequest
from src.http.tokens import ACCESS_LIFETIME, CUSTOMER, REFRESH, REFRESH_LIFETIME, TOKEN_LENGTH_MAX

GivenPassword = Annotated[
    str, Meta(min_length=1, max_length=PASSWORD_LENGTH_MAX, examples=["six chai before noon"])
]
GivenToken = Annotated[
    str, Meta(min_length=1, max_length=TOKEN_LENGTH_MAX, pattern=r"^[A-Za-z0-9_.-]+" + END)
]


class LoginRequest(Struct, forbid_unknown_fields=True):
    """What only the account's owner knows."""

    email: Email
    password: GivenPassword
    cart_id: Id | None = None
    """A guest's cart to bring along; `X-Session-Id` is its secret."""


class RefreshRequest(Struct, forbid_unknown_fields=True):
    """The refresh token of an earlier login."""

    refresh_token: GivenToken


class TokensDocument(Struct, frozen=True, kw_only=True):
    """Send `access_token` as a bearer token, and `refresh_token` to get the next."""

    access_token: str
    refresh_token: str
    expires_in: int
    """Seconds until the access token is not taken any more."""


class LoginDocument(TokensDocument, frozen=True, kw_only=True):
    """Tokens, and the cart that the account fills now."""

    cart_id: str | None


class LoginController(Controller):
    """Logins."""

    path = "/customers"
    tags = ["Customers"]

    @post("/login", status_code=200)
    async def log_in(
        self, shop: NamedDependency[Shop], request: ShopRequest, data: JSONBody[LoginRequest]
    ) -> Response[LoginDocument]:
        """Log in. Unknown e-mail and wrong password are the same 401 `invalid-credentials`.

        A guest's cart comes along if `cart_id` names it and `X-Session-Id` is
        its secret, as `POST /customers/me/cart` would bring it. One that cannot
        come does not keep anybody from logging in.
        """
        mailbox = shop.people.mailbox(data.email)
        await shop.doors.pass_by("login", mailbox, request.seen.address)
        found = await _account(shop, mailbox)
        hashed = None if found is None else await shop.people.open_text(found.password)
        right = await shop.passwords.verify(hashed, data.password)
        if found is None or not right:
            raise InvalidCredentials
        cart_id, held = await cart_at_login(shop, request, found.customer_id, data.cart_id)
        tokens = _tokens(shop, found.customer_id)
        document = LoginDocument(**asdict(tokens), cart_id=cart_id)
        if held is None:
            return answer(document)
        return answer(document, position=held.position, recorded_at=held.recorded_at)

    @post("/refresh", status_code=200)
    async def refresh(
        self, shop: NamedDependency[Shop], data: JSONBody[RefreshRequest]
    ) -> Response[TokensDocument]:
        """Get new tokens for a refresh token; 401 once it has expired or the account is gone."""
        claims = shop.tokens.verify(data.refresh_token, REFRESH)
        person = await shop.ledger.look(lambda view: view.customer(claims.sub))
        if claims.roles != (CUSTOMER,) or not isinstance(person, Account):
            raise BadToken
        if await shop.people.open_text(person.password) is None:
            raise BadToken
        return answer(_tokens(shop, claims.sub))


async def _account(shop: Shop, mailbox: str) -> Account | None:
    """Return the account of a mailbox, if it has one."""

    def question(view: View) -> Account | None:
        customer_id = view.mailbox(mailbox).account
        person = None if customer_id is None else view.customer(customer_id)
        return person if isinstance(person, Account) else None

    return await shop.ledger.look(question, needs=[stream(MAILBOX, mailbox)])


def _tokens(shop: Shop, customer_id: str) -> TokensDocument:
    return TokensDocument(
        access_token=shop.tokens.sign((CUSTOMER,), customer_id),
        refresh_token=shop.tokens.sign((CUSTOMER,), customer_id, REFRESH_LIFETIME, REFRESH),
        expires_in=int(ACCESS_LIFETIME.total_seconds()),
    )
