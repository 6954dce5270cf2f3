"""A process dies, or its call fails, at every call out while money is taken, given back, asked for.

Each story is told once in peace. However it is told then, the shop must end as
it did in peace: the same money at Razorpay, the same states in the book.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace

from src.commands.decisions.cases import case_of
from src.commands.decisions.endings import expire
from src.commands.decisions.orders import cancel_order
from src.commands.decisions.refunds import refund_case, refund_order
from src.commands.gateway import (
    DisputeReport,
    PaymentReport,
    PaymentStatus,
    RefundStatus,
)
from src.commands.view import Fact, View
from src.events.case import CaseKind
from src.events.dispute import DisputeStatus
from src.events.identifiers import PAYMENT, STOCK, order_of, stream
from src.events.stock import StockAdjusted
from tests.factories import NOW, TEA, inr
from tests.journeys.lives import End, Fate
from tests.journeys.money_runs import LATER, ONE, Run, Story

pytestmark = pytest.mark.anyio

ORDER_ID = order_of(ONE.session)[0]
CALLS_MAX = 60
SEEDS = 25


def all_gone(view: View) -> list[Fact]:
    delta = -view.stock(TEA.sku).available
    gone = StockAdjusted(sku=TEA.sku, delta=delta, reason="sold")
    return [(stream(STOCK, TEA.sku), gone)] if delta else []


async def bought(run: Run) -> PaymentReport:
    """Pay, and see the order: what is done to it comes after that."""
    await run.intended()
    report = await run.paid()
    await run.everything_due(NOW)
    return report


async def gone(run: Run) -> None:
    """The session is over, and what it had held is sold."""
    await run.intended()
    await run.wish("expire", lambda view: expire(view, ONE.session, LATER))
    await run.wish("gone", all_gone)


async def walked_away(run: Run) -> None:
    """Nobody asks again for the payment that was asked for; then it is paid all the same."""
    await run.once(run.intent)
    if not run.gateway.orders:
        await run.intended()
    await run.paid()


async def cancelled(run: Run) -> None:
    await bought(run)
    await run.wish("cancel", lambda view: cancel_order(view, ORDER_ID, "sold twice"))


async def part_back(run: Run) -> None:
    await bought(run)
    for name in ("refund_first", "refund_second"):
        await run.wish(
            name,
            partial(
                refund_order, order_id=ORDER_ID, amount=inr(10_000), reason="torn", refund_id=name
            ),
        )
        await run.everything_due(NOW)


async def sold_out(run: Run) -> None:
    await gone(run)
    await run.paid()


async def refund_fails(run: Run) -> None:
    """Razorpay takes its time, and then the bank says no; a person asks once more."""
    run.gateway.waiting = 1
    await cancelled(run)
    await run.everything_due(NOW)
    [waiting] = run.gateway.refunds
    failed = run.gateway.finish(waiting, RefundStatus.FAILED)
    await run.told("refund failed", paid_of(run), failed)
    await run.everything_due(NOW)
    case_id = case_of(CaseKind.REFUND_FAILED, f"{waiting.receipt}")
    about = stream(PAYMENT, waiting.razorpay_order_id)
    await run.wish("once more", lambda view: refund_case(view, about, case_id, "called them"))


async def refund_fails_unheard(run: Run) -> None:
    """Both messengers are lost: only asking tells that it failed."""
    run.gateway.waiting = 1
    await cancelled(run)
    await run.everything_due(NOW)
    run.gateway.finish(run.gateway.refunds[0], RefundStatus.FAILED)


async def processed_unheard(run: Run) -> None:
    run.gateway.waiting = 1
    await cancelled(run)
    await run.everything_due(NOW)
    run.gateway.finish(run.gateway.refunds[0], RefundStatus.PROCESSED)


async def unheard(run: Run) -> None:
    """Both messengers are lost: nobody tells that it was paid."""
    await run.intended()
    run.gateway.pay(run.gateway.orders[0], PaymentStatus.CAPTURED)


async def taken(run: Run) -> None:
    await run.intended()
    await run.paid(PaymentStatus.AUTHORIZED)


async def taken_late(run: Run) -> None:
    await run.intended()
    await run.wish("expire", lambda view: expire(view, ONE.session, LATER))
    await run.paid(PaymentStatus.AUTHORIZED)


async def declined(run: Run) -> None:
    """What is sold out is not taken, and Razorpay returns it."""
    await gone(run)
    promised = await run.paid(PaymentStatus.AUTHORIZED)
    await run.everything_due(NOW)
    returned = replace(promised, status=PaymentStatus.REFUNDED)
    run.gateway.payments[promised.razorpay_order_id] = [returned]
    await run.told("returned", returned)


def paid_of(run: Run) -> PaymentReport:
    [[report]] = run.gateway.payments.values()
    return report


def disputed(end: DisputeStatus) -> Callable[[Run], Awaitable[None]]:
    async def tell(run: Run) -> None:
        paid = await bought(run)
        for status in (DisputeStatus.OPEN, DisputeStatus.UNDER_REVIEW, end):
            said = DisputeReport(
                razorpay_order_id=paid.razorpay_order_id,
                razorpay_payment_id=paid.razorpay_payment_id,
                dispute_id="disp_one",
                status=status,
                amount=paid.amount,
                deducted=paid.amount if status is DisputeStatus.LOST else None,
            )
            await run.told(f"dispute {status}", paid, said)

    return tell


async def outside(run: Run) -> None:
    """All of it is to go back; before Razorpay is asked, somebody gives a part back by hand."""
    await sold_out(run)
    run.gateway.give_back(paid_of(run), inr(10_000))


ALL = ONE.due.amount
STORIES: Mapping[str, Story] = {
    "an order is cancelled": Story(tell=cancelled, given_back=(ALL,)),
    "staff give two parts back": Story(tell=part_back, given_back=(10_000, 10_000)),
    "late, and sold out": Story(tell=sold_out, given_back=(ALL,), ends="Ended"),
    "somebody else gives a part back": Story(
        tell=outside, given_back=(10_000, ALL - 10_000), ends="Ended"
    ),
    "a refund fails": Story(tell=refund_fails, given_back=(ALL,)),
    "a refund fails unheard": Story(tell=refund_fails_unheard, cases=(CaseKind.REFUND_FAILED,)),
    "a refund ends unheard": Story(tell=processed_unheard, given_back=(ALL,)),
    "paid unheard": Story(tell=unheard),
    "walked away": Story(tell=walked_away),
    "promised": Story(tell=taken, manual=True),
    "promised late": Story(tell=taken_late, manual=True),
    "promised late, and sold out": Story(tell=declined, manual=True, ends="Ended"),
    "disputed and won": Story(tell=disputed(DisputeStatus.WON)),
    "disputed and lost": Story(tell=disputed(DisputeStatus.LOST), cases=(CaseKind.DISPUTE_LOST,)),
}


async def calls_of(story: Story) -> tuple[int, Mapping[str, object]]:
    """Return how many calls a story takes in peace, and what it leaves."""
    fate = Fate({})
    left = await Run(story, fate).go()
    assert 5 < fate.calls < CALLS_MAX
    return fate.calls, left


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("end", list(End))
async def test_wherever_it_happens_the_money_ends_the_same(story: str, end: End) -> None:
    calls, peace = await calls_of(STORIES[story])
    for at in range(1, calls + 1):
        await ends_as_in_peace(story, {at: end}, peace)


@pytest.mark.parametrize("story", STORIES)
async def test_however_often_it_happens_the_money_ends_the_same(story: str) -> None:
    _, peace = await calls_of(STORIES[story])
    for seed in range(SEEDS):
        chance = Random(seed)
        often = chance.choice((0.1, 0.3, 0.6))
        calls = [at for at in range(1, CALLS_MAX) if chance.random() < often]
        ends = {at: chance.choice(list(End)) for at in calls}
        await ends_as_in_peace(story, ends, peace)


async def ends_as_in_peace(story: str, ends: dict[int, End], peace: Mapping[str, Any]) -> None:
    try:
        left = await Run(STORIES[story], Fate(ends)).go()
    except Exception as failure:
        raise AssertionError(f"{story}: {ends}: {failure!r}") from failure
    assert left == peace, f"{story}: {ends}"
