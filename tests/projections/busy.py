"""A shop in which much happens at once, at random: every kind of fact that a read model handles."""

import random
from collections.abc import Iterator
from typing import Any

from src.events.case import CaseKind, CaseOpened, CaseResolved
from src.events.checkout import CheckoutCancelled
from src.events.dispute import DisputeMoved, DisputeOpened, DisputeStatus
from src.events.identifiers import CHECKOUT, ORDER, PAYMENT, PRODUCT, STOCK, WEBHOOK, stream
from src.events.order import OrderCancelled, OrderFulfilled
from src.events.payment import PaymentAuthorized, PaymentFailed
from src.events.product import ProductRevised
from src.events.refund import (
    RefundCause,
    RefundDropped,
    RefundEvent,
    RefundFailed,
    RefundFiled,
    RefundProcessed,
    RefundRefused,
    RefundRequested,
)
from src.events.stock import StockAdjusted, StockReturned
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
from tests.projections.people import coupon_lives, people
from tests.projections.shop import Shop

PRODUCTS = 4
OPEN_STORIES_MAX = 8


async def keep_busy(shop: Shop, stories: int, prefix: str = "busy") -> None:
    """Let so many stories happen, several at a time, a random number of facts an append."""
    begun = [*opening(PRODUCTS), *people(), *coupon_lives()]
    await shop.write(begun if prefix == "busy" else bought(f"{prefix}-first"))
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
    yield from _lives_on(name, products)
    if random.random() < 0.5:
        yield from _disputed(name)


def _lives_on(name: str, products: list[int]) -> Iterator[list[Fact]]:
    """The order is sent in parcels, or cancelled with goods and money back, or left alone."""
    order = f"ord_{name}"
    end = random.choice(["sent", "cancelled", "cancelled", "left alone"])
    if end == "sent":
        for n in range(random.randint(1, 3)):
            yield [(stream(ORDER, order), OrderFulfilled(order_id=order, reference=f"P-{n}"))]
    if end == "cancelled":
        cancelled = OrderCancelled(order_id=order, reason="sold twice")
        returned: list[Fact] = [
            (stream(STOCK, sku(n)), StockReturned(sku=sku(n), order_id=order, quantity=2))
            for n in products
        ]
        yield [(stream(ORDER, order), cancelled), *returned, *_refund(name, RefundRequested)]
        for news in random.choice(REFUND_NEWS):
            yield _refund(name, news)


REFUND_NEWS: tuple[tuple[type[RefundEvent], ...], ...] = (
    (),
    (RefundProcessed,),
    (RefundFiled, RefundProcessed),
    (RefundFiled, RefundFailed),
    (RefundRefused,),
    (RefundDropped,),
)


def _refund(name: str, kind: type[RefundEvent]) -> list[Fact]:
    said: dict[str, Any] = {
        "refund_id": f"refund_{name}",
        "razorpay_payment_id": f"pay_{name}",
        "razorpay_refund_id": f"rfnd_{name}",
        "order_id": f"ord_{name}",
        "amount": inr(500),
        "cause": RefundCause.ORDER_CANCELLED,
        "reason": "sold twice",
    }
    fields = kind.__struct_fields__
    event = kind(**{field: value for field, value in said.items() if field in fields})
    return [(stream(PAYMENT, f"order_{name}"), event)]


def _disputed(name: str) -> Iterator[list[Fact]]:
    payment, dispute = stream(PAYMENT, f"order_{name}"), f"disp_{name}"
    opened = DisputeOpened(dispute_id=dispute, razorpay_payment_id=f"pay_{name}", amount=inr(500))
    yield [(payment, opened)]
    status = random.choice([DisputeStatus.UNDER_REVIEW, DisputeStatus.WON, DisputeStatus.LOST])
    deducted = inr(500) if status is DisputeStatus.LOST else None
    yield [(payment, DisputeMoved(dispute_id=dispute, status=status, deducted=deducted))]


def _authorized(payment_id: str) -> PaymentAuthorized:
    method = random.choice([None, "upi", "card"])
    return PaymentAuthorized(razorpay_payment_id=payment_id, amount=inr(500), method=method)
