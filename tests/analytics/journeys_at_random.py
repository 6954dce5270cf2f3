"""Carts and checkout sessions that do whatever the state machine allows, at any time of day."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct

from src.events import cart as carts
from src.events import checkout as checkouts
from src.events.capture import CheckoutRevived, HoldExtended, HoldLapsed
from src.events.cart import (
    CartCouponApplied,
    CartCouponRemoved,
    CartItemRemoved,
    CartItemSet,
    CartLocked,
    CartMerged,
    CartOpened,
    CartOrdered,
    CartTaken,
    CartUnlocked,
    LockedCart,
    MergedCart,
    OpenCart,
)
from src.events.checkout import (
    AwaitingPayment,
    CheckoutCancelled,
    CheckoutExpired,
    CheckoutFailed,
    CheckoutStarted,
    CheckoutSuperseded,
    Confirmed,
    Ended,
    IntentRequested,
    OrderCreated,
    PaymentConfirmed,
    PaymentIntentCreated,
    PaymentIntentRequested,
    PaymentWaived,
    Started,
)
from src.events.envelope import Cause, Recorded
from src.events.identifiers import CART, CHECKOUT, Stream, stream
from src.events.money import Money
from src.events.ports import Sealed
from src.events.pricing import AppliedCoupon, PricedLine, ShippingChoice, totals_of

NOWHERE = UUID(int=0)
CAUSE = Cause(NOWHERE, NOWHERE, "khata:test")
BOX = Sealed("person", "c2VhbGVk")
BEGINNING = datetime(2026, 3, 28, 17, 0, tzinfo=UTC)
"""The night before Europe's clocks go forward."""
PAUSES_SECONDS = (0, 1, 2, 59, 1_800, 7 * 3_600, 86_400)
SKUS = ("tea", "cup", "pin")
PRICES = {"tea": 32_000, "cup": 14_900, "pin": 50}
REASONS = ("incorrect_otp", "payment_timed_out", None)
OPEN = (Started, IntentRequested, AwaitingPayment)


class Move(Struct, frozen=True):
    """What hypothesis drew: which of all possible things happens next, and after how long."""

    pause: int
    choice: int
    detail: int


class History:
    """Facts that could have happened, in the order they happened."""

    def __init__(self) -> None:
        self.now = BEGINNING
        self.facts: list[Recorded] = []
        self.carts: dict[str, Any] = {}
        self.sessions: dict[str, Any] = {}
        self._versions: Counter[str] = Counter()

    def play(self, moves: list[Move]) -> None:
        """Let one thing happen after the other."""
        for move in moves:
            self.now += timedelta(seconds=move.pause)
            possible = list(self._possible(move.detail))
            possible[move.choice % len(possible)]()

    def _possible(self, n: int) -> Iterator[Callable[[], None]]:
        yield lambda: self._open(n)
        for cart_id, cart in self.carts.items():
            if isinstance(cart, OpenCart):
                yield from self._changes(cart_id, cart, n)
        for session, checkout in self.sessions.items():
            yield from self._next(session, checkout, n)

    def _open(self, n: int) -> None:
        cart_id = f"cart_{len(self.carts)}"
        customer = f"cus_{n}" if n % 3 == 0 else None
        currency = "USD" if n % 7 == 0 else "INR"
        self._on_cart(cart_id, CartOpened(cart_id=cart_id, customer_id=customer, currency=currency))

    def _changes(self, cart_id: str, cart: OpenCart, n: int) -> Iterator[Callable[[], None]]:
        held, sku = cart.contents.quantities, SKUS[n % len(SKUS)]
        yield lambda: self._on_cart(cart_id, CartItemSet(sku=sku, quantity=1 + n % 5))
        if sku in held:
            yield lambda: self._on_cart(cart_id, CartItemRemoved(sku=sku))
        if held:
            yield lambda: self._start(cart_id, cart)
            yield lambda: self._on_cart(cart_id, self._coupon(cart))
        if cart.contents.customer_id is None:
            others = [each for each in self.carts if self._can_take(each, cart_id)]
            if others and held:
                yield lambda: self._merge(cart_id, cart, others[n % len(others)])
            yield lambda: self._on_cart(cart_id, CartTaken(customer_id=f"cus_{n}"))

    def _can_take(self, cart_id: str, guests: str) -> bool:
        cart, other = self.carts[cart_id], self.carts[guests]
        same = isinstance(cart, OpenCart) and cart.contents.currency == other.contents.currency
        return same and cart.contents.customer_id is not None

    @staticmethod
    def _coupon(cart: OpenCart) -> CartCouponApplied | CartCouponRemoved:
        if cart.contents.coupon:
            return CartCouponRemoved(code=cart.contents.coupon)
        return CartCouponApplied(code="TEN")

    def _merge(self, cart_id: str, cart: OpenCart, into: str) -> None:
        for sku, quantity in cart.contents.quantities.items():
            self._on_cart(into, CartItemSet(sku=sku, quantity=quantity))
        self._on_cart(cart_id, CartMerged(into=into))

    def _start(self, cart_id: str, cart: OpenCart) -> None:
        contents, session = cart.contents, f"chk_{len(self.sessions)}"
        coupon = contents.coupon and AppliedCoupon(
            code=contents.coupon, free_shipping=False, discount=Money(0, contents.currency)
        )
        started = CheckoutStarted(
            checkout_session_id=session,
            cart_id=cart_id,
            customer_id=contents.customer_id,
            currency=contents.currency,
            lines=tuple(
                _line(sku, quantity, contents.currency)
                for sku, quantity in contents.quantities.items()
            ),
            coupon=coupon or None,
            shipping=None,
            expires_at=self.now + timedelta(minutes=30),
        )
        self._on_session(session, started)
        self._on_cart(cart_id, CartLocked(checkout_session_id=session))

    def _next(self, session: str, checkout: Any, n: int) -> Iterator[Callable[[], None]]:  # noqa: ANN401  # one of many states
        if isinstance(checkout, Started):
            yield lambda: self._on_session(session, _intent(checkout.basis))
        if isinstance(checkout, IntentRequested):
            opened = PaymentIntentCreated(razorpay_order_id=f"order_{session}", due=_due(checkout))
            yield lambda: self._on_session(session, opened)
            yield lambda: self._complete(session, PaymentWaived(total=_due(checkout)))
        if isinstance(checkout, IntentRequested | AwaitingPayment):
            yield lambda: self._complete(session, _paid(checkout))
        if isinstance(checkout, AwaitingPayment):
            yield lambda: self._on_session(session, _held(checkout))
        if isinstance(checkout, OPEN):
            yield lambda: self._end(session, checkout, n)
        if isinstance(checkout, Ended) and checkout.intent is not None:
            yield from self._late(session, checkout)

    def _late(self, session: str, checkout: Ended) -> Iterator[Callable[[], None]]:
        cart = self.carts[checkout.basis.cart_id]
        if isinstance(cart, OpenCart) and checkout.razorpay_order_id is not None:
            yield lambda: self._revive(session, checkout)
        if isinstance(cart, OpenCart | LockedCart | MergedCart):
            yield lambda: self._pay_late(session, checkout)

    def _revive(self, session: str, checkout: Ended) -> None:
        revived = CheckoutRevived(
            razorpay_order_id=f"order_{session}",
            razorpay_payment_id=f"pay_{session}",
            cart_id=checkout.basis.cart_id,
            expires_at=checkout.basis.expires_at,
        )
        self._on_session(session, revived)
        self._on_cart(checkout.basis.cart_id, CartLocked(checkout_session_id=session))

    def _pay_late(self, session: str, checkout: Ended) -> None:
        cart = self.carts[checkout.basis.cart_id]
        if isinstance(cart, LockedCart):
            self._on_session(cart.checkout_session_id, CheckoutSuperseded(by=session))
        elif isinstance(cart, MergedCart):
            self._supersede_in(cart.into, session)
        self._complete(session, _paid(checkout))

    def _supersede_in(self, cart_id: str, by: str) -> None:
        cart = self.carts[cart_id]
        if isinstance(cart, LockedCart):
            self._on_session(cart.checkout_session_id, CheckoutSuperseded(by=by))
            unlocked = CartUnlocked(
                checkout_session_id=cart.checkout_session_id, reason="superseded"
            )
            self._on_cart(cart_id, unlocked)

    def _end(self, session: str, checkout: Any, n: int) -> None:  # noqa: ANN401  # one of the open states
        endings = (
            CheckoutFailed(razorpay_payment_id=f"pay_{n}", reason=REASONS[n % len(REASONS)]),
            CheckoutCancelled(reason="cancelled by the shopper"),
            CheckoutExpired(expires_at=checkout.basis.expires_at),
        )
        self._on_session(session, endings[n // 3 % len(endings)])
        unlocked = CartUnlocked(checkout_session_id=session, reason="over")
        self._on_cart(checkout.basis.cart_id, unlocked)

    def _complete(self, session: str, money: PaymentConfirmed | PaymentWaived) -> None:
        self._on_session(session, money)
        order = f"ord_{session}"
        self._on_session(session, OrderCreated(order_id=order, order_number=order))
        confirmed = self.sessions[session]
        ordered = CartOrdered(checkout_session_id=session, order_id=order)
        self._on_cart(confirmed.basis.cart_id, ordered)

    def _on_cart(self, cart_id: str, event: carts.CartEvent) -> None:
        self.carts[cart_id] = carts.evolve(self.carts.get(cart_id, carts.NO_CART), event)
        self._record(stream(CART, cart_id), event)

    def _on_session(self, session: str, event: checkouts.CheckoutEvent) -> None:
        before = self.sessions.get(session, checkouts.NO_CHECKOUT)
        self.sessions[session] = checkouts.evolve(before, event)
        self._record(stream(CHECKOUT, session), event)

    def _record(self, name: Stream, event: Struct) -> None:
        self._versions[name] += 1
        position = len(self.facts) + 1
        at, version = self.now, self._versions[name]
        self.facts.append(Recorded(position, name, version, NOWHERE, at, CAUSE, event))


def _line(sku: str, quantity: int, currency: str) -> PricedLine:
    price = Money(PRICES[sku], currency)
    return PricedLine(
        sku=sku,
        name=sku,
        quantity=quantity,
        unit_price=price,
        line_total=price * quantity,
        discount=Money(0, currency),
        weight_grams=1,
    )


def _intent(basis: CheckoutStarted) -> PaymentIntentRequested:
    shipping = ShippingChoice(code="post", name="Post", price=Money(4_900, basis.currency))
    return PaymentIntentRequested(
        customer_id=basis.customer_id or f"cus_of_{basis.cart_id}",
        guest=basis.customer_id is None,
        mailbox="hash",
        contact=BOX,
        shipping_address=BOX,
        billing_address=None,
        shipping=shipping,
        totals=totals_of(basis.lines, shipping, basis.currency),
        wish="wish",
    )


def _due(checkout: IntentRequested | AwaitingPayment | Ended | Confirmed) -> Money:
    assert checkout.intent is not None
    return checkout.intent.totals.total


def _paid(checkout: IntentRequested | AwaitingPayment | Ended) -> PaymentConfirmed:
    session = checkout.basis.checkout_session_id
    return PaymentConfirmed(
        razorpay_order_id=f"order_{session}",
        razorpay_payment_id=f"pay_{session}",
        amount=_due(checkout),
    )


def _held(checkout: AwaitingPayment) -> HoldExtended | HoldLapsed:
    payment = checkout.securing or f"pay_{checkout.basis.checkout_session_id}"
    if checkout.securing is None:
        return HoldExtended(razorpay_payment_id=payment)
    return HoldLapsed(razorpay_payment_id=payment, reason="the bank took too long")
