"""Money goes back in full or in parts, and never more of it than came."""

import pytest
from hypothesis import given as sampled
from hypothesis import strategies as some
from msgspec.structs import replace

from src.commands.decisions.cases import case_of
from src.commands.decisions.orders import cancel_order, fulfil_order
from src.commands.decisions.refund_news import refund_refused
from src.commands.decisions.refunds import left_of, refund_case, refund_order
from src.commands.rejections import (
    AmountBelowMinimum,
    NothingToRefund,
    RefundTooLarge,
    Rejection,
    Unknown,
)
from src.commands.view import Decide
from src.events.case import CaseKind
from src.events.identifiers import PAYMENT, order_of, stream
from src.events.money import Money
from src.events.payment import Payment
from src.events.refund import GOING_BACK, RefundCause, RefundProgress, RefundRequested
from tests.factories import PIN, TEN_PERCENT, coupon, inr, shop
from tests.purchases import Purchase
from tests.scenario import Decided, Scenario, given

ONE = Purchase()
ORDER_ID = order_of(ONE.session)[0]
MONEY = stream(PAYMENT, ONE.razorpay_order)
ALL = ONE.due.amount
PLACED = given(*shop(), *ONE.pending()).after(ONE.report("captured"))


def refund(amount: Money | int | None = None, refund_id: str = "refund_1") -> Decide:
    wanted = inr(amount) if isinstance(amount, int) else amount
    return lambda view: refund_order(view, ORDER_ID, wanted, "torn", refund_id)


def cancel(order_id: str = ORDER_ID) -> Decide:
    return lambda view: cancel_order(view, order_id, "sold twice")


def settle(case_id: str) -> Decide:
    return lambda view: refund_case(view, MONEY, case_id, "tried again")


def wanted(decided: Decided) -> RefundRequested:
    """The one wish for money among what was decided."""
    [found] = [fact for _, fact in decided.facts if isinstance(fact, RefundRequested)]
    return found


def money(scenario: Scenario) -> Payment:
    state: Payment = scenario.streams[MONEY]
    return state


def test_without_an_amount_all_of_it_goes_back() -> None:
    asked = RefundRequested(
        refund_id="refund_1",
        razorpay_payment_id=ONE.payment_id,
        amount=ONE.due,
        cause=RefundCause.STAFF,
        reason="torn",
        order_id=ORDER_ID,
    )
    after = PLACED.when(refund()).then((MONEY, asked))
    after.when(refund(refund_id="refund_2")).then_refused(NothingToRefund)


def test_it_may_go_back_in_parts_and_the_last_one_is_what_is_left() -> None:
    parts = PLACED.after(refund(10_000, "refund_1"), refund(20_000, "refund_2"))
    last = parts.when(refund(refund_id="refund_3"))
    assert wanted(last).amount == inr(ALL - 30_000)
    last.then(*last.facts).when(refund(100, "refund_4")).then_refused(NothingToRefund)


def test_more_than_is_left_is_refused_and_says_how_much_is() -> None:
    PLACED.when(refund(ALL + 1)).then_refused(RefundTooLarge, left=ONE.due)
    partly = PLACED.after(refund(10_000))
    left = inr(ALL - 10_000)
    partly.when(refund(ALL - 9_999, "refund_2")).then_refused(RefundTooLarge, left=left)
    assert partly.when(refund(ALL - 10_000, "refund_2")).refusal is None


def test_another_currency_does_not_go_back() -> None:
    PLACED.when(refund(Money(500, "USD"))).then_refused(RefundTooLarge, left=ONE.due)


@pytest.mark.parametrize("amount", [0, 1, 99])
def test_less_than_the_provider_sends_is_refused(amount: int) -> None:
    PLACED.when(refund(amount)).then_refused(AmountBelowMinimum, minimum=100)
    assert PLACED.when(refund(100)).refusal is None


def test_a_rest_too_small_to_be_sent_is_refused_to_staff_and_asked_for_by_a_cancellation() -> None:
    """Razorpay may say no to so little; then a person has to look, and nothing is forgotten."""
    tiny = PLACED.after(refund(ALL - 50))
    tiny.when(refund(refund_id="refund_2")).then_refused(AmountBelowMinimum, minimum=100)
    assert wanted(tiny.when(cancel())).amount == inr(50)


def test_the_same_refund_asked_for_again_changes_nothing() -> None:
    PLACED.after(refund(10_000)).when(refund(10_000)).then_nothing()
    PLACED.after(refund()).when(refund()).then_nothing()


def test_an_order_that_cost_nothing_has_nothing_to_give_back() -> None:
    gift = Purchase(wants=((PIN, 1),), coupon="GIFT")
    all_of_it = replace(TEN_PERCENT, value=100)
    filled = given(*shop(shipping=0), coupon("GIFT", all_of_it), *gift.filled())
    free = filled.after(gift.start(), gift.request())
    free.when(refund()).then_refused(NothingToRefund)


def test_an_order_that_was_never_placed_is_unknown() -> None:
    given(*shop(), *ONE.pending()).when(refund()).then_refused(Unknown)


def test_a_cancelled_order_has_given_all_of_it_back_already() -> None:
    PLACED.after(cancel()).when(refund()).then_refused(NothingToRefund)


def test_a_sent_order_can_still_be_refunded() -> None:
    sent = PLACED.after(lambda view: fulfil_order(view, ORDER_ID, "P-1"))
    assert wanted(sent.when(refund(10_000))).amount == inr(10_000)


def test_what_the_bank_took_after_a_lost_dispute_does_not_go_back_once_more() -> None:
    part = inr(40_000)
    lost = PLACED.after(ONE.dispute("lost", amount=part, deducted=part))
    left = inr(ALL - 40_000)
    lost.when(refund(ALL)).then_refused(RefundTooLarge, left=left)
    assert wanted(lost.when(refund())).amount == left
    PLACED.after(ONE.dispute("lost")).when(refund()).then_refused(NothingToRefund)
    not_yet = PLACED.after(ONE.dispute("lost", deducted=inr(0)))
    not_yet.when(refund()).then_refused(NothingToRefund)
    PLACED.after(ONE.dispute("lost")).when(cancel()).then_kinds(
        "OrderCancelled", "StockReturned", "StockReturned"
    )


def test_a_refund_that_failed_is_a_case_whose_money_goes_back_as_a_new_refund() -> None:
    failed = PLACED.after(refund(10_000), ONE.refund("failed", "refund_1", amount=inr(10_000)))
    case_id = case_of(CaseKind.REFUND_FAILED, "refund_1")
    assert case_id in money(failed).cases
    again = failed.when(settle(case_id))
    assert again.kinds == ["CaseResolved", "RefundRequested"]
    new = wanted(again)
    assert (new.amount, new.cause, new.order_id) == (inr(10_000), RefundCause.CASE, ORDER_ID)
    assert new.refund_id != "refund_1"
    settled = again.then(*again.facts)
    settled.when(settle(case_id)).then_nothing()
    twice = settled.after(
        ONE.refund("failed", new.refund_id, amount=inr(10_000), razorpay_refund_id="rfnd_2")
    )
    assert case_of(CaseKind.REFUND_FAILED, new.refund_id) in money(twice).cases


def test_a_refund_that_was_refused_is_a_case_whose_money_can_go_back_too() -> None:
    refused = PLACED.after(
        refund(10_000),
        lambda view: refund_refused(view, ONE.razorpay_order, "refund_1", "not enough balance"),
    )
    case_id = case_of(CaseKind.REFUND_REFUSED, "refund_1")
    assert wanted(refused.when(settle(case_id))).amount == inr(10_000)


def test_the_money_of_a_failed_refund_is_there_for_another_and_then_not_for_the_case() -> None:
    failed = PLACED.after(refund(), ONE.refund("failed", "refund_1"))
    case_id = case_of(CaseKind.REFUND_FAILED, "refund_1")
    cancelled = failed.after(cancel())
    cancelled.when(settle(case_id)).then_refused(NothingToRefund)
    part = failed.after(refund(10_000, "refund_2")).when(settle(case_id))
    assert wanted(part).amount == inr(ALL - 10_000), "as far as it is still here"


def test_money_of_a_wrong_amount_goes_back_when_a_person_says_so() -> None:
    wrong = given(*shop(), *ONE.pending()).after(ONE.report("captured", amount=inr(500)))
    case_id = case_of(CaseKind.WRONG_AMOUNT, ONE.payment_id)
    back = wrong.when(settle(case_id))
    assert back.kinds == ["CaseResolved", "RefundRequested"]
    assert (wanted(back).amount, wanted(back).order_id) == (inr(500), None)
    back.then(*back.facts)


@pytest.mark.parametrize("kind", [CaseKind.REFUNDED_OUTSIDE, CaseKind.DISPUTE_LOST])
def test_money_that_went_by_another_way_does_not_go_back_once_more(kind: CaseKind) -> None:
    part = inr(10_000)
    gone = {
        CaseKind.REFUNDED_OUTSIDE: ONE.refund("processed", amount=part),
        CaseKind.DISPUTE_LOST: ONE.dispute("lost", amount=part, deducted=part),
    }
    after = PLACED.after(gone[kind])
    [case_id] = [name for name, case in money(after).cases.items() if case.kind is kind]
    after.when(settle(case_id)).then_refused(NothingToRefund)


def test_a_case_that_nobody_opened_is_unknown() -> None:
    PLACED.when(settle("case_none")).then_refused(Unknown)


ANSWERS = ("pending", "processed", "failed", "refused")
moves = some.one_of(
    some.tuples(some.just("refund"), some.integers(0, ALL + 200)),
    some.tuples(some.just("cancel"), some.just(0)),
    some.tuples(some.just("settle"), some.integers(0, 5)),
    some.tuples(some.sampled_from(ANSWERS), some.integers(0, 5)),
)


@sampled(some.lists(moves, max_size=14))
def test_whatever_is_wished_and_answered_never_more_goes_back_than_came(
    story: list[tuple[str, int]],
) -> None:
    scenario = PLACED
    for turn, (what, number) in enumerate(story):
        decide = move(scenario, f"refund_{turn}", what, number)
        decided = None if decide is None else scenario.when(decide)
        if decided is None or isinstance(decided.refusal, Rejection):
            continue
        scenario = decided.then(*decided.facts)
        assert left_of(money(scenario), ONE.payment_id) >= 0
        check_refunds(money(scenario))


def move(scenario: Scenario, refund_id: str, what: str, number: int) -> Decide | None:
    """Return what happens next; None when there is nothing that it could happen to."""
    payment = money(scenario)
    if what == "refund":
        return refund(number or None, refund_id)
    if what == "cancel":
        return cancel()
    if what == "settle":
        cases = sorted(payment.cases)
        return settle(cases[number % len(cases)]) if cases else None
    mine = sorted(payment.refunds)
    return answered(payment, mine[number % len(mine)], what) if mine else None


def answered(payment: Payment, refund_id: str, what: str) -> Decide | None:
    """A refund that Razorpay refused is none: it says nothing more of it."""
    if payment.refunds[refund_id].progress is RefundProgress.REFUSED:
        return None
    if what == "refused":
        return lambda view: refund_refused(view, ONE.razorpay_order, refund_id, "no balance")
    amount = payment.refunds[refund_id].amount
    return ONE.refund(what, refund_id, amount=amount, razorpay_refund_id=f"rfnd_{refund_id}")


def check_refunds(payment: Payment) -> None:
    """What failed or was refused waits for a person, or a person has looked."""
    for refund_id, each in payment.refunds.items():
        if each.progress in GOING_BACK or each.progress is RefundProgress.DROPPED:
            continue
        kinds = (CaseKind.REFUND_FAILED, CaseKind.REFUND_REFUSED)
        assert any(case_of(kind, refund_id) in payment.cases_ever for kind in kinds)
