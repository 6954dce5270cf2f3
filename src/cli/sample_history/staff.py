"""What staff does: open the shop, order what runs low, count, change prices, see to cases."""

from contextlib import suppress
from datetime import timedelta
from functools import partial
from math import ceil
from random import Random

from msgspec.structs import replace

from src.cli.sample import open_sample
from src.cli.sample_history.aftercare import money_back
from src.cli.sample_history.chance import between, chance_of
from src.cli.sample_history.goods import COUPONS, SALE_COUPON, SALE_TERMS
from src.cli.sample_history.shop import SAMPLE, STAFF, SampleShop
from src.cli.sample_history.timeline import Life
from src.commands.decisions.cases import resolve_case
from src.commands.decisions.catalogue import (
    adjust_stock,
    define_coupon,
    define_shipping_method,
    list_product,
    receive_stock,
)
from src.commands.decisions.refunds import refund_case
from src.commands.rejections import StockIsPromised
from src.commands.view import View
from src.events.case import CaseKind, CaseOpened
from src.events.identifiers import CHECKOUT, PRODUCT, STOCK, Stream, key_of, stream
from src.events.money import Money
from src.events.shipping import METHODS, ShippingMethodDefined, ShippingRate

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
COVER_DAYS, ENOUGH_DAYS = 4.0, 12.0
"""What lasts less is ordered, and then so much of it."""
UNITS_MIN = 12
RECOUNT_SHARE = 0.01
"""Of all products, a day."""
NEW_PRICE_SHARE = 0.002
SEEN_TO_SHARE = 0.15
"""Of all open cases, a day."""
EXPRESS = ShippingMethodDefined(
    code="express",
    name="Express delivery, 1 to 2 days",
    rates=(
        ShippingRate(price=Money(14_900, "INR"), max_weight_grams=2_000),
        ShippingRate(price=Money(29_900, "INR"), max_weight_grams=15_000),
    ),
)


async def open_the_shop(shop: SampleShop) -> None:
    """Offer everything, with enough of it, and say how it is shipped."""
    rows = shop.goods.rows
    needs = [stream(kind, row.sku) for row in rows for kind in (PRODUCT, STOCK)]
    await shop.do(SAMPLE, lambda view: open_sample(view, rows), needs=[*needs, METHODS])
    await shop.do(SAMPLE, partial(define_shipping_method, method=EXPRESS))
    for code, terms in {**COUPONS, SALE_COUPON: SALE_TERMS}.items():
        await shop.do(SAMPLE, partial(define_coupon, code=code, terms=terms))
    await _order_what_runs_low(shop)


async def days_of_staff(shop: SampleShop) -> Life:
    """Come early every day and see to what is to be seen to."""
    chance = chance_of(shop.request.seed, "staff")
    while True:
        yield HOUR + between(chance, MINUTE, 30 * MINUTE)
        await _see_to_cases(shop, chance)
        yield HOUR
        await _count_again(shop, chance)
        await _change_prices(shop, chance)
        yield HOUR
        await _order_what_runs_low(shop)
        yield DAY - _since_opening(shop) % DAY


def _since_opening(shop: SampleShop) -> timedelta:
    return shop.timeline.now - shop.request.since


async def _order_what_runs_low(shop: SampleShop) -> None:
    """Count in what was ordered; at the end of the past more is sold than on its first days."""
    a_day = shop.request.orders / shop.request.days
    for sku, per_order in shop.goods.sold_per_order().items():
        sold = per_order * a_day
        available = await shop.ledger.glance(partial(_available, sku=sku))
        if available < max(UNITS_MIN / 2, sold * COVER_DAYS):
            units = max(UNITS_MIN, ceil(sold * ENOUGH_DAYS))
            delivery = f"GRN-{shop.timeline.now:%y%m%d}"
            rule = partial(receive_stock, sku=sku, quantity=units, reference=delivery)
            await shop.do(SAMPLE, rule, needs=[stream(STOCK, sku)])


async def _count_again(shop: SampleShop, chance: Random) -> None:
    """Find a unit less, or one more, than the book says."""
    for row in shop.goods.rows:
        if chance.random() >= RECOUNT_SHARE:
            continue
        delta = chance.choice((-2, -1, -1, 1))
        why = "found behind the shelf" if delta > 0 else "damaged in the store"
        rule = partial(adjust_stock, sku=row.sku, delta=delta, reason=why, counted_at=None)
        with suppress(StockIsPromised):
            await shop.do(SAMPLE, rule, needs=[stream(STOCK, row.sku)])


async def _change_prices(shop: SampleShop, chance: Random) -> None:
    for row in shop.goods.rows:
        if chance.random() < NEW_PRICE_SHARE:
            rupees = max(1, round(row.price * chance.uniform(0.92, 1.1) / 100))
            product = replace(row.product, price=Money(rupees * 100, row.currency))
            await shop.do(SAMPLE, partial(list_product, product=product))


async def _see_to_cases(shop: SampleShop, chance: Random) -> None:
    """Close some of the open cases; money that nobody owes us goes back."""
    waiting = list(shop.book.cases)
    shop.book.cases.clear()
    for about in waiting:
        if chance.random() >= SEEN_TO_SHARE or not await _close_cases(shop, about, chance):
            shop.book.cases.append(about)


async def _close_cases(shop: SampleShop, about: Stream, chance: Random) -> bool:
    """Close those that do not wait for a bank; return whether there is no other."""
    await shop.ledger.load([about])
    payment = await shop.ledger.glance(lambda view: view.payment(key_of(about)))
    cases = [case for _, case in sorted(payment.cases.items())]
    for case in cases:
        if case.kind is not CaseKind.DISPUTED:
            await _close(shop, about, case, chance)
    return all(case.kind is not CaseKind.DISPUTED for case in cases)


async def _close(shop: SampleShop, about: Stream, case: CaseOpened, chance: Random) -> None:
    """Give its money back where that is what is missing; a dispute closes by itself."""
    needs = [about, stream(CHECKOUT, case.checkout_session_id or "")]
    known = shop.bank.remembered.get(case.razorpay_payment_id or "")
    if known is None:
        rule = partial(resolve_case, note="Looked into, and closed.")
    else:
        rule = partial(refund_case, note="It goes back, once more.")
    await shop.do(STAFF, partial(rule, about=about, case_id=case.case_id), needs=needs)
    if known is not None:
        shop.timeline.begin(shop.timeline.now + MINUTE, money_back(shop, known, chance))


def _available(view: View, sku: str) -> int:
    return view.stock(sku).available
