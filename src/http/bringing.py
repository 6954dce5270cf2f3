"""A guest's cart that goes along with its buyer: at login, or whenever they say so later."""

import asyncio
from contextlib import suppress

from src.commands.decisions.own_cart import bring_cart, own_cart
from src.commands.rejections import Rejection, Unknown, VersionMoved
from src.commands.view import Fact, View
from src.commands.wish import Busy, Held
from src.events.envelope import Cause
from src.events.identifiers import CART, CUSTOMER, stream
from src.events.ports import DatabaseUnavailableError, OutcomeUnknownError
from src.http.auth import CustomerCaller, GuestCaller, actor
from src.http.documents.cart import CartDocument, cart_document
from src.http.shop import Shop
from src.http.shop_request import ShopRequest

LOGIN_WAITS_SECONDS = 2.0
"""So long may a cart keep a login waiting."""
_NOT_NOW = (Rejection, Busy, DatabaseUnavailableError, OutcomeUnknownError, TimeoutError)


async def bring(
    shop: Shop,
    request: ShopRequest,
    caller: CustomerCaller,
    cart_id: str,
    expected: int | None = None,
) -> Held:
    """Bring a cart of which the caller sent the secret; raises the rules' rejections.

    `expected` is the version of the account's own cart, VersionMoved if it has another.

    Account and carts are written in one append at the versions that were looked
    at: whoever changes one of them at the same moment is seen, or sees this.
    """
    customer_id, now = caller.customer_id, shop.clock()

    def decide(view: View) -> list[Fact]:
        _check_version(view, customer_id, expected)
        shop.check_cart(view, caller, cart_id)
        return bring_cart(view, customer_id, cart_id, now)

    cause = Cause(
        command_id=request.seen.command_id,
        correlation_id=request.seen.correlation_id,
        actor=actor(caller, cart_id),
    )
    needs = [stream(CUSTOMER, customer_id), stream(CART, cart_id)]
    return await shop.ledger.transact(cause, decide, needs=needs)


def _check_version(view: View, customer_id: str, expected: int | None) -> None:
    if expected is None:
        return
    own = own_cart(view, customer_id)
    version = 0 if own is None else view.version(stream(CART, own.cart_id))
    if version != expected:
        raise VersionMoved(version)


async def cart_at_login(
    shop: Shop, request: ShopRequest, customer_id: str, cart_id: str | None
) -> tuple[str | None, Held | None]:
    """Return the cart that the account fills, after bringing along the one the guest named.

    Nothing about a cart keeps anybody from logging in. One that could not be
    brought is where it was, or comes a little later; to bring it again is safe.
    """
    held = None
    if cart_id is not None:
        with suppress(*_NOT_NOW):
            async with asyncio.timeout(LOGIN_WAITS_SECONDS):
                held = await bring(shop, request, _now_known(request, customer_id), cart_id)
    own = None
    with suppress(Rejection):  # Erased since; its tokens will tell.
        own = await shop.ledger.look(
            lambda view: own_cart(view, customer_id), needs=[stream(CUSTOMER, customer_id)]
        )
    return None if own is None else own.cart_id, held


def _now_known(request: ShopRequest, customer_id: str) -> CustomerCaller:
    """Return who the caller is after logging in: the same secret, and a name."""
    match request.caller:
        case GuestCaller(secret) | CustomerCaller(secret=str(secret)):
            return CustomerCaller(customer_id, secret)
        case _:
            return CustomerCaller(customer_id)


def shown_own_cart(shop: Shop, view: View, customer_id: str) -> tuple[CartDocument, int]:
    """Show the cart that an account fills, with the version of its stream."""
    own = own_cart(view, customer_id)
    if own is None:
        raise Unknown("open cart", "of this account")
    document = cart_document(view, own.cart_id, shop.clock())
    return document, view.version(stream(CART, own.cart_id))
