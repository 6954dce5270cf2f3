"""Money of which somebody else gave a part back: whatever is left ends somewhere, too."""

import pytest

from src.commands.decisions.cases import case_of
from src.commands.decisions.orders import cancel_order
from src.commands.decisions.refunds import refund_case, refund_order
from src.commands.gateway import PaymentStatus
from src.commands.view import Decide
from src.events.case import CaseKind
from src.events.identifiers import CHECKOUT, PAYMENT, STOCK, order_of, stream
from src.events.order import Cancelled
from src.events.payment import Payment
from src.events.refund import GOING_BACK, RefundProgress
from src.events.stock import StockAdjusted
from tests.commands.money_errands import Desk
from tests.factories import CUP, inr, shop
from tests.processes import simply
from tests.purchases import Purchase
from tests.scenario import Scenario, given

ONE = Purchase()
ALL = ONE.due.amount
ORDER_ID = order_of(ONE.session)[0]
MONEY = stream(PAYMENT, ONE.razorpay_order)
NO_CUPS = (stream(STOCK, CUP.sku), StockAdjusted(sku=CUP.sku, delta=-10, reason="broken"))
PENDING = given(*shop(), *ONE.pending())
PLACED = PENDING.after(ONE.report("captured"))
LATE = PENDING.given(*ONE.expired(), NO_CUPS).after(ONE.report("captured"))
"""All of it goes back by itself."""
UNKNOWN = given(*shop(), *ONE.filled(), *ONE.begun(), *ONE.asked())
"""Razorpay's order was made, and the process died before it wrote that down."""


def outside(status: str, amount: int) -> Decide:
    return ONE.refund(status, amount=inr(amount), razorpay_refund_id="rfnd_outside")


def part(amount: int) -> Decide:
    return lambda view: refund_order(view, ORDER_ID, inr(amount), "torn", "refund_part")


def cancel() -> Decide:
    return lambda view: cancel_order(view, ORDER_ID, "sold twice")


def money(scenario: Scenario) -> Payment:
    state: Payment = scenario.streams[MONEY]
    return state


def going_back(scenario: Scenario) -> int:
    refunds = money(scenario).refunds.values()
    return sum(each.amount.amount for each in refunds if each.progress in GOING_BACK)


def kinds(scenario: Scenario) -> list[CaseKind]:
    return sorted(case.kind for case in money(scenario).cases.values())


def test_a_part_that_failed_outside_goes_back_after_the_rest_was_wished_for() -> None:
    waiting = LATE.after(outside("pending", 10_000))
    assert going_back(waiting) == ALL
    failed = waiting.after(outside("failed", 10_000))
    assert going_back(failed) == ALL
    assert kinds(failed) == []


def test_beside_a_case_for_the_rest_the_part_that_failed_outside_goes_back_alone() -> None:
    waiting = LATE.after(outside("pending", 10_000))
    [rest] = [
        name
        for name, each in money(waiting).refunds.items()
        if each.progress is RefundProgress.REQUESTED
    ]
    amount = inr(ALL - 10_000)
    waits = waiting.after(
        ONE.refund("failed", rest, amount=amount, razorpay_refund_id="rfnd_rest"),
        outside("failed", 10_000),
    )
    assert going_back(waits) == 10_000
    assert [case.amount for case in money(waits).cases.values()] == [amount]


def test_an_attempt_outside_that_only_ever_failed_changes_nothing() -> None:
    failed = LATE.after(outside("failed", 10_000))
    assert going_back(failed) == ALL
    assert len([r for r in money(failed).refunds.values() if r.progress in GOING_BACK]) == 1


def test_of_a_cancelled_order_all_goes_back_though_a_part_for_staff_was_in_the_way() -> None:
    gone = PLACED.after(part(60_000), cancel(), outside("processed", 30_000))
    assert isinstance(gone.streams[stream("order", ORDER_ID)], Cancelled)
    assert going_back(gone) == ALL


def test_of_a_wrong_amount_all_goes_back_though_somebody_gave_a_part_back() -> None:
    wrong = PENDING.after(ONE.report("captured", amount=inr(500)))
    case_id = case_of(CaseKind.WRONG_AMOUNT, ONE.payment_id)
    settled = wrong.after(lambda view: refund_case(view, MONEY, case_id, "not ours"))
    gone = settled.after(outside("processed", 200))
    assert going_back(gone) == 500
    assert kinds(gone) == []


def test_what_staff_wished_for_is_theirs_to_wish_for_again_while_the_order_stands() -> None:
    gone = PLACED.after(part(ALL), outside("processed", 10_000))
    assert going_back(gone) == 10_000
    assert kinds(gone) == [CaseKind.REFUNDED_OUTSIDE]


def test_a_refund_outside_before_the_razorpay_order_was_known_is_a_case_of_its_order() -> None:
    known = UNKNOWN.after(ONE.report("captured"), outside("processed", 10_000), ONE.record())
    after = UNKNOWN.after(ONE.record(), ONE.report("captured"), outside("processed", 10_000))
    assert type(known.streams[stream(CHECKOUT, ONE.session)]).__name__ == "Completed"
    assert kinds(known) == kinds(after) == [CaseKind.REFUNDED_OUTSIDE]


def test_a_dispute_before_the_razorpay_order_was_known_is_a_case_then() -> None:
    early = UNKNOWN.after(ONE.report("captured"), ONE.dispute("open"))
    assert kinds(early) == []
    known = early.after(ONE.record())
    assert kinds(known) == [CaseKind.DISPUTED]
    lost = early.after(ONE.dispute("lost"), ONE.record())
    assert kinds(lost) == [CaseKind.DISPUTE_LOST]
    assert kinds(early.after(ONE.dispute("won"), ONE.record())) == []


@pytest.mark.anyio
@pytest.mark.parametrize(("lost", "given"), [(40_000, (ALL - 40_000,)), (ALL, ())])
async def test_what_a_lost_dispute_took_is_not_asked_for_once_more(
    lost: int, given: tuple[int, ...]
) -> None:
    desk = Desk()
    await desk.do(simply(*shop(), *ONE.filled()))
    await desk.ordered(ONE)
    await desk.do(ONE.expire(), simply(NO_CUPS))
    await desk.told(desk.paid(ONE, PaymentStatus.CAPTURED))
    assert len(await desk.left(ONE)) == 1
    await desk.do(ONE.dispute("lost", amount=inr(lost), deducted=inr(lost)))
    await desk.run(ONE)
    await desk.run(ONE)
    assert tuple(each.amount.amount for each in desk.gateway.refunds) == given
    assert await desk.left(ONE) == []
