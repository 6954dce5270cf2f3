"""Changing an order: decided on what its streams say, answered as it then stands."""

from litestar import Response
from msgspec import Struct

from src.commands.decisions.orders import cancel_order, fulfil_order
from src.commands.decisions.preconditions import at_version
from src.commands.decisions.refunds import refund_order
from src.commands.rejections import Unknown
from src.commands.view import Decide, View
from src.commands.wish import Held
from src.events.identifiers import ORDER, derived, public_id, stream
from src.events.money import Money
from src.events.order import NoOrder, OrderPlaced
from src.http.answers import held_answer
from src.http.documents.order import FullOrder, full_order
from src.http.preconditions import expected_of
from src.http.shop import Shop
from src.http.shop_request import ShopRequest
from src.queries.as_of import StandingOrder, order_as_of
from src.queries.history import Moment


class Changed(Struct, frozen=True):
    """An order that was changed, and where in the book that holds."""

    placed: OrderPlaced
    held: Held


async def cancel(shop: Shop, request: ShopRequest, order_id: str, reason: str) -> Changed:
    """Cancel an order; `give_back_soon` comes after the answer."""
    placed = await shop.ledger.glance(lambda view: placed_order(view, order_id))
    held = await change(shop, request, placed, lambda view: cancel_order(view, order_id, reason))
    return Changed(placed, held)


async def fulfil(
    shop: Shop, request: ShopRequest, order_id: str, reference: str, reason: str | None
) -> Changed:
    """Note that a parcel left."""
    placed = await shop.ledger.glance(lambda view: placed_order(view, order_id))
    held = await change(
        shop, request, placed, lambda view: fulfil_order(view, order_id, reference), reason
    )
    return Changed(placed, held)


async def refund(
    shop: Shop, request: ShopRequest, order_id: str, amount: Money | None, reason: str
) -> tuple[Changed, str]:
    """Wish for money to go back, all that is left unless said; `give_back_soon` comes after.

    Returns the refund's id as well.
    """
    placed = await shop.ledger.glance(lambda view: placed_order(view, order_id))
    refund_id = public_id("refund", derived(request.seen.command_id, "refund"))
    held = await change(
        shop,
        request,
        placed,
        lambda view: refund_order(view, order_id, amount, reason, refund_id),
    )
    return Changed(placed, held), refund_id


def placed_order(view: View, order_id: str) -> OrderPlaced:
    """Return an order as it was placed; raises Unknown."""
    order = view.order(order_id)
    if isinstance(order, NoOrder):
        raise Unknown("order", order_id)
    return order.order


async def change(
    shop: Shop, request: ShopRequest, placed: OrderPlaced, rule: Decide, reason: str | None = None
) -> Held:
    """Write what the rule decides, if the order is at the version that If-Match names.

    A reason is for facts that have no words of their own.
    """
    # The answer tells of the buyer, whoever asked for the change.
    request.seen.about = placed.customer_id
    name = stream(ORDER, placed.order_id)
    return await shop.ledger.transact(
        request.cause(placed.cart_id, reason),
        at_version(name, await expected_of(shop, request, name), rule),
        needs=[name],
    )


async def standing_order(shop: Shop, order_id: str, as_of: Moment | None = None) -> StandingOrder:
    """Return an order as it stands, or as it stood; raises Unknown."""
    found = await order_as_of(shop.book, order_id, as_of)
    if found is None:
        raise Unknown("order", order_id)
    return found


async def changed_order(
    shop: Shop, order_id: str, held: Held, status: int = 200
) -> Response[FullOrder]:
    """Answer a change with the whole order."""
    then = await standing_order(shop, order_id)
    return held_answer(await full_order(then, shop.people), then.version, held, status=status)


def give_back_soon(shop: Shop, placed: OrderPlaced) -> None:
    """Ask Razorpay for the refunds of an order, once the answer says what is wished for."""
    if placed.payment is not None:
        shop.carry_out_soon(placed.payment.razorpay_order_id)
