"""/customers/login, refresh and logout: tokens for those who can show who they are."""

from typing import Annotated

from litestar import Controller, Response, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta, Struct
from msgspec.structs import asdict

from src.commands.view import View
from src.events.customer import Account
from src.events.identifiers import MAILBOX, named, public_id, stream
from src.events.ports import Sealed
from src.http.answers import answer
from src.http.bringing import cart_at_login
from src.http.fields import END, Email, Id
from src.http.guards import customers_only
from src.http.login_tokens import TokensDocument, begin_login, carry_on, end_login
from src.http.passwords import PASSWORD_LENGTH_MAX
from src.http.refusals import InvalidCredentials
from src.http.shop import Shop
from src.http.shop_request import ShopRequest
from src.http.tokens import TOKEN_LENGTH_MAX

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


class EverywhereRequest(Struct, forbid_unknown_fields=True):
    """Nothing more has to be said."""


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
        nobody = public_id("cus", named("nobody", mailbox))
        found = await _account(shop, mailbox, nobody)
        # As long a way for nobody: a look at their facts, and one for the key of their box.
        box = Sealed(key_id=nobody, box="") if found is None else found.password
        hashed = await shop.people.open_text(box)
        right = await shop.passwords.verify(hashed, data.password)
        if found is None or not right:
            raise InvalidCredentials
        cart_id, held = await cart_at_login(shop, request, found.customer_id, data.cart_id)
        tokens = await begin_login(shop, found)
        document = LoginDocument(**asdict(tokens), cart_id=cart_id)
        if held is None:
            return answer(document)
        return answer(document, position=held.position, recorded_at=held.recorded_at)

    @post("/refresh", status_code=200)
    async def refresh(
        self, shop: NamedDependency[Shop], data: JSONBody[RefreshRequest]
    ) -> Response[TokensDocument]:
        """Get the next tokens for a refresh token, which is good for once.

        One that was used before ends its login: 401, also for whoever holds the newest, and
        so does a changed password. Within ten seconds a lost answer can be asked for again.
        A login lasts 90 days at most, and 14 in which nobody asks.
        """
        return answer(await carry_on(shop, data.refresh_token))

    @post("/logout", status_code=204)
    async def log_out(
        self, shop: NamedDependency[Shop], data: JSONBody[RefreshRequest]
    ) -> Response[None]:
        """End the login that a refresh token is of; 204 also for one that is not good.

        The access token is taken until it expires, at most 15 minutes later.
        """
        await end_login(shop, data.refresh_token)
        return answer(None, status=204)

    @post("/logout-everywhere", status_code=204, guards=[customers_only])
    async def log_out_everywhere(
        self, shop: NamedDependency[Shop], request: ShopRequest, data: JSONBody[EverywhereRequest]
    ) -> Response[None]:
        """End every login of the caller, on all devices."""
        await shop.families.forget([request.customer().customer_id])
        return answer(None, status=204)


async def _account(shop: Shop, mailbox: str, nobody: str) -> Account | None:
    """Return the account of a mailbox, if it has one; else look at that of nobody."""

    def question(view: View) -> Account | None:
        person = view.customer(view.mailbox(mailbox).account or nobody)
        return person if isinstance(person, Account) else None

    return await shop.ledger.look(question, needs=[stream(MAILBOX, mailbox)])
