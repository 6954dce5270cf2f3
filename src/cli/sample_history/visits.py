"""Visits from the first click to their end, each a life on the timeline."""

from collections.abc import Callable
from datetime import timedelta

from msgspec.structs import replace

from src.cli.sample_history.aftercare import aftercare, money_back
from src.cli.sample_history.chance import between
from src.cli.sample_history.fates import Fate
from src.cli.sample_history.instruments import captured, failed
from src.cli.sample_history.timeline import Life
from src.cli.sample_history.visitor import Visitor
from src.commands.rejections import CouponNotApplicable
from src.http.sandbox.entities import Payment

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
A_LITTLE_LATER = 200 * timedelta(milliseconds=1)
AT_ONCE_SHARE = 0.4
"""Of those who ask for the intent without a session of its own before."""
ORDER_PAID_FIRST_SHARE, ORDER_PAID_AFTER_SHARE = 0.04, 0.16
"""The same money is told of twice, in either order."""
AGAIN_SHARE = 0.015
"""Of all deliveries, those that come twice."""
DUE_MISSED_PAISE = 100


async def visit(visitor: Visitor) -> Life:
    """Come, look around, and do what is fated."""
    async for pause in _filling(visitor):
        yield pause
    async for pause in _LIVES[visitor.plan.fate](visitor):
        yield pause


async def _filling(visitor: Visitor) -> Life:
    chance = visitor.plan.chance
    await visitor.open_cart()
    for sku, quantity in visitor.plan.basket.items():
        yield between(chance, 4 * SECOND, 3 * MINUTE)
        await visitor.take(sku, quantity)
    if visitor.plan.coupon is not None:
        yield between(chance, 5 * SECOND, MINUTE)
        try:
            await visitor.use_coupon(visitor.plan.coupon)
        except CouponNotApplicable:
            return  # Their cart is too small for it: they go on without.


async def _buying(visitor: Visitor) -> Life:
    chance = visitor.plan.chance
    yield between(chance, 10 * SECOND, 4 * MINUTE)
    session: str | None = None
    if chance.random() > AT_ONCE_SHARE:
        session = await visitor.check_out()
        yield between(chance, 20 * SECOND, 5 * MINUTE)
    session, order = await visitor.ask_to_pay(session)
    async for pause in _paying(visitor, session, order):
        yield pause


async def _paying(visitor: Visitor, session: str, order: str, tried: int = 0) -> Life:
    """Pay in time, and be told so by the bank's side."""
    chance = visitor.plan.chance
    yield between(chance, 15 * SECOND, 6 * MINUTE)
    payment = await _tried(visitor, order, tried)
    yield between(chance, 2 * SECOND, 12 * SECOND)
    async for pause in _money_comes(visitor, session, captured(payment)):
        yield pause


async def _money_comes(visitor: Visitor, session: str, payment: Payment) -> Life:
    """Tell that money was taken, and follow what becomes of it."""
    shop, chance = visitor.shop, visitor.plan.chance
    paid = shop.bank.paid_order(payment, session)
    if (order_paid := chance.random()) < ORDER_PAID_FIRST_SHARE:
        await shop.bank.tell("order.paid", payment, paid)
        yield A_LITTLE_LATER
    await shop.bank.tell("payment.captured", payment, again=chance.random() < AGAIN_SHARE)
    yield A_LITTLE_LATER
    if order_paid > 1 - ORDER_PAID_AFTER_SHARE:
        await shop.bank.tell("order.paid", payment, paid)
    life = money_back(shop, payment, chance)
    order_id = await visitor.order_of(session)
    if order_id is not None:
        life = aftercare(shop, visitor, order_id, payment)
    async for pause in life:
        yield pause


async def _failing(visitor: Visitor) -> Life:
    """Fail to pay, and try once more in a new session if that is fated."""
    chance = visitor.plan.chance
    yield between(chance, 10 * SECOND, 4 * MINUTE)
    _, order = await visitor.ask_to_pay(None)
    yield between(chance, 20 * SECOND, 6 * MINUTE)
    payment = await _tried(visitor, order)
    await visitor.shop.bank.tell("payment.failed", failed(payment, chance))
    if visitor.plan.fate is Fate.BUYS_AT_SECOND_TRY:
        yield between(chance, 20 * SECOND, 20 * MINUTE)
        session, order = await visitor.ask_to_pay(None)
        async for pause in _paying(visitor, session, order):
            yield pause


async def _paying_after_failure(visitor: Visitor) -> Life:
    """Mistype the PIN, and get it right in the same payment."""
    chance = visitor.plan.chance
    yield between(chance, 10 * SECOND, 4 * MINUTE)
    session, order = await visitor.ask_to_pay(None)
    yield between(chance, 20 * SECOND, 3 * MINUTE)
    payment = await _tried(visitor, order)
    await visitor.shop.bank.tell("payment.failed", failed(payment, chance))
    yield between(chance, 8 * SECOND, MINUTE)
    async for pause in _money_comes(visitor, session, captured(payment)):
        yield pause


async def _paying_oddly(visitor: Visitor) -> Life:
    """Pay when it is too late, or another amount: both of it is told after the session's end."""
    chance = visitor.plan.chance
    yield between(chance, 10 * SECOND, 4 * MINUTE)
    session, order = await visitor.ask_to_pay(None)
    yield between(chance, MINUTE, 5 * MINUTE)
    payment = await _tried(visitor, order)
    if visitor.plan.fate is Fate.PAYS_TOO_LITTLE:
        payment = replace(payment, amount=payment.amount - DUE_MISSED_PAISE)
        visitor.shop.bank.remembered[payment.id] = captured(payment)
        await visitor.shop.bank.tell("payment.captured", captured(payment))
    yield await visitor.expires_in(session) + A_LITTLE_LATER
    await visitor.expire(session)
    if visitor.plan.fate is Fate.PAYS_LATE:
        yield between(chance, MINUTE, 9 * HOUR)
        async for pause in _money_comes(visitor, session, captured(payment)):
            yield pause


async def _paying_twice(visitor: Visitor) -> Life:
    """Pay in one session what is captured in an earlier one as well."""
    chance = visitor.plan.chance
    yield between(chance, 10 * SECOND, 4 * MINUTE)
    first, first_order = await visitor.ask_to_pay(None)
    yield between(chance, 20 * SECOND, 3 * MINUTE)
    payment = await _tried(visitor, first_order)
    yield between(chance, MINUTE, 4 * MINUTE)
    await visitor.cancel(first)
    yield between(chance, 10 * SECOND, 2 * MINUTE)
    second, second_order = await visitor.ask_to_pay(None)
    late = _late(visitor, first, payment)
    visitor.shop.timeline.begin(visitor.shop.timeline.now + between(chance, MINUTE, HOUR), late)
    async for pause in _paying(visitor, second, second_order):
        yield pause


async def _late(visitor: Visitor, session: str, payment: Payment) -> Life:
    async for pause in _money_comes(visitor, session, captured(payment)):
        yield pause


async def _leaving_checkout(visitor: Visitor) -> Life:
    chance = visitor.plan.chance
    yield between(chance, 10 * SECOND, 4 * MINUTE)
    session = await visitor.check_out()
    async for pause in _ending(visitor, session, cancels=Fate.CANCELS_CHECKOUT):
        yield pause


async def _leaving_payment(visitor: Visitor) -> Life:
    chance = visitor.plan.chance
    yield between(chance, 10 * SECOND, 4 * MINUTE)
    session, _ = await visitor.ask_to_pay(None)
    async for pause in _ending(visitor, session, cancels=Fate.CANCELS_PAYMENT):
        yield pause


async def _ending(visitor: Visitor, session: str, *, cancels: Fate) -> Life:
    """Cancel, or go away and let the session expire."""
    if visitor.plan.fate is cancels:
        yield between(visitor.plan.chance, 20 * SECOND, 9 * MINUTE)
        await visitor.cancel(session)
    else:
        yield await visitor.expires_in(session) + A_LITTLE_LATER
        await visitor.expire(session)


async def _tried(visitor: Visitor, order: str, tried: int = 0) -> Payment:
    known = visitor.plan.known
    assert known is not None
    due = await visitor.due(order)
    return visitor.shop.bank.payment(order, tried, due, known.person)


async def _leaving_cart(visitor: Visitor) -> Life:
    """Come back on another day, perhaps."""
    yield between(visitor.plan.chance, MINUTE, HOUR)


_LIVES: dict[Fate, Callable[[Visitor], Life]] = {
    Fate.BUYS: _buying,
    Fate.BUYS_AT_SECOND_TRY: _failing,
    Fate.FAILS: _failing,
    Fate.PAYS_AFTER_FAILURE: _paying_after_failure,
    Fate.PAYS_LATE: _paying_oddly,
    Fate.PAYS_TOO_LITTLE: _paying_oddly,
    Fate.PAYS_TWICE: _paying_twice,
    Fate.LEAVES_CART: _leaving_cart,
    Fate.LEAVES_CHECKOUT: _leaving_checkout,
    Fate.CANCELS_CHECKOUT: _leaving_checkout,
    Fate.LEAVES_PAYMENT: _leaving_payment,
    Fate.CANCELS_PAYMENT: _leaving_payment,
}
