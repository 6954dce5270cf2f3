"""A shop in which much happens at once, at random: every kind of fact that a read model handles."""

import random
from collections.abc import Iterator

from src.events.case import CaseKind, CaseOpened, CaseResolved
from src.events.checkout import CheckoutCancelled
from src.events.identifiers import CHECKOUT, PAYMENT, PRODUCT, STOCK, WEBHOOK, stream
from src.events.payment import PaymentAuthorized, PaymentFailed
from src.events.product import ProductRevised
from src.events.stock import StockAdjusted
from src.events.webhook import WebhookParked
from tests.projections.facts import (
    Fact,
    asked_for_money,
    begun,
    bought,
    delivered,
    expired,
    inr,
    opening,
    paid,
    sku,
)
from tests.projections.shop import Shop

PRODUCTS = 4
OPEN_STORIES_MAX = 8


async def keep_busy(shop: Shop, stories: int, prefix: str = "busy") -> None:
    """Let so many stories happen, several at a time, a random number of facts an append."""
    await shop.write([*opening(PRODUCTS)] if prefix == "busy" else bought(f"{prefix}-first"))
    waiting = [story(f"{prefix}-{n}") for n in range(stories)]
    told = [waiting.pop() for _ in range(min(OPEN_STORIES_MAX, len(waiting)))]
    while told:
        facts: list[Fact] = []
        for _ in range(random.randint(1, 4)):
            one = random.choice(told) if told else iter(())
            chapter = next(one, None)
            if chapter is not None:
                facts += chapter
            elif one in told:
                told.remove(one)
                told += [waiting.pop()] if waiting else []
        if facts:
            await shop.write(facts)


def story(name: str) -> Iterator[list[Fact]]:
    """Tell, chapter by chapter, what becomes of one buyer."""
    products = random.sample(range(PRODUCTS), random.randint(1, 3))
    yield begun(name, products)
    end = random.choice(["never heard of again", "expires", "cancels", "fails", "buys", "buys"])
    if end == "never heard of again":
        return
    if end == "expires":
        yield expired(name, products)
        return
    if end == "cancels":
        yield [(stream(CHECKOUT, f"chk_{name}"), CheckoutCancelled(reason="buyer"))]
        return
    yield asked_for_money(name, products)
    yield from _news(name, products, end)


def _news(name: str, products: list[int], end: str) -> Iterator[list[Fact]]:
    payment, pay = stream(PAYMENT, f"order_{name}"), f"pay_{name}"
    received, handled = delivered(name, "authorized")
    yield [received]
    parked = WebhookParked(name="payment.authorized", razorpay_order_id=None, reason="too early")
    if random.random() < 0.5:
        yield [(stream(WEBHOOK, f"authorized-{name}"), parked)]
    yield [handled, (payment, _authorized(pay))]
    if end == "fails":
        failed = PaymentFailed(
            razorpay_payment_id=pay, amount=inr(1), method="card", reason="declined"
        )
        case = CaseOpened(
            case_id=f"case_{name}",
            kind=CaseKind.WRONG_AMOUNT,
            reason="1 paisa short",
            razorpay_order_id=f"order_{name}",
            razorpay_payment_id=pay,
            amount=random.choice([None, inr(99)]),
        )
        yield [(payment, failed), (payment, case)]
        if random.random() < 0.5:
            yield [(payment, CaseResolved(case_id=f"case_{name}", note="by hand"))]
        return
    yield paid(name, products)
    n = random.randrange(PRODUCTS)
    revised = ProductRevised(sku=sku(n), name=f"After {name}", price=inr(7), weight_grams=3)
    adjusted = StockAdjusted(sku=sku(n), delta=random.choice([-1, 5]), reason="counted")
    yield [(stream(PRODUCT, sku(n)), revised), (stream(STOCK, sku(n)), adjusted)]


def _authorized(payment_id: str) -> PaymentAuthorized:
    method = random.choice([None, "upi", "card"])
    return PaymentAuthorized(razorpay_payment_id=payment_id, amount=inr(500), method=method)
