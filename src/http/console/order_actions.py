"""What staff do to an order: a page that says what will happen, and a form that does it."""

from typing import Annotated

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from msgspec import Meta, Struct

from src.events.money import AMOUNT_MAX, Money
from src.http.console.amounts import amount_in
from src.http.console.forms import form
from src.http.console.order import left_of
from src.http.console.render import Console, go_to, show
from src.http.documents.order import full_order
from src.http.fields import Reference, Why, Words
from src.http.order_changes import cancel, fulfil, give_back_soon, refund, standing_order
from src.http.parameters import IdInPath
from src.http.refusals import InvalidInput
from src.http.shop import Shop
from src.http.shop_request import ShopRequest

AMOUNT_LENGTH_MAX = 24
MINOR_UNITS = f"^(?:[1-9][0-9]{{0,{len(str(AMOUNT_MAX)) - 2}}}|{AMOUNT_MAX})$"
"""From 1 to AMOUNT_MAX."""


class CancelForm(Struct, forbid_unknown_fields=True):
    """Why; the buyer reads it."""

    reason: Words


class RefundForm(Struct, forbid_unknown_fields=True):
    """How much, in the currency's own units or as all that the page said is left, and why."""

    reason: Words
    amount: Annotated[str, Meta(max_length=AMOUNT_LENGTH_MAX)] | None = None
    all: Annotated[str, Meta(pattern=MINOR_UNITS)] | None = None


class FulfilForm(Struct, forbid_unknown_fields=True):
    """The parcel that left."""

    reference: Reference
    reason: Why | None = None


class OrderActions(Controller):
    """What becomes of an order."""

    path = "/console/orders/{order_id:str}"

    @get("/cancel")
    async def cancel_page(
        self,
        shop: NamedDependency[Shop],
        console: NamedDependency[Console],
        request: ShopRequest,
        order_id: IdInPath,
    ) -> Response[None]:
        """Say what a cancellation does."""
        return await _asking(shop, console, request, order_id, "cancel.html")

    @post("/cancel")
    async def cancel(
        self, shop: NamedDependency[Shop], request: ShopRequest, order_id: IdInPath
    ) -> Response[None]:
        """Cancel the order."""
        changed = await cancel(shop, request, order_id, form(request, CancelForm).reason)
        give_back_soon(shop, changed.placed)
        return _done(order_id, "cancelled")

    @get("/refund")
    async def refund_page(
        self,
        shop: NamedDependency[Shop],
        console: NamedDependency[Console],
        request: ShopRequest,
        order_id: IdInPath,
    ) -> Response[None]:
        """Say what a refund does."""
        return await _asking(shop, console, request, order_id, "refund.html")

    @post("/refund")
    async def refund(
        self, shop: NamedDependency[Shop], request: ShopRequest, order_id: IdInPath
    ) -> Response[None]:
        """Give money back."""
        said = form(request, RefundForm)
        then = await standing_order(shop, order_id)
        amount = _amount(said, then.order.totals.total.currency)
        changed, _ = await refund(shop, request, order_id, amount, said.reason)
        give_back_soon(shop, changed.placed)
        return _done(order_id, "refunded")

    @get("/fulfil")
    async def fulfil_page(
        self,
        shop: NamedDependency[Shop],
        console: NamedDependency[Console],
        request: ShopRequest,
        order_id: IdInPath,
    ) -> Response[None]:
        """Ask for the parcel that left."""
        return await _asking(shop, console, request, order_id, "fulfil.html")

    @post("/fulfil")
    async def fulfil(
        self, shop: NamedDependency[Shop], request: ShopRequest, order_id: IdInPath
    ) -> Response[None]:
        """Note that a parcel left."""
        said = form(request, FulfilForm)
        await fulfil(shop, request, order_id, said.reference, said.reason)
        return _done(order_id, "fulfilled")


async def _asking(
    shop: Shop, console: Console, request: ShopRequest, order_id: str, template: str
) -> Response[None]:
    order = await full_order(await standing_order(shop, order_id), shop.people)
    return show(console, request, template, order=order, left=left_of(order))


def _amount(said: RefundForm, currency: str) -> Money:
    """Return what was asked for in so many words: never more than somebody has seen."""
    if said.all is not None and said.amount is not None:
        raise InvalidInput.of("amount", "must be empty where all that is left is to go back")
    if said.all is not None:
        return Money(int(said.all), currency)
    if said.amount is None:
        raise InvalidInput.of("amount", "must be said, unless all that is left is to go back")
    return amount_in("amount", said.amount, currency)


def _done(order_id: str, word: str) -> Response[None]:
    return go_to(f"/console/orders/{order_id}?done={word}")
