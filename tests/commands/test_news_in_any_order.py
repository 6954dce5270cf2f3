"""Webhook, callback and poll say the same things, late, twice and in any order."""

from itertools import combinations_with_replacement, permutations
from typing import NamedTuple

import pytest

from src.events.cart import OrderedCart
from src.events.checkout import Completed
from src.events.identifiers import CART, PAYMENT, STOCK, stream
from src.events.payment import Payment, Progress
from tests.factories import TEA, inr, shop
from tests.purchases import Purchase
from tests.scenario import Scenario, given

ONE = Purchase()
REQUESTED = given(*shop(), *ONE.filled(), *ONE.begun(), *ONE.asked())
PENDING = REQUESTED.given(*ONE.answered())


class Report(NamedTuple):
    """What is said of a payment, by its last letter; `wrong` is captured money of 1 paisa."""

    payment: str
    status: str


def told(shop_now: Scenario, reports: tuple[Report, ...]) -> Scenario:
    for payment, status in reports:
        wrong = {"amount": inr(1)} if status == "wrong" else {}
        said = "captured" if status == "wrong" else status
        shop_now = shop_now.after(ONE.report(said, f"pay_{payment}", **wrong))
    return shop_now


def outcome(shop_now: Scenario) -> object:
    """What counts in the end: how far each payment came, session, cart, stock and cases."""
    streams = shop_now.streams
    payment: Payment = streams[stream(PAYMENT, ONE.razorpay_order)]
    cart = streams[stream(CART, ONE.cart_id)]
    stock = streams[stream(STOCK, TEA.sku)]
    return (
        {name: attempt.progress for name, attempt in payment.attempts.items()},
        type(streams[ONE.checkout]),
        cart.order_id if isinstance(cart, OrderedCart) else None,
        (stock.available, stock.reserved, stock.committed),
        sorted(case.kind for case in payment.cases.values()),
        sorted((each.progress, each.amount.amount) for each in payment.refunds.values()),
    )


A, B = "a", "b"
STORIES = {
    "paid": [Report(A, "authorized"), Report(A, "captured")],
    "failed, then paid after all": [Report(A, "failed"), Report(A, "captured")],
    "every stage of one payment": [
        Report(A, "created"),
        Report(A, "failed"),
        Report(A, "authorized"),
        Report(A, "captured"),
    ],
    "the second attempt paid": [
        Report(A, "failed"),
        Report(B, "authorized"),
        Report(B, "captured"),
    ],
    "paid twice": [Report(A, "captured"), Report(B, "captured")],
    "paid twice, with every stage": [
        Report(A, "failed"),
        Report(A, "captured"),
        Report(B, "authorized"),
        Report(B, "captured"),
    ],
    "a wrong amount, then the right one": [
        Report(A, "wrong"),
        Report(B, "failed"),
        Report(B, "captured"),
    ],
}
REPORTS_MAX = 5


def deliveries(story: list[Report]) -> set[tuple[Report, ...]]:
    """Every order of the story's reports, with every repetition up to five deliveries."""
    return {
        order
        for extra in range(REPORTS_MAX + 1 - len(story))
        for repeated in combinations_with_replacement(story, extra)
        for order in permutations([*story, *repeated])
    }


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_every_order_and_repetition_of_the_news_ends_the_same(story: list[Report]) -> None:
    ends = [outcome(told(PENDING, order)) for order in deliveries(story)]
    assert all(end == ends[0] for end in ends)
    assert ends[0][1] is Completed  # type: ignore[index]  # outcome() is a tuple


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_it_does_not_matter_when_the_intent_was_recorded(story: list[Report]) -> None:
    ends = [
        outcome(told(told(REQUESTED, order[:cut]).after(ONE.record()), order[cut:]))
        for order in permutations(story)
        for cut in range(len(order) + 1)
    ]
    assert all(end == ends[0] for end in ends)
    assert ends[0] == outcome(told(PENDING, tuple(story)))


def test_a_payment_never_goes_back() -> None:
    for order in permutations(STORIES["every stage of one payment"]):
        payment: Payment = told(PENDING, order).streams[stream(PAYMENT, ONE.razorpay_order)]
        assert payment.attempts["pay_a"].progress is Progress.CAPTURED
