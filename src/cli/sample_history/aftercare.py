"""What follows a payment: parcels, second thoughts, refunds, and now and then a dispute."""

from datetime import datetime, time, timedelta
from random import Random
from typing import Protocol

from msgspec.structs import replace

from src.cli.sample_history.chance import between
from src.cli.sample_history.shop import STAFF, SampleShop
from src.cli.sample_history.timeline import Life
from src.commands.decisions.catalogue import adjust_stock
from src.commands.decisions.orders import cancel_order, fulfil_order
from src.commands.decisions.refunds import refund_order
from src.events.identifiers import CHECKOUT, ORDER, PAYMENT, STOCK, public_id, stream
from src.events.money import Money
from src.events.order import NoOrder, OrderPlaced
from src.events.refund import RefundProgress
from src.http.sandbox.entities import Dispute, Payment

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
CANCELLED_SHARE = 0.017
PARTLY_BACK_SHARE, WHOLLY_BACK_SHARE = 0.022, 0.010
DISPUTED_SHARE = 0.003
LOST_SHARE = 0.35
"""Of all disputes."""
REFUND_FAILS_SHARE = 0.012
PARTS_PERCENT = (20, 25, 30, 50)
WHOLE_REASONS = ("Not what I expected.", "It came broken.", "It came too late.")
PART_REASONS = ("One cup came broken.", "One item was missing.", "A discount was promised.")
STAFF_CANCELS = "The last box was damaged."
SHOPPER_CANCELS = "cancelled by the customer"
PARCELS_LEAVE, PARCELS_FOR = time(10, 30), 6 * HOUR
SUNDAY = 6


class Shopper(Protocol):
    """Who bought."""

    @property
    def actor(self) -> str: ...
    @property
    def chance(self) -> Random: ...


async def aftercare(shop: SampleShop, shopper: Shopper, order_id: str, payment: Payment) -> Life:
    """Live an order on."""
    chance = shopper.chance
    if chance.random() < CANCELLED_SHARE:
        life = _cancelling(shop, shopper, order_id, payment)
    else:
        life = _sending(shop, chance, order_id, payment)
    async for pause in life:
        yield pause


async def _cancelling(shop: SampleShop, shopper: Shopper, order_id: str, payment: Payment) -> Life:
    chance = shopper.chance
    yield between(chance, 10 * SECOND, 9 * HOUR)
    actor, reason = chance.choice(((shopper.actor, SHOPPER_CANCELS), (STAFF, STAFF_CANCELS)))
    await shop.do(actor, lambda view: cancel_order(view, order_id, reason))
    async for pause in money_back(shop, payment, chance):
        yield pause


async def _sending(shop: SampleShop, chance: Random, order_id: str, payment: Payment) -> Life:
    yield _until_parcels_leave(shop) + between(chance, 0 * SECOND, PARCELS_FOR)
    reference = f"EXP-{chance.randrange(10**8):08}"
    await shop.do(
        STAFF, lambda view: fulfil_order(view, order_id, reference), needs=[stream(ORDER, order_id)]
    )
    fate = chance.random()
    if fate < PARTLY_BACK_SHARE + WHOLLY_BACK_SHARE:
        life = _refunding(shop, chance, order_id, payment, is_whole=fate < WHOLLY_BACK_SHARE)
    elif fate > 1 - DISPUTED_SHARE:
        life = _disputing(shop, chance, payment)
    else:
        return
    async for pause in life:
        yield pause


async def _refunding(
    shop: SampleShop, chance: Random, order_id: str, payment: Payment, *, is_whole: bool
) -> Life:
    yield between(chance, DAY, 10 * DAY)
    order = await _order(shop, order_id)
    amount = None if is_whole else _part(order, chance)
    reason = chance.choice(WHOLE_REASONS if is_whole else PART_REASONS)
    refund_id = public_id("refund", shop.ids.new())
    needs = [
        stream(PAYMENT, payment.order_id or ""),
        stream(CHECKOUT, order.checkout_session_id),
    ]
    await shop.do(
        STAFF,
        lambda view: refund_order(view, order_id, amount, reason, refund_id),
        needs=needs,
    )
    async for pause in money_back(shop, payment, chance):
        yield pause
    if is_whole:
        await _back_on_the_shelf(shop, order)


def _part(order: OrderPlaced, chance: Random) -> Money:
    total = order.totals.total
    return Money(max(100, total.amount * chance.choice(PARTS_PERCENT) // 100), total.currency)


async def _back_on_the_shelf(shop: SampleShop, order: OrderPlaced) -> None:
    line = order.lines[0]
    await shop.do(
        STAFF,
        lambda view: adjust_stock(view, line.sku, line.quantity, "came back as new", None),
        needs=[stream(STOCK, line.sku)],
    )


async def money_back(shop: SampleShop, payment: Payment, chance: Random) -> Life:
    """Carry out what is to be asked of Razorpay, and tell how each refund ends."""
    order = payment.order_id or ""
    for errand in await shop.errands.left_of(order):
        await shop.errands.carry_out(errand, shop.timeline.now)
    state = await shop.ledger.glance(lambda view: view.payment(order))
    filed = [
        (refund_id, refund.amount.amount)
        for refund_id, refund in sorted(state.refunds.items())
        if refund.progress is RefundProgress.FILED and refund.razorpay_payment_id == payment.id
    ]
    for refund_id, amount in filed:
        yield between(chance, HOUR, 4 * DAY)
        ends = "failed" if chance.random() < REFUND_FAILS_SHARE else "processed"
        if ends == "failed":
            shop.bank.remembered[payment.id] = payment
        refund = shop.bank.refund(payment, refund_id, amount, ends)
        await shop.bank.tell(f"refund.{ends}", refund, payment)


async def _disputing(shop: SampleShop, chance: Random, payment: Payment) -> Life:
    yield between(chance, 2 * DAY, 20 * DAY)
    dispute = Dispute(
        id=shop.bank.acquirer.id_of("disp_", payment.id),
        payment_id=payment.id,
        amount=payment.amount,
        currency=payment.currency,
        amount_deducted=0,
        reason_code=chance.choice(("goods_not_received", "goods_not_as_described", "fraudulent")),
        respond_by=shop.bank.seconds() + 7 * DAY // SECOND,
        status="open",
        phase="chargeback",
        created_at=shop.bank.seconds(),
        evidence={},
    )
    await shop.bank.tell("payment.dispute.created", dispute, payment)
    yield between(chance, HOUR, 5 * DAY)
    reviewed = replace(dispute, status="under_review")
    await shop.bank.tell("payment.dispute.under_review", reviewed, payment)
    yield between(chance, 2 * DAY, 15 * DAY)
    is_lost = chance.random() < LOST_SHARE
    ends, deducted = ("lost", dispute.amount) if is_lost else ("won", 0)
    ended = replace(dispute, status=ends, amount_deducted=deducted)
    await shop.bank.tell(f"payment.dispute.{ends}", ended, payment)


async def _order(shop: SampleShop, order_id: str) -> OrderPlaced:
    order = await shop.ledger.glance(lambda view: view.order(order_id))
    assert not isinstance(order, NoOrder)
    return order.order


def _until_parcels_leave(shop: SampleShop) -> timedelta:
    """Return how long it is until the next time that they do; never on a Sunday."""
    local = shop.timeline.now.astimezone(shop.zone)
    day = local.date()
    leaves = datetime.combine(day, PARCELS_LEAVE, shop.zone)
    while leaves <= local or leaves.weekday() == SUNDAY:
        day += DAY
        leaves = datetime.combine(day, PARCELS_LEAVE, shop.zone)
    return leaves - local
