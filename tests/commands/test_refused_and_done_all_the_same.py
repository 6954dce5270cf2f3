"""A refund that Razorpay refused and made all the same: it is not made a second time."""

from src.commands.decisions.cases import case_of
from src.commands.decisions.orders import cancel_order
from src.commands.decisions.refund_news import refund_refused
from src.commands.decisions.refunds import refund_case, refund_order
from src.commands.view import Decide, View
from src.events.case import CaseKind
from src.events.identifiers import PAYMENT, order_of, stream
from src.events.payment import Payment
from src.events.refund import GOING_BACK, Refund, RefundProgress
from tests.factories import inr, shop
from tests.purchases import Purchase
from tests.scenario import Scenario, given

ONE = Purchase()
ORDER_ID = order_of(ONE.session)[0]
MONEY = stream(PAYMENT, ONE.razorpay_order)
CASE = case_of(CaseKind.REFUND_REFUSED, "refund_1")
PART = inr(30_000)


def ask(view_of: str = "refund_1") -> Decide:
    return lambda view: refund_order(view, ORDER_ID, PART, "torn", view_of)


def again() -> Decide:
    return lambda view: refund_case(view, MONEY, CASE, "tried again")


def made(status: str = "processed") -> Decide:
    return ONE.refund(status, "refund_1", amount=PART)


def money(scenario: Scenario) -> Payment:
    state: Payment = scenario.streams[MONEY]
    return state


def going_back(scenario: Scenario) -> int:
    refunds = money(scenario).refunds.values()
    return sum(each.amount.amount for each in refunds if each.progress in GOING_BACK)


PLACED = given(*shop(), *ONE.pending()).after(ONE.report("captured"))
REFUSED = PLACED.after(
    ask(),
    lambda view: refund_refused(view, ONE.razorpay_order, "refund_1", "duplicate receipt"),
)


def test_nobody_has_to_look_at_a_refund_that_was_made_after_all() -> None:
    assert CASE in money(REFUSED).cases
    for status in ("pending", "processed"):
        after = REFUSED.after(made(status))
        assert list(money(after).cases) == []
        assert going_back(after) == PART.amount


def test_what_was_wished_for_in_its_place_is_dropped() -> None:
    after = REFUSED.after(again(), made())
    assert going_back(after) == PART.amount
    dropped = [r for r in money(after).refunds.values() if r.progress is RefundProgress.DROPPED]
    assert len(dropped) == 1


def test_what_was_made_in_its_place_already_is_a_case() -> None:
    twice = REFUSED.after(again())
    [second] = [
        name
        for name, each in money(twice).refunds.items()
        if each.progress is RefundProgress.REQUESTED
    ]
    done = twice.after(
        ONE.refund("processed", second, amount=PART, razorpay_refund_id="rfnd_second"), made()
    )
    assert [case.kind for case in money(done).cases.values()] == [CaseKind.REFUNDED_OUTSIDE]


def test_a_refund_asked_for_anew_by_its_own_name_is_another_one() -> None:
    after = REFUSED.after(ask("refund_2"), made())
    assert going_back(after) == 2 * PART.amount


def test_what_was_wished_for_meanwhile_makes_room_for_it() -> None:
    """All of it was refused, a part was wished for, and all of it was made after all."""
    refused = PLACED.after(
        lambda view: cancel_order(view, ORDER_ID, "sold twice"),
        lambda view: refund_refused(view, ONE.razorpay_order, all_of(view), "no balance"),
        ask("refund_2"),
    )
    after = refused.after(ONE.refund("pending", all_of(refused.view)))
    assert going_back(after) == ONE.due.amount


def all_of(view: View) -> str:
    refunds: dict[str, Refund] = dict(view.payment(ONE.razorpay_order).refunds)
    [found] = [name for name, each in refunds.items() if each.amount == ONE.due]
    return found


def test_one_that_was_made_and_failed_is_a_case_again() -> None:
    after = REFUSED.after(made("pending"), made("failed"))
    assert [case.kind for case in money(after).cases.values()] == [CaseKind.REFUND_FAILED]


def test_a_refund_of_ours_that_razorpay_tells_of_without_our_name_is_still_ours() -> None:
    filed = PLACED.after(ask(), made("pending"))
    after = filed.after(ONE.refund("processed", None, amount=PART))
    [refund] = money(after).refunds.values()
    assert refund.progress is RefundProgress.PROCESSED
    assert money(after).cases_ever == frozenset()
