"""Cancelled, expired, failed: the stock goes back, the cart opens, and it happens once."""

from datetime import timedelta

import pytest

from src.commands.rejections import NotPossibleNow, Unknown
from src.commands.view import Decide
from src.events.capture import CaptureMode
from src.events.cart import OpenCart
from src.events.checkout import CheckoutFailed
from src.events.identifiers import CART, STOCK, stream
from tests.factories import EXPIRES_AT, TEA, TEN_PERCENT, UNITS, coupon, shop
from tests.purchases import Purchase
from tests.scenario import Scenario, given

ONE = Purchase(coupon="DIWALI")
STARTED = given(*shop(), coupon("DIWALI", TEN_PERCENT), *ONE.filled(), *ONE.begun())
REQUESTED = STARTED.given(*ONE.asked())
PENDING = REQUESTED.given(*ONE.answered())
PAID = PENDING.after(ONE.report("captured"))
OPEN = {"started": STARTED, "requested": REQUESTED, "pending": PENDING}
ENDED = {
    "cancelled": PENDING.given(*ONE.cancelled()),
    "expired": PENDING.given(*ONE.expired()),
    "failed": PENDING.after(ONE.report("failed")),
}
JUST_BEFORE = EXPIRES_AT - timedelta(microseconds=1)


@pytest.mark.parametrize("state", OPEN)
def test_an_open_session_can_be_cancelled(state: str) -> None:
    OPEN[state].when(ONE.cancel()).then(*ONE.cancelled())


@pytest.mark.parametrize("state", OPEN)
def test_an_open_session_expires_when_its_time_is_over_and_not_before(state: str) -> None:
    OPEN[state].when(ONE.expire(JUST_BEFORE)).then_nothing()
    OPEN[state].when(ONE.expire(EXPIRES_AT)).then(*ONE.expired())


@pytest.mark.parametrize("state", OPEN)
def test_cancelling_an_overdue_session_lets_it_expire(state: str) -> None:
    OPEN[state].when(ONE.cancel(EXPIRES_AT)).then(*ONE.expired())


def test_a_failed_payment_ends_a_session_that_waits_for_it() -> None:
    news, *facts = PENDING.when(ONE.report("failed")).facts
    assert type(news[1]).__name__ == "PaymentFailed"
    assert facts == ONE.failed()


@pytest.mark.parametrize("state", ENDED)
@pytest.mark.parametrize("again", [ONE.cancel(), ONE.expire(), ONE.cancel(EXPIRES_AT)])
def test_an_ended_session_ends_no_second_time(state: str, again: Decide) -> None:
    ENDED[state].when(again).then_nothing()


@pytest.mark.parametrize("state", ENDED)
def test_after_every_end_the_stock_is_back_and_the_cart_can_be_changed(state: str) -> None:
    after = ENDED[state].streams
    assert after[stream(STOCK, TEA.sku)].available == UNITS
    assert isinstance(after[stream(CART, ONE.cart_id)], OpenCart)


def test_a_paid_session_can_be_neither_cancelled_nor_expired() -> None:
    PAID.when(ONE.cancel()).then_refused(NotPossibleNow, state="ORDER_CREATED")
    PAID.when(ONE.expire()).then_nothing()


def test_a_session_that_never_was_cannot_be_cancelled_and_does_not_expire() -> None:
    given(*shop()).when(ONE.cancel()).then_refused(Unknown)
    given(*shop()).when(ONE.expire()).then_nothing()


def ending_of(scenario: Scenario) -> object:
    return scenario.streams[ONE.checkout].ending


def test_a_failure_says_which_payment_failed_and_why() -> None:
    assert ending_of(ENDED["failed"]) == CheckoutFailed(
        razorpay_payment_id=ONE.payment_id, reason="bank_declined"
    )


@pytest.mark.parametrize("on_its_way", ["authorized", "captured"])
def test_a_failure_ends_nothing_while_another_payment_is_on_its_way(on_its_way: str) -> None:
    waiting = PENDING.after(ONE.report(on_its_way, "pay_other"))
    waiting.when(ONE.report("failed")).then_kinds("PaymentFailed")


def test_a_failure_on_another_razorpay_order_of_the_session_ends_nothing() -> None:
    two_orders = PENDING.given(ONE.opened("order_other"))
    failure = ONE.report("failed", razorpay_order_id="order_other")
    two_orders.when(failure).then_kinds("PaymentFailed")


def test_a_failure_ends_nothing_while_promised_money_of_another_razorpay_order_is_taken() -> None:
    manual = REQUESTED.after(
        ONE.record(capture=CaptureMode.MANUAL),
        ONE.record("order_other", capture=CaptureMode.MANUAL),
    )
    taking = manual.after(ONE.report("authorized", "pay_other", razorpay_order_id="order_other"))
    taking.when(ONE.report("failed")).then_kinds("PaymentFailed")


def test_an_authorized_payment_changes_nothing_but_what_is_known() -> None:
    PENDING.when(ONE.report("authorized")).then_kinds("PaymentAuthorized")


def test_a_failure_of_a_payment_that_had_been_authorized_is_no_news() -> None:
    PENDING.after(ONE.report("authorized")).when(ONE.report("failed")).then_nothing()


def test_a_payment_that_only_began_is_no_news() -> None:
    PENDING.when(ONE.report("created")).then_nothing()


def test_what_razorpay_returned_without_taking_it_leaves_the_session_waiting() -> None:
    PENDING.when(ONE.report("refunded")).then_kinds("PaymentReturned")


def test_after_a_failure_and_a_return_no_attempt_is_left_and_the_session_has_failed() -> None:
    failed, returned = ONE.report("failed"), ONE.report("refunded", "pay_other")
    authorized = ONE.report("authorized", "pay_other")
    waiting = PENDING.after(authorized, failed)
    assert (
        waiting.after(returned).streams[ONE.checkout]
        == (PENDING.after(failed, authorized, returned).streams[ONE.checkout])
    )
