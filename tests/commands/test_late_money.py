"""Money that comes after the end takes stock and coupon again, or goes back; never silence."""

from datetime import timedelta

import pytest

from src.commands.decisions.cart import set_item
from src.commands.view import Fact
from src.events.case import CaseKind
from src.events.checkout import CheckoutSuperseded, Completed, Ended
from src.events.coupon import CouponDefined
from src.events.identifiers import CART, COUPON, ORDER, STOCK, stream
from src.events.refund import RefundCause
from src.events.stock import StockAdjusted
from tests.factories import CUP, NOW, TEA, TEN_PERCENT, coupon, inr, shop
from tests.purchases import Purchase
from tests.scenario import Decided, Scenario, given

ONE, TWO = Purchase(), Purchase(name="two")
PENDING = given(*shop(), *ONE.pending())
ENDED = {
    "cancelled": PENDING.given(*ONE.cancelled()),
    "expired": PENDING.given(*ONE.expired()),
    "failed": PENDING.after(ONE.report("failed", "pay_failed")),
}
CANCELLED = ENDED["cancelled"]
TAKEN_AGAIN = ["StockReserved", "StockReserved"]
COMPLETION = [
    "PaymentConfirmed",
    "OrderCreated",
    "StockCommitted",
    "StockCommitted",
    "OrderPlaced",
    "CartOrdered",
]


def is_a_case(decided: Decided, kind: CaseKind) -> None:
    assert decided.kinds == ["PaymentCaptured", "CaseOpened"]
    assert decided.facts[-1][1].kind is kind  # type: ignore[attr-defined]  # a CaseOpened
    decided.then(*decided.facts)


def goes_back(decided: Decided, cause: RefundCause) -> None:
    """All of it, once, and by itself."""
    assert decided.kinds == ["PaymentCaptured", "RefundRequested"]
    captured, refund = (event for _, event in decided.facts)
    assert refund.cause is cause  # type: ignore[attr-defined]  # a RefundRequested
    assert refund.amount == captured.amount  # type: ignore[attr-defined]  # a PaymentCaptured
    decided.then(*decided.facts)


@pytest.mark.parametrize("state", ENDED)
def test_late_money_takes_the_stock_again_and_completes_the_same_session(state: str) -> None:
    late = ENDED[state].when(ONE.report("captured"))
    after = late.then_kinds("PaymentCaptured", *TAKEN_AGAIN, *COMPLETION)
    assert isinstance(after.streams[ONE.checkout], Completed)


def test_a_payment_that_failed_may_still_be_captured() -> None:
    failed = PENDING.after(ONE.report("failed"))
    failed.when(ONE.report("captured")).then_kinds("PaymentCaptured", *TAKEN_AGAIN, *COMPLETION)


def test_a_late_authorization_is_only_written_down() -> None:
    CANCELLED.when(ONE.report("authorized")).then_kinds("PaymentAuthorized")


def test_late_money_of_a_wrong_amount_is_a_case() -> None:
    is_a_case(CANCELLED.when(ONE.report("captured", amount=inr(1))), CaseKind.WRONG_AMOUNT)


def test_late_money_takes_all_lines_or_none() -> None:
    all_cups = stream(STOCK, CUP.sku), StockAdjusted(sku=CUP.sku, delta=-10, reason="broken")
    late = CANCELLED.given(all_cups).when(ONE.report("captured"))
    goes_back(late, RefundCause.STOCK_GONE)
    assert CUP.sku in late.facts[-1][1].reason  # type: ignore[attr-defined]  # a RefundRequested


def test_late_money_pays_the_frozen_price_whatever_the_price_is_now() -> None:
    paid = CANCELLED.after(ONE.report("captured"))
    [order] = [state for name, state in paid.streams.items() if name.startswith(ORDER)]
    assert order.order.lines == ONE.lines


def with_coupon(limit: int | None) -> tuple[Purchase, Scenario]:
    bargain = Purchase(coupon="DIWALI")
    defined = coupon("DIWALI", TEN_PERCENT)
    pending = given(*shop(), defined, *bargain.pending(), *bargain.cancelled())
    terms = CouponDefined(
        code="DIWALI",
        terms=type(TEN_PERCENT)(kind=TEN_PERCENT.kind, value=10, currency="INR", limit_total=limit),
    )
    return bargain, pending.given((stream(COUPON, "DIWALI"), terms))


def test_late_money_takes_its_coupon_again() -> None:
    bargain, ended = with_coupon(limit=1)
    paid = ended.after(bargain.report("captured"))
    assert paid.streams[stream(COUPON, "DIWALI")].committed == 1


def test_late_money_whose_coupon_is_used_up_goes_back() -> None:
    bargain, ended = with_coupon(limit=0)
    goes_back(ended.when(bargain.report("captured")), RefundCause.COUPON_GONE)


def next_session(ended: Scenario) -> Scenario:
    return ended.given(*TWO.begun(), *TWO.asked(again=True), *TWO.answered())


def test_late_money_ends_the_open_session_of_its_cart_as_superseded() -> None:
    after = next_session(CANCELLED).after(ONE.report("captured"))
    two = after.streams[TWO.checkout]
    assert isinstance(two, Ended)
    assert two.ending == CheckoutSuperseded(by=ONE.session)


def test_what_the_superseded_session_held_is_used_first() -> None:
    scarce = given(*shop(units=2), *ONE.pending(), *ONE.cancelled())
    paid = next_session(scarce).when(ONE.report("captured"))
    assert paid.kinds == [
        "PaymentCaptured",
        "CheckoutSuperseded",
        "StockReleased",
        "StockReleased",
        *TAKEN_AGAIN,
        *COMPLETION,
    ]


def test_when_it_cannot_be_completed_the_open_session_goes_on() -> None:
    cups = stream(STOCK, CUP.sku), StockAdjusted(sku=CUP.sku, delta=-10, reason="broken")
    tea_only = Purchase(name="two", wants=((TEA, 1),))
    without_cups = CANCELLED.given(cups).after(
        lambda view: set_item(view, ONE.cart_id, CUP.sku, 0, NOW), tea_only.start()
    )
    late = without_cups.when(ONE.report("captured"))
    goes_back(late, RefundCause.STOCK_GONE)
    later = NOW + timedelta(minutes=1)
    assert late.shop.when(tea_only.request(now=later)).refusal is None


def test_of_two_sessions_of_one_cart_the_first_captured_makes_the_only_order() -> None:
    both: list[list[Purchase]] = [[ONE, TWO], [TWO, ONE]]
    for first, second in both:
        paid = next_session(CANCELLED).after(first.report("captured"))
        goes_back(paid.when(second.report("captured")), RefundCause.CART_ORDERED)


def test_a_superseded_session_that_has_no_razorpay_order_yet_still_gives_its_money_back() -> None:
    asked = CANCELLED.given(*TWO.begun(), *TWO.asked(again=True))
    superseded = asked.after(ONE.report("captured"))
    known = superseded.when(TWO.record()).then(TWO.opened())
    goes_back(known.when(TWO.report("captured")), RefundCause.CART_ORDERED)


def test_money_on_an_intent_recorded_after_the_end_is_late_money() -> None:
    asked: list[Fact] = [*ONE.filled(), *ONE.begun(), *ONE.asked()]
    ended = given(*shop(), *asked, *ONE.cancelled())
    known = ended.when(ONE.record()).then(ONE.opened())
    known.when(ONE.report("captured")).then_kinds("PaymentCaptured", *TAKEN_AGAIN, *COMPLETION)


def test_money_that_came_before_a_late_record_is_settled_with_it() -> None:
    ended = given(*shop(), *ONE.filled(), *ONE.begun(), *ONE.asked(), *ONE.cancelled())
    early = ended.given(ONE.captured())
    early.when(ONE.record()).then_kinds("PaymentOrderOpened", *TAKEN_AGAIN, *COMPLETION)


def test_edits_made_after_the_end_are_not_bought() -> None:
    edited = CANCELLED.after(lambda view: set_item(view, ONE.cart_id, CUP.sku, 5, NOW))
    paid = edited.after(ONE.report("captured"))
    [order] = [state for name, state in paid.streams.items() if name.startswith(ORDER)]
    assert order.order.lines == ONE.lines
    assert paid.streams[stream(CART, ONE.cart_id)].order_id == order.order.order_id
