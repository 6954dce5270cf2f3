"""Money goes back once, whatever is lost, dies, or is asked twice at the same time."""

import asyncio

import pytest

from src.commands.decisions.refunds import refund_case, refund_order
from src.commands.errands import GiveBack
from src.commands.gateway import (
    GatewayRefusedError,
    GatewayUnavailableError,
    PaymentStatus,
    RefundStatus,
)
from src.events.case import CaseKind
from src.events.checkout import Completed
from src.events.identifiers import PAYMENT, order_of, stream
from src.events.refund import RefundProgress
from tests.commands.money_errands import Desk
from tests.factories import NOW, inr, shop
from tests.processes import simply
from tests.purchases import Purchase

pytestmark = pytest.mark.anyio
ONE = Purchase()
REFUND = "refund_of_a_person"
ORDER = order_of(ONE.session)[0]


@pytest.fixture
async def desk() -> Desk:
    """An order that is paid, and one cup of it that staff want to pay back."""
    desk = Desk()
    await desk.do(simply(*shop(), *ONE.filled()))
    await desk.ordered(ONE)
    await desk.told(desk.paid(ONE, PaymentStatus.CAPTURED))
    assert isinstance(await desk.checkout(ONE), Completed)
    await desk.do(lambda view: refund_order(view, ORDER, inr(14_900), "broken", REFUND))
    return desk


async def progress(desk: Desk, refund_id: str = REFUND) -> RefundProgress:
    return (await desk.payment(ONE)).refunds[refund_id].progress


async def kinds_of_cases(desk: Desk) -> list[CaseKind]:
    return [case.kind for case in (await desk.payment(ONE)).cases.values()]


async def test_a_wish_is_asked_for_once_and_its_answer_recorded(desk: Desk) -> None:
    await desk.run(ONE)
    assert await progress(desk) is RefundProgress.PROCESSED
    assert [(each.receipt, each.amount) for each in desk.gateway.refunds] == [(REFUND, inr(14_900))]
    assert await desk.left(ONE) == []
    assert desk.gateway.asked == ["refund"]


async def test_an_errand_that_is_done_asks_nobody(desk: Desk) -> None:
    await desk.run(ONE)
    done = await desk.another().carry_out(GiveBack(ONE.razorpay_order, REFUND), NOW)
    unknown = await desk.another().carry_out(GiveBack(ONE.razorpay_order, "refund_unknown"), NOW)
    assert (done, unknown) == (None, None)
    assert desk.gateway.asked == ["refund"]


async def test_silence_changes_nothing_and_the_errand_is_left(desk: Desk) -> None:
    desk.gateway.down = 1
    before = await desk.book.head()
    with pytest.raises(GatewayUnavailableError):
        await desk.run(ONE)
    assert await desk.book.head() == before
    await desk.run(ONE)
    assert await progress(desk) is RefundProgress.PROCESSED


async def test_an_answer_that_is_lost_is_one_refund(desk: Desk) -> None:
    desk.gateway.dropped = 1
    with pytest.raises(GatewayUnavailableError):
        await desk.run(ONE)
    assert len(desk.gateway.refunds) == 1
    await desk.run(ONE)
    assert len(desk.gateway.refunds) == 1
    assert await progress(desk) is RefundProgress.PROCESSED


class TheProcessDied(Exception):
    """Between two steps."""


@pytest.mark.parametrize("step", ["before it asks", "before it records"])
async def test_a_process_that_dies_between_two_steps_leaves_them_to_the_next(
    desk: Desk, step: str
) -> None:
    desk.book.failure = TheProcessDied() if step == "before it records" else None
    if step == "before it records":
        with pytest.raises(TheProcessDied):
            await desk.run(ONE)
        assert len(desk.gateway.refunds) == 1
    desk.book.failure = None
    desk.begin_anew()
    await desk.run(ONE)
    assert len(desk.gateway.refunds) == 1
    assert await progress(desk) is RefundProgress.PROCESSED


async def test_two_processes_with_the_same_errand_make_one_refund(desk: Desk) -> None:
    [errand] = await desk.left(ONE)
    processes = [desk.another() for _ in range(3)]
    await asyncio.gather(*(each.carry_out(errand, NOW) for each in processes))
    assert len(desk.gateway.refunds) == 1
    assert (await desk.kinds()).count("RefundProcessed") == 1


async def test_a_refund_that_the_bank_still_works_on_is_not_asked_for_again(desk: Desk) -> None:
    desk.gateway.waiting = 1
    await desk.run(ONE)
    assert await progress(desk) is RefundProgress.FILED
    assert await desk.left(ONE) == []


async def test_a_refund_that_failed_at_once_is_a_case(desk: Desk) -> None:
    desk.gateway.waiting = 1
    desk.gateway.dropped = 1
    with pytest.raises(GatewayUnavailableError):
        await desk.run(ONE)
    desk.gateway.finish(desk.gateway.refunds[0], RefundStatus.FAILED)
    await desk.run(ONE)
    assert await progress(desk) is RefundProgress.FAILED
    assert await kinds_of_cases(desk) == [CaseKind.REFUND_FAILED]


async def test_a_refusal_is_a_case_and_closing_it_with_money_asks_under_another_id(
    desk: Desk,
) -> None:
    desk.gateway.no = GatewayRefusedError("not enough balance", 400)
    await desk.run(ONE)
    assert await progress(desk) is RefundProgress.REFUSED
    payment = await desk.payment(ONE)
    [(case_id, case)] = payment.cases.items()
    assert case.kind is CaseKind.REFUND_REFUSED
    assert "not enough balance" in case.reason
    desk.gateway.no = None
    about = stream(PAYMENT, ONE.razorpay_order)
    await desk.do(lambda view: refund_case(view, about, case_id, "topped up"))
    await desk.run(ONE)
    [given] = desk.gateway.refunds
    assert given.receipt != REFUND
    assert given.amount == inr(14_900)


async def test_what_somebody_else_gave_back_meanwhile_is_found_and_drops_the_wish(
    desk: Desk,
) -> None:
    [payment] = desk.gateway.payments[ONE.razorpay_order]
    desk.gateway.give_back(payment, payment.amount)
    await desk.run(ONE)
    refunds = (await desk.payment(ONE)).refunds
    assert await progress(desk) is RefundProgress.DROPPED
    assert sum(each.progress is RefundProgress.PROCESSED for each in refunds.values()) == 1
    assert await kinds_of_cases(desk) == [CaseKind.REFUNDED_OUTSIDE]


async def test_a_wrong_key_is_no_refusal_of_this_refund(desk: Desk) -> None:
    desk.gateway.no = GatewayRefusedError("the key was revoked", 401)
    with pytest.raises(GatewayUnavailableError):
        await desk.run(ONE)
    assert await progress(desk) is RefundProgress.REQUESTED
    desk.gateway.no = None
    await desk.run(ONE)
    assert await progress(desk) is RefundProgress.PROCESSED


async def test_a_wish_of_another_process_is_seen(desk: Desk) -> None:
    """What this process has at hand may be older than the wish that it is sent for."""
    elsewhere = desk.another()
    missing = GiveBack(ONE.razorpay_order, "refund_of_tea_x")
    assert await elsewhere.carry_out(missing, NOW) is None
    await desk.do(lambda view: refund_order(view, ORDER, inr(100), "torn", missing.refund_id))
    assert await elsewhere.carry_out(missing, NOW) is not None
    assert [each.receipt for each in desk.gateway.refunds] == [missing.refund_id]


async def test_late_money_without_stock_goes_back_by_itself() -> None:
    desk, late = Desk(), Purchase(name="late", cart="late")
    await desk.do(simply(*shop(units=2), *ONE.filled(), *late.filled()))
    await desk.ordered(late)
    await desk.do(late.cancel())
    await desk.ordered(ONE)
    await desk.told(desk.paid(ONE, PaymentStatus.CAPTURED))
    await desk.told(desk.paid(late, PaymentStatus.CAPTURED))
    await desk.run(late)
    [refund] = (await desk.payment(late)).refunds.values()
    assert refund.progress is RefundProgress.PROCESSED
    assert refund.amount == late.due
    assert (await desk.payment(late)).cases_ever == frozenset()
