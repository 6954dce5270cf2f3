"""What is bought and given back in the histories of analysts' tests, at random or by hand."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from hypothesis import strategies as some
from msgspec import Struct

from src.events.capture import CaptureMode
from src.events.identifiers import ORDER, PAYMENT, stream
from src.events.money import Money, percent_of, spread
from src.events.order import OrderCancelled, OrderFulfilled, OrderPayment, OrderPlaced
from src.events.payment import PaymentCaptured, PaymentOrderOpened
from src.events.pricing import AppliedCoupon, PricedLine, ShippingChoice, totals_of
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
from tests.analytics.books import Moment
from tests.projections.facts import BOX, MAILBOX, Fact

PRICES = {"TEA": 32_000, "CUP": 14_900, "PIN": 50, "=POT": 7}
"""In minor units, by SKU."""
SOMETIMES_NAMED = ("upi", "card", None)
LATER: dict[type[RefundEvent], tuple[type[RefundEvent], ...]] = {
    RefundRequested: (RefundDropped, RefundRefused, RefundFiled, RefundProcessed, RefundFailed),
    RefundDropped: (RefundFiled, RefundProcessed, RefundFailed),
    RefundRefused: (RefundFiled, RefundProcessed, RefundFailed),
    RefundFiled: (RefundProcessed, RefundFailed),
    RefundProcessed: (RefundFailed,),
    RefundFailed: (),
}
"""What may become of a refund: it only goes forward."""


class Bought(NamedTuple):
    """Somebody pays for an order."""

    quantities: dict[str, int]
    percent_off: int = 0
    shipping: int = 4_900
    currency: str = "INR"


class Began(NamedTuple):
    """The first word of a refund, of an order's money or of nobody's."""

    order: int
    amount: int
    kind: type[RefundRequested | RefundFiled | RefundProcessed | RefundFailed] = RefundRequested
    of_order: bool = True


class Moved(NamedTuple):
    """A later word of a refund, if there is one left to say."""

    refund: int
    choice: int
    amount: int


class Ended(NamedTuple):
    """What becomes of the goods of an order."""

    order: int
    kind: type[OrderFulfilled | OrderCancelled]


Deed = Bought | Began | Moved | Ended
Deeds = Sequence[tuple[int, Deed]]
"""Each with the minutes that pass before it."""

BEGINNINGS = tuple(
    datetime.fromisoformat(each).replace(tzinfo=UTC)
    for each in ("2026-03-28T20:07", "2026-10-24T20:59", "2025-12-29T22:10", "2026-02-27T18:29")
)
"""Before clocks change in Europe, a year and a month end."""
minutes = some.sampled_from([0, 1, 7, 14, 15, 16, 29, 31, 59, 61, 345, 721, 1_441, 4_321, 20_161])
small = some.integers(0, 40)
amounts = some.integers(1, 50_000)
bought = some.builds(
    Bought,
    some.dictionaries(
        some.sampled_from(sorted(PRICES)), some.integers(1, 5), min_size=1, max_size=3
    ),
    some.sampled_from([0, 0, 10, 33, 100]),
    some.sampled_from([0, 4_900, 12_345]),
    some.sampled_from(["INR", "INR", "INR", "USD"]),
)
began = some.builds(
    Began,
    small,
    amounts,
    some.sampled_from(
        [RefundRequested, RefundRequested, RefundFiled, RefundProcessed, RefundFailed]
    ),
    some.sampled_from([True, True, False]),
)
moved = some.builds(Moved, small, small, amounts)
ENDS: tuple[type[OrderFulfilled | OrderCancelled], ...] = (OrderFulfilled, OrderCancelled)
ended = some.builds(Ended, small, some.sampled_from(ENDS))
deeds = some.lists(
    some.tuples(minutes, some.one_of(bought, bought, began, moved, moved, ended)), max_size=25
)


def told(begin: datetime, history: Deeds) -> Iterator[Moment]:
    """Tell as facts what happened; what cannot happen is left out."""
    teller, at = _Teller(), begin
    for passed, deed in history:
        at += timedelta(minutes=passed)
        facts = teller.facts(deed)
        if facts:
            yield Moment(at, facts)


class _Teller:
    """Knows what there is to give back."""

    def __init__(self) -> None:
        self._orders: list[Bought] = []
        self._ended: dict[int, type[Struct]] = {}
        self._refunds: list[tuple[str, dict[str, Any], type[RefundEvent]]] = []

    def facts(self, deed: Deed) -> list[Fact]:
        match deed:
            case Bought():
                self._orders.append(deed)
                return purchase(f"{len(self._orders) - 1}", deed)
            case _ if not self._orders:
                return []
            case Began():
                return self._begin(deed)
            case Moved():
                return self._move(deed)
            case Ended():
                return self._end(deed)

    def _begin(self, deed: Began) -> list[Fact]:
        order = deed.order % len(self._orders)
        n, currency = len(self._refunds), self._orders[order].currency
        said = {
            "refund_id": f"refund_{n}",
            "razorpay_refund_id": f"rfnd_{n}",
            "razorpay_payment_id": f"pay_{order}",
            "order_id": f"ord_{order}" if deed.of_order else None,
            "amount": Money(deed.amount, currency),
            "cause": RefundCause.STAFF,
            "reason": "broken",
        }
        name = stream(PAYMENT, f"order_{order}")
        self._refunds.append((name, said, deed.kind))
        return [(name, _refund(deed.kind, said))]

    def _move(self, deed: Moved) -> list[Fact]:
        if not self._refunds:
            return []
        place = deed.refund % len(self._refunds)
        name, said, last = self._refunds[place]
        if not LATER[last]:
            return []
        kind = LATER[last][deed.choice % len(LATER[last])]
        # Razorpay may say another amount than was asked for.
        said = said | {"amount": Money(deed.amount, said["amount"].currency)}
        self._refunds[place] = (name, said, kind)
        return [(name, _refund(kind, said))]

    def _end(self, deed: Ended) -> list[Fact]:
        order = deed.order % len(self._orders)
        before = self._ended.setdefault(order, deed.kind)
        known = f"ord_{order}"
        if deed.kind is OrderFulfilled and before is OrderFulfilled:
            return [(stream(ORDER, known), OrderFulfilled(order_id=known, reference="parcel"))]
        if deed.kind is OrderCancelled and before is OrderCancelled:
            self._ended[order] = OrderPlaced
            return [(stream(ORDER, known), OrderCancelled(order_id=known, reason="none left"))]
        return []


def purchase(name: str, deed: Bought) -> list[Fact]:
    """Return an order with the money that pays for it, if anything is to be paid."""
    lines = _lines(deed)
    off = sum(line.discount.amount for line in lines)
    price = Money(deed.shipping, deed.currency)
    shipping = ShippingChoice(code="post", name="Post", price=price)
    totals = totals_of(lines, shipping, deed.currency)
    placed = OrderPlaced(
        order_id=f"ord_{name}",
        order_number=f"N-{name}",
        cart_id=f"cart_{name}",
        checkout_session_id=f"chk_{name}",
        customer_id=f"cus_{name}",
        guest=len(lines) > 1,
        mailbox=MAILBOX,
        contact=BOX,
        shipping_address=BOX,
        billing_address=None,
        lines=lines,
        coupon=_coupon(off, deed),
        shipping=shipping,
        totals=totals,
        payment=_payment(name, totals.total, len(lines)),
    )
    order: Fact = (stream(ORDER, placed.order_id), placed)
    return [*_paid(name, totals.total), order] if totals.total.amount else [order]


def _lines(deed: Bought) -> tuple[PricedLine, ...]:
    wants = [
        (sku, quantity, Money(PRICES[sku], deed.currency))
        for sku, quantity in deed.quantities.items()
    ]
    wholes = [price * quantity for _, quantity, price in wants]
    whole = sum(wholes, start=Money.zero(deed.currency))
    shares = spread(percent_of(whole, deed.percent_off), wholes)
    return tuple(
        PricedLine(
            sku=sku,
            name=f"{sku.capitalize()} of {quantity}",
            quantity=quantity,
            unit_price=price,
            line_total=price * quantity,
            discount=share,
            weight_grams=10,
        )
        for (sku, quantity, price), share in zip(wants, shares, strict=True)
    )


def _coupon(off: int, deed: Bought) -> AppliedCoupon | None:
    if not off:
        return None
    discount = Money(off, deed.currency)
    return AppliedCoupon(code="LESS", free_shipping=False, discount=discount)


def _payment(name: str, total: Money, lines: int) -> OrderPayment | None:
    if not total.amount:
        return None
    return OrderPayment(
        razorpay_order_id=f"order_{name}",
        razorpay_payment_id=f"pay_{name}",
        amount=total,
        method=SOMETIMES_NAMED[lines % len(SOMETIMES_NAMED)],
    )


def _paid(name: str, total: Money) -> list[Fact]:
    opened = PaymentOrderOpened(
        razorpay_order_id=f"order_{name}",
        checkout_session_id=f"chk_{name}",
        cart_id=f"cart_{name}",
        due=total,
        capture=CaptureMode.AUTOMATIC,
    )
    captured = PaymentCaptured(razorpay_payment_id=f"pay_{name}", amount=total, method="netbanking")
    payment = stream(PAYMENT, f"order_{name}")
    return [(payment, opened), (payment, captured)]


def _refund(kind: type[RefundEvent], said: dict[str, Any]) -> RefundEvent:
    return kind(**{name: said[name] for name in kind.__struct_fields__ if name in said})
