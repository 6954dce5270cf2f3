"""Captured money makes the order: session, stock, coupon, order and cart in one append."""

import pytest

from src.commands.view import Fact
from src.events.case import CaseKind, CaseOpened
from src.events.identifiers import ORDER, PAYMENT, named, public_id, stream
from src.events.money import Money
from src.events.order import OrderPayment
from src.events.refund import RefundCause, RefundRequested
from tests.factories import BY_POST, EXPIRES_AT, TEN_PERCENT, coupon, inr, shop
from tests.purchases import Purchase
from tests.scenario import given

ONE = Purchase(coupon="DIWALI")
REQUESTED = given(*shop(), coupon("DIWALI", TEN_PERCENT), *ONE.filled(), *ONE.begun(), *ONE.asked())
PENDING = REQUESTED.given(*ONE.answered())
PAID = PENDING.after(ONE.report("captured"))
ORDER_ID = public_id("ord", named("order", ONE.session))
COMPLETION = [
    "PaymentConfirmed",
    "OrderCreated",
    "StockCommitted",
    "StockCommitted",
    "CouponCommitted",
    "OrderPlaced",
    "CartOrdered",
]


def cause_of(fact: Fact) -> RefundCause:
    assert isinstance(fact[1], RefundRequested)
    return fact[1].cause


def case_of(fact: Fact) -> CaseOpened:
    name, case = fact
    assert name == stream(PAYMENT, ONE.razorpay_order)
    assert isinstance(case, CaseOpened)
    return case


def test_captured_money_makes_the_order_in_one_append() -> None:
    PENDING.when(ONE.report("captured")).then_kinds("PaymentCaptured", *COMPLETION)


def test_the_order_is_complete_in_itself() -> None:
    order = PAID.streams[stream(ORDER, ORDER_ID)].order
    assert (order.lines, order.shipping, order.coupon) == (ONE.lines, BY_POST, ONE.applied)
    assert order.shipping_address == ONE.intent.shipping_address
    assert order.payment == OrderPayment(
        razorpay_order_id=ONE.razorpay_order,
        razorpay_payment_id=ONE.payment_id,
        amount=ONE.due,
        method="upi",
    )


def test_money_that_was_authorized_first_makes_the_same_order() -> None:
    authorized = PENDING.after(ONE.report("authorized"))
    authorized.when(ONE.report("captured")).then_kinds("PaymentCaptured", *COMPLETION)


def test_the_same_capture_again_changes_nothing() -> None:
    for status in ("captured", "authorized", "failed"):
        PAID.when(ONE.report(status)).then_nothing()


def test_a_capture_after_the_time_but_before_the_expiry_is_a_normal_capture() -> None:
    overdue = PENDING.after(ONE.report("captured", occurred_at=EXPIRES_AT))
    assert overdue.streams[stream(ORDER, ORDER_ID)].order.payment is not None


@pytest.mark.parametrize(
    "amount", [inr(1), ONE.due + inr(1), ONE.due - inr(1), Money(ONE.due.amount, "USD")]
)
def test_a_wrong_amount_or_currency_is_a_case_and_no_order(amount: Money) -> None:
    decided = PENDING.when(ONE.report("captured", amount=amount))
    assert decided.kinds == ["PaymentCaptured", "CaseOpened"]
    case = case_of(decided.facts[-1])
    assert (case.kind, case.amount) == (CaseKind.WRONG_AMOUNT, amount)
    assert str(ONE.due.amount) in case.reason


def test_after_a_wrong_amount_the_right_one_still_makes_the_order() -> None:
    wrong = PENDING.after(ONE.report("captured", "pay_wrong", amount=inr(1)))
    wrong.when(ONE.report("captured")).then_kinds("PaymentCaptured", *COMPLETION)


def test_money_that_comes_twice_is_one_order_and_one_refund() -> None:
    twice = PAID.when(ONE.report("captured", "pay_again"))
    assert twice.kinds == ["PaymentCaptured", "RefundRequested"]
    assert cause_of(twice.facts[-1]) is RefundCause.PAID_TWICE
    twice.shop.when(ONE.report("captured", "pay_again")).then_nothing()


def test_money_on_a_second_razorpay_order_of_the_session_makes_the_order() -> None:
    two_orders = PENDING.given(ONE.opened("order_other"))
    on_other = ONE.report("captured", "pay_other", razorpay_order_id="order_other")
    paid = two_orders.when(on_other).then_kinds("PaymentCaptured", *COMPLETION)
    also = paid.when(ONE.report("captured"))
    assert also.kinds == ["PaymentCaptured", "RefundRequested"]
    assert cause_of(also.facts[-1]) is RefundCause.PAID_TWICE


def test_money_that_came_before_the_intent_was_recorded_is_only_written_down() -> None:
    REQUESTED.when(ONE.report("captured")).then(ONE.captured())


def test_money_that_came_first_is_settled_when_the_intent_is_recorded() -> None:
    early = REQUESTED.given(ONE.captured())
    early.when(ONE.record()).then_kinds("PaymentOrderOpened", "PaymentIntentCreated", *COMPLETION)


def test_of_two_payments_that_came_first_one_makes_the_order_and_one_goes_back() -> None:
    early = REQUESTED.given(ONE.captured("pay_a"), ONE.captured("pay_b"))
    early.when(ONE.record()).then_kinds(
        "PaymentOrderOpened", "PaymentIntentCreated", *COMPLETION, "RefundRequested"
    )


def test_a_failure_that_came_first_ends_the_session_when_the_intent_is_recorded() -> None:
    early = REQUESTED.after(ONE.report("failed"))
    early.when(ONE.record()).then(*ONE.answered(), *ONE.failed())


def test_foreign_money_is_written_down_and_nothing_follows() -> None:
    foreign = ONE.report("captured", razorpay_order_id="order_foreign")
    for shop_now in (REQUESTED, PENDING, PAID):
        shop_now.when(foreign).then_kinds("PaymentCaptured")


def test_money_that_was_taken_counts_under_a_status_that_is_new_to_us() -> None:
    taken = ONE.report("created", captured=True)
    PENDING.when(taken).then_kinds("PaymentCaptured", *COMPLETION)
    PENDING.when(ONE.report("created")).then_nothing()
