"""/customers/me/password: another password, for whoever knows the one there is."""

from typing import Annotated

from litestar import Controller, Response, put
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta, Struct

from src.commands.decisions.people import account
from src.commands.decisions.people import change_password as choose_password
from src.commands.decisions.preconditions import at_version
from src.commands.rejections import VersionMoved
from src.commands.view import Fact, View
from src.commands.wish import Held
from src.events.customer import Account
from src.events.identifiers import CUSTOMER, stream
from src.http.answers import answer
from src.http.controllers.customers import known_profile
from src.http.controllers.logins import GivenPassword
from src.http.guards import customers_only
from src.http.letter_requests import tell_of_new_password
from src.http.login_tokens import TokensDocument, begin_login
from src.http.passwords import Password
from src.http.refusals import InvalidCredentials
from src.http.shop import Shop
from src.http.shop_request import ShopRequest


class PasswordRequest(Struct, forbid_unknown_fields=True):
    """The password there is, and the one that is to be."""

    password: GivenPassword
    new_password: Annotated[Password, Meta(examples=["seven chai after noon"])]


class OwnPasswordController(Controller):
    """The caller's own password."""

    path = "/customers/me/password"
    tags = ["Customers"]

    @put(guards=[customers_only])
    async def change_password(
        self, shop: NamedDependency[Shop], request: ShopRequest, data: JSONBody[PasswordRequest]
    ) -> Response[TokensDocument]:
        """Choose another password, and get the tokens of a new login; every other login ends.

        401 `invalid-credentials` if `password` is wrong; wrong ones are counted with those
        of the login. A repetition whose first answer was lost is a login, and no more. With
        `If-Match`, 412 `version-moved`.
        """
        customer_id = request.customer().customer_id
        known = await _own_account(shop, customer_id)
        await shop.doors.pass_by("login", known.mailbox, request.seen.address)
        hashed, held = await shop.people.open_text(known.password), None
        if await shop.passwords.verify(hashed, data.password):
            held = await _change(shop, request, known, data.new_password)
            await shop.families.forget([customer_id])
        elif not await shop.passwords.verify(hashed, data.new_password):
            raise InvalidCredentials
        tokens = await begin_login(shop, await _own_account(shop, customer_id))
        if held is None:
            return answer(tokens)
        return answer(tokens, position=held.position, recorded_at=held.recorded_at)


async def _own_account(shop: Shop, customer_id: str) -> Account:
    return await shop.ledger.look(lambda view: account(view, customer_id))


async def _change(shop: Shop, request: ShopRequest, known: Account, new_password: str) -> Held:
    """Write the new password, unless the one that was shown is not the one any more."""
    customer_id = known.customer_id
    profile, _ = await known_profile(shop, customer_id)
    hashed = await shop.passwords.hash_new("new_password", new_password, profile.email)
    sealed = await shop.people.seal(customer_id, hashed)
    name = stream(CUSTOMER, customer_id)

    def decide(view: View) -> list[Fact]:
        if account(view, customer_id).password_changes != known.password_changes:
            raise VersionMoved(view.version(name))
        return choose_password(view, customer_id, sealed)

    rule = at_version(name, request.expected_version(), decide)
    held = await shop.ledger.transact(request.cause(), rule)
    await tell_of_new_password(shop, request, profile.email)
    return held
