"""Every way that news of money can come: each order, each repetition, as often as it likes.

What a rule decides follows from the state and the news alone. So the states
that can be reached are a graph, and walking it whole covers every order and
every repetition of a story's deliveries, of any length, not only of six.
Between any two deliveries Razorpay may have done what the book asked it to do.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from msgspec.structs import replace

from src.commands.decisions.captures import give_up_capture, is_wanted
from src.commands.decisions.news import report_all
from src.commands.decisions.refund_news import refund_refused
from src.commands.gateway import (
    DisputeReport,
    PaymentReport,
    PaymentStatus,
    RefundReport,
    RefundStatus,
    Report,
)
from src.events.capture import CaptureMode
from src.events.cart import OrderedCart
from src.events.dispute import DisputeStatus
from src.events.identifiers import CART, PAYMENT, STOCK, stream
from src.events.money import Money
from src.events.payment import Payment, PaymentOrderOpened, Progress, Taking
from src.events.refund import GOING_BACK, Refund, RefundCause, RefundProgress
from src.events.stock import StockAdjusted
from tests.factories import CUP, EXPIRES_AT, TEA, inr, shop
from tests.purchases import Purchase
from tests.scenario import Scenario, given

ONE, TWO = Purchase(), Purchase(name="two")
Delivery = tuple[Report, ...]
"""What one message, or one answer to a question, says."""
LATER = EXPIRES_AT + timedelta(days=1)
DEEDS_MAX = 3
"""So often may one deed lead to the next wish."""
STATES_MAX = 20_000
"""A story that reaches more states than this is told too broadly."""


def pay(letter: str, status: str, of: Purchase = ONE, **more: Any) -> Delivery:  # noqa: ANN401 - any field of a report
    """A message about a payment, named by its last letter."""
    return (of.said(status, f"pay_{letter}", **more),)


def refund(letter: str, status: str, amount: Money | None = None, of: Purchase = ONE) -> Delivery:
    """A message about a refund that somebody made at Razorpay itself, with its payment."""
    sent = amount or of.due
    whole = sent == of.due
    payment = of.said("refunded" if whole else "captured", f"pay_{letter}", captured=True)
    told = RefundReport(
        razorpay_order_id=of.razorpay_order,
        razorpay_payment_id=f"pay_{letter}",
        razorpay_refund_id=f"rfnd_{letter}",
        status=RefundStatus(status),
        amount=sent,
    )
    return (payment, told)


def returned(letter: str, of: Purchase = ONE) -> Delivery:
    """Razorpay gives back what nobody took, and calls it a refund."""
    told = RefundReport(
        razorpay_order_id=of.razorpay_order,
        razorpay_payment_id=f"pay_{letter}",
        razorpay_refund_id=f"rfnd_{letter}",
        status=RefundStatus.PROCESSED,
        amount=of.due,
    )
    return (of.said("refunded", f"pay_{letter}", captured=False), told)


def dispute(letter: str, status: str) -> Delivery:
    """A message about a dispute, with its payment."""
    told = DisputeReport(
        razorpay_order_id=ONE.razorpay_order,
        razorpay_payment_id=f"pay_{letter}",
        dispute_id=f"disp_{letter}",
        status=DisputeStatus(status),
        amount=ONE.due,
        deducted=ONE.due if status == "lost" else None,
    )
    return (ONE.said("captured", f"pay_{letter}"), told)


def poll(*said: Delivery) -> Delivery:
    """What an answer says: how each payment stands by now."""
    return tuple(report for each in said for report in each)


def manually(scene: Scenario) -> Scenario:
    """The same shop, but who takes promised money are we."""
    streams = scene.streams
    for name, state in streams.items():
        if isinstance(state, Payment) and state.opened is not None:
            opened: PaymentOrderOpened = replace(state.opened, capture=CaptureMode.MANUAL)
            streams = streams.set(name, replace(state, opened=opened))
    return Scenario(streams)


PENDING = given(*shop(), *ONE.pending())
NO_CUPS = (stream(STOCK, CUP.sku), StockAdjusted(sku=CUP.sku, delta=-10, reason="broken"))
EXPIRED = PENDING.given(*ONE.expired())
SOLD_OUT = EXPIRED.given(NO_CUPS)
BOTH = PENDING.given(*ONE.cancelled(), *TWO.begun(), *TWO.asked(again=True), *TWO.answered())
SCENES: Mapping[str, Scenario] = {
    "waiting": PENDING,
    "expired": EXPIRED,
    "expired and sold out": SOLD_OUT,
    "cancelled, another session open": BOTH,
}

STORIES: Mapping[str, list[Delivery]] = {
    "paid": [pay("a", "authorized"), pay("a", "captured")],
    "failed, then captured after all": [pay("a", "failed"), pay("a", "captured")],
    "every stage of one payment": [
        pay("a", "failed"),
        pay("a", "authorized"),
        pay("a", "captured"),
        poll(pay("a", "captured")),
    ],
    "the second attempt paid": [
        pay("a", "failed"),
        pay("b", "authorized"),
        pay("b", "captured"),
        poll(pay("a", "failed"), pay("b", "captured")),
    ],
    "paid twice": [
        pay("a", "captured"),
        pay("b", "captured"),
        poll(pay("a", "captured"), pay("b", "captured")),
    ],
    "the second payment is returned by Razorpay": [
        pay("a", "captured"),
        pay("b", "authorized"),
        returned("b"),
    ],
    "never captured": [pay("a", "authorized"), returned("a")],
    "failed, promised late, never captured": [
        pay("a", "failed"),
        pay("a", "authorized"),
        returned("a"),
    ],
    "one failed, the other never captured": [
        pay("a", "failed"),
        pay("b", "authorized"),
        returned("b"),
    ],
    "a wrong amount": [pay("a", "authorized", amount=inr(1)), pay("a", "captured", amount=inr(1))],
    "another currency": [pay("a", "captured", amount=Money(ONE.due.amount, "USD"))],
    "a wrong amount, then the right one": [
        pay("a", "captured", amount=inr(1)),
        pay("b", "failed"),
        pay("b", "captured"),
    ],
    "refunded at Razorpay itself": [
        pay("a", "authorized"),
        pay("a", "captured"),
        refund("a", "pending"),
        refund("a", "processed"),
    ],
    "a part refunded at Razorpay itself": [
        pay("a", "captured"),
        refund("a", "processed", inr(100)),
    ],
    "a refund from outside that failed": [
        pay("a", "captured"),
        refund("a", "pending"),
        refund("a", "failed"),
    ],
    "razorpay-woocommerce#664": [refund("a", "processed"), pay("a", "authorized")],
    "a dispute, won": [
        pay("a", "captured"),
        dispute("a", "open"),
        dispute("a", "under_review"),
        dispute("a", "won"),
    ],
    "a dispute, lost": [
        pay("a", "captured"),
        dispute("a", "open"),
        dispute("a", "action_required"),
        dispute("a", "lost"),
    ],
}
"""Deliveries about one session; each may be lost for a while, but comes at last."""


class Razorpay:
    """What has happened at Razorpay, however late the book hears of it; it never contradicts it."""

    def __init__(self, story: list[Delivery]) -> None:
        said = [report for delivery in story for report in delivery]
        self.refunds = [each for each in said if isinstance(each, RefundReport)]
        self.returned = {
            each.razorpay_payment_id
            for each in said
            if isinstance(each, PaymentReport) and each.status is PaymentStatus.REFUNDED
        }

    def does(self, shop_now: Scenario) -> Scenario:
        """Do what the book asks for, or refuse it, and let the book know."""
        for name, state in shop_now.streams.items():
            if isinstance(state, Payment):
                shop_now = self._gives_back(shop_now, name.partition("-")[2], state)
                shop_now = self._takes(shop_now, name.partition("-")[2], state)
        return shop_now

    def _gives_back(self, shop_now: Scenario, order: str, payment: Payment) -> Scenario:
        for refund_id, wanted in payment.refunds.items():
            if wanted.progress is not RefundProgress.REQUESTED:
                continue
            if self._is_left(payment, refund_id):
                done = self._done(order, refund_id, wanted)
                shop_now = shop_now.after(lambda view, done=done: report_all(view, [done]))  # type: ignore[misc]  # asked at once
            else:
                known = self._of(wanted.razorpay_payment_id)
                shop_now = shop_now.after(
                    lambda view, known=known: report_all(view, known),  # type: ignore[misc]  # asked at once
                    lambda view, name=refund_id: refund_refused(view, order, name, "too much"),  # type: ignore[misc]  # asked at once
                )
        return shop_now

    def _of(self, payment_id: str) -> list[Report]:
        """What was given back by somebody else, as far as it came."""
        mine = [each for each in self.refunds if each.razorpay_payment_id == payment_id]
        return list(mine[-1:])

    def _is_left(self, payment: Payment, refund_id: str) -> bool:
        wanted = payment.refunds[refund_id]
        ours = sum(
            each.amount.amount
            for name, each in payment.refunds.items()
            if each.progress is RefundProgress.PROCESSED
            and name.startswith("refund_")
            and each.cause is not RefundCause.OUTSIDE
            and each.razorpay_payment_id == wanted.razorpay_payment_id
        )
        others = sum(
            each.amount.amount
            for each in self._of(wanted.razorpay_payment_id)
            if isinstance(each, RefundReport) and each.status is not RefundStatus.FAILED
        )
        came = payment.attempts[wanted.razorpay_payment_id].amount.amount
        return ours + others + wanted.amount.amount <= came

    def _done(self, order: str, refund_id: str, wanted: Refund) -> Report:
        return RefundReport(
            razorpay_order_id=order,
            razorpay_payment_id=wanted.razorpay_payment_id,
            razorpay_refund_id=f"rfnd_{refund_id}",
            status=RefundStatus.PROCESSED,
            amount=wanted.amount,
            receipt=refund_id,
        )

    def _takes(self, shop_now: Scenario, order: str, payment: Payment) -> Scenario:
        for payment_id, attempt in payment.attempts.items():
            if attempt.taking is not Taking.WANTED or attempt.progress is not Progress.AUTHORIZED:
                continue
            if payment_id in self.returned or not is_wanted(shop_now.view, order, payment_id):
                refused = payment_id in self.returned
                shop_now = shop_now.after(
                    lambda view, name=payment_id, refused=refused: give_up_capture(  # type: ignore[misc]  # asked at once
                        view, order, name, "no", refused=refused
                    )
                )
            else:
                taken = PaymentReport(
                    razorpay_order_id=order,
                    razorpay_payment_id=payment_id,
                    status=PaymentStatus.CAPTURED,
                    amount=attempt.amount,
                    captured=True,
                )
                shop_now = shop_now.after(lambda view, taken=taken: report_all(view, [taken]))  # type: ignore[misc]  # asked at once
        return shop_now


class Node(NamedTuple):
    """A shop, and which deliveries have come at least once."""

    shop: Scenario
    came: frozenset[int]


Outcome = Callable[[Scenario], object]


def every_end(start: Scenario, story: list[Delivery], shown: Outcome) -> list[object]:
    """Return what each way ends in, once everything came, was done, and the time is over."""
    razorpay = Razorpay(story)
    due, seen = [Node(start, frozenset())], {(start.streams, frozenset[int]())}
    ends: list[object] = []
    while due:
        here = due.pop()
        assert len(seen) < STATES_MAX
        for there in _steps(razorpay, here, story):
            if (there.shop.streams, there.came) not in seen:
                seen.add((there.shop.streams, there.came))
                due.append(there)
        if len(here.came) == len(story):
            ends.append(shown(_over(razorpay, here.shop)))
    return ends


def _steps(razorpay: Razorpay, here: Node, story: list[Delivery]) -> list[Node]:
    steps = [Node(razorpay.does(here.shop), here.came)]
    for n, said in enumerate(story):
        after = here.shop.after(lambda view, said=said: report_all(view, said))  # type: ignore[misc]  # asked at once
        steps.append(Node(after, here.came | {n}))
    return steps


def _over(razorpay: Razorpay, shop_now: Scenario) -> Scenario:
    for _ in range(DEEDS_MAX):
        shop_now = razorpay.does(shop_now)
    return razorpay.does(shop_now.after(ONE.expire(LATER), TWO.expire(LATER)))


def outcome(shop_now: Scenario) -> object:
    """What counts in the end: money, session, cart, stock, and what waits for a person."""
    streams = shop_now.streams
    cart = streams[stream(CART, ONE.cart_id)]
    stock = streams[stream(STOCK, TEA.sku)]
    return (
        _money(streams[stream(PAYMENT, ONE.razorpay_order)]),
        type(streams[ONE.checkout]).__name__,
        cart.checkout_session_id if isinstance(cart, OrderedCart) else type(cart).__name__,
        (stock.available, stock.reserved, stock.committed),
    )


def _money(payment: Payment) -> object:
    """Leave out which of two equal payments was first: somebody has to be."""
    return (
        {name: attempt.progress for name, attempt in payment.attempts.items()},
        sorted(
            each.amount.amount for each in payment.refunds.values() if each.progress in GOING_BACK
        ),
        {name: each.status for name, each in payment.disputes.items()},
        sorted(case.kind for case in payment.cases.values()),
    )


MODES: Mapping[str, Callable[[Scenario], Scenario]] = {
    "automatic": lambda scene: scene,
    "manual": manually,
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("story", STORIES)
def test_every_order_and_repetition_ends_the_same(mode: str, scene: str, story: str) -> None:
    one_end(every_end(MODES[mode](SCENES[scene]), STORIES[story], outcome))


def one_end(ends: list[object]) -> object:
    """All ways end in the same."""
    different = [end for end in ends if end != ends[0]]
    assert not different, f"{ends[0]}\n{different[0]}"
    return ends[0]


BEFORE = given(*shop(), *ONE.filled(), *ONE.begun(), *ONE.asked())


@pytest.mark.parametrize("story", STORIES)
def test_it_does_not_matter_when_the_order_is_known_to_be_ours(story: str) -> None:
    said = STORIES[story]
    ends = []
    for cut in range(len(said) + 1):
        scene = BEFORE
        for each in said[:cut]:
            scene = scene.after(lambda view, each=each: report_all(view, each))  # type: ignore[misc]  # asked at once
        scene = scene.after(ONE.record())
        for each in said[cut:]:
            scene = scene.after(lambda view, each=each: report_all(view, each))  # type: ignore[misc]  # asked at once
        ends.append(outcome(_over(Razorpay(said), scene)))
    one_end(ends)


TWO_SESSIONS: Mapping[str, list[Delivery]] = {
    "both captured": [pay("a", "captured"), pay("b", "captured", TWO)],
    "both promised and captured": [
        pay("a", "authorized"),
        pay("a", "captured"),
        pay("b", "authorized", TWO),
        pay("b", "captured", TWO),
    ],
    "one failed first": [
        pay("a", "failed"),
        pay("a", "captured"),
        pay("b", "captured", TWO),
        poll(pay("b", "captured", TWO)),
    ],
}


def whole(shop_now: Scenario) -> object:
    """Leave out which of two sessions was the first: somebody has to be."""
    streams = shop_now.streams
    money = [state for state in streams.values() if isinstance(state, Payment)]
    stock = streams[stream(STOCK, TEA.sku)]
    return (
        sorted(type(streams[each.checkout]).__name__ for each in (ONE, TWO)),
        sorted(refund.amount.amount for each in money for refund in each.refunds.values()),
        sum(len(each.cases) for each in money),
        type(streams[stream(CART, ONE.cart_id)]).__name__,
        (stock.available, stock.reserved, stock.committed),
    )


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("story", TWO_SESSIONS)
def test_of_two_sessions_of_one_cart_one_is_ordered_and_the_other_paid_back(
    mode: str, story: str
) -> None:
    end = one_end(every_end(MODES[mode](BOTH), TWO_SESSIONS[story], whole))
    assert end == (["Completed", "Ended"], [TWO.due.amount], 0, "OrderedCart", (8, 0, 2))
