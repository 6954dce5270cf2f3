"""Nobody tells the shop anything; it asks, and asks again, until it knows the end."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from src.bootstrap.moments import now
from src.bootstrap.parts import BOOK
from src.bootstrap.reconciling import inquire_due
from src.commands.decisions.endings import expire
from src.commands.decisions.inquiries import LADDER
from src.embedded import Engines
from src.events.inquiry import InquiryKind, Outcome
from src.events.refund import RefundProgress
from tests.databases import BookDatabase, connected
from tests.journeys.buyers import (
    Buyer,
    all_cases,
    fault,
    ok,
    order_of,
    orders_at_razorpay,
    refused,
    stock_of,
)
from tests.processes import cause
from tests.shop import ShopUnderTest, opened_shop

pytestmark = pytest.mark.anyio
SOON = timedelta(seconds=1)
"""More than the time that a test takes is not needed: the shop's clock stands where it is told."""


@pytest.fixture
async def shop(
    engines: Engines, book_database: BookDatabase, tmp_path: Path
) -> AsyncIterator[ShopUnderTest]:
    """A shop of its own for each test, to which Razorpay delivers nothing."""
    async with opened_shop(engines, book_database, tmp_path) as opened:
        yield opened


def after(**time: float) -> datetime:
    """Return a moment so much later than now."""
    return now() + timedelta(**time)


async def asked(shop: ShopUnderTest, at: datetime) -> int:
    """Let the worker's round take place at a moment; return how much it asked about."""
    return await inquire_due(shop.parts, at)


async def waiting(shop: ShopUnderTest) -> list[tuple[str, int]]:
    """Return what is still to be asked about, and how often it was."""
    rows = await connected(
        shop.settings.app_url,
        lambda db: db.fetch("select kind, asked from edge.inquiries where book = $1", BOOK),
    )
    return [(row["kind"], row["asked"]) for row in rows]


async def outcomes(shop: ShopUnderTest) -> dict[tuple[str, str], int]:
    """Return how often was asked, by kind and outcome."""
    rows = await connected(
        shop.settings.app_url,
        lambda db: db.fetch("select kind, outcome, inquiries from edge.inquiry_outcomes"),
    )
    return {(row["kind"], row["outcome"]): row["inquiries"] for row in rows}


async def bought(shop: ShopUnderTest, sku: str, **wish: object) -> tuple[Buyer, dict[str, Any]]:
    """Let somebody pay, of which neither webhook nor callback tells."""
    await shop.stocked(sku, units=5)
    buyer = await Buyer.guest(shop)
    ok(await buyer.put(sku, 1))
    pending = await buyer.intent()
    await shop.pay(order_of(pending), deliver=False, **wish)
    return buyer, pending


async def test_money_that_nobody_told_of_is_an_order_after_15_minutes(shop: ShopUnderTest) -> None:
    buyer, pending = await bought(shop, "LOST")
    assert await asked(shop, after(minutes=14)) == 0
    assert ok(await buyer.session(pending))["state"] == "PAYMENT_PENDING"
    assert await asked(shop, after(minutes=15) + SOON) == 1
    assert ok(await buyer.session(pending))["state"] == "ORDER_CREATED"
    assert await stock_of(shop, "LOST") == (0, 1, 4)
    assert await waiting(shop) == []
    assert await outcomes(shop) == {(InquiryKind.PAYMENT, Outcome.SETTLED): 1}


async def test_what_was_paid_and_told_in_time_is_not_asked_about(shop: ShopUnderTest) -> None:
    await shop.stocked("TOLD", units=5)
    buyer = await Buyer.guest(shop, TOLD=1)
    pending = await buyer.intent()
    await shop.pay(order_of(pending))
    await buyer.until(pending, "ORDER_CREATED")
    assert await asked(shop, after(minutes=20)) == 0
    assert await outcomes(shop) == {}


async def test_what_nobody_pays_is_asked_about_on_every_rung_and_then_given_up(
    shop: ShopUnderTest,
) -> None:
    await shop.stocked("NEVER", units=5)
    buyer = await Buyer.guest(shop, NEVER=1)
    await buyer.intent()
    begun = now()
    times = [await asked(shop, begun + rung + SOON) for rung in LADDER]
    assert times == [1] * len(LADDER)
    assert await asked(shop, begun + timedelta(days=30)) == 0
    assert await waiting(shop) == []
    assert await outcomes(shop) == {
        (InquiryKind.PAYMENT, Outcome.OPEN): len(LADDER) - 1,
        (InquiryKind.PAYMENT, Outcome.GIVEN_UP): 1,
    }


async def test_between_two_rungs_nothing_is_asked(shop: ShopUnderTest) -> None:
    await shop.stocked("REST", units=5)
    await (await Buyer.guest(shop, REST=1)).intent()
    assert await asked(shop, after(minutes=16)) == 1
    for minutes in (16, 20, 29):
        assert await asked(shop, after(minutes=minutes)) == 0
    assert await waiting(shop) == [("payment", 1)]
    assert await asked(shop, after(minutes=31)) == 1


async def test_many_workers_at_once_ask_once(shop: ShopUnderTest) -> None:
    await shop.stocked("MANY", units=50)
    for _ in range(12):
        await (await Buyer.guest(shop, MANY=1)).intent()
    at = after(minutes=16)
    found = await asyncio.gather(*(asked(shop, at) for _ in range(4)))
    assert sum(found) == 12
    assert await outcomes(shop) == {(InquiryKind.PAYMENT, Outcome.OPEN): 12}


async def test_while_razorpay_is_down_the_same_rung_waits_a_minute(shop: ShopUnderTest) -> None:
    buyer, pending = await bought(shop, "DOWN")
    await fault(shop, "order.payments", "http_500")
    first = after(minutes=16)
    assert await asked(shop, first) == 1
    assert ok(await buyer.session(pending))["state"] == "PAYMENT_PENDING"
    assert await waiting(shop) == [("payment", 0)]
    assert await asked(shop, first + timedelta(seconds=59)) == 0
    assert await asked(shop, first + timedelta(seconds=60)) == 1
    assert ok(await buyer.session(pending))["state"] == "ORDER_CREATED"
    assert await outcomes(shop) == {
        (InquiryKind.PAYMENT, Outcome.UNANSWERED): 1,
        (InquiryKind.PAYMENT, Outcome.SETTLED): 1,
    }


async def test_an_answer_that_fails_for_one_stops_no_other(shop: ShopUnderTest) -> None:
    first = await bought(shop, "ONE")
    second = await bought(shop, "TWO")
    await fault(shop, "order.payments", "html_502")
    assert await asked(shop, after(minutes=16)) == 2
    states = [ok(await buyer.session(pending))["state"] for buyer, pending in (first, second)]
    assert sorted(states) == ["ORDER_CREATED", "PAYMENT_PENDING"]


async def test_a_late_yes_of_the_bank_after_expiry_is_found(shop: ShopUnderTest) -> None:
    await shop.stocked("LATE", units=5)
    buyer = await Buyer.guest(shop, LATE=1)
    pending = await buyer.intent()
    paid = await shop.pay(order_of(pending), outcome="silent", deliver=False)
    session = pending["checkout_session_id"]
    overdue = after(hours=1)
    await shop.parts.ledger.transact(cause("late"), lambda view: expire(view, session, overdue))
    assert await asked(shop, after(hours=1)) == 1
    refused(await buyer.session(pending), 410, "session-expired")
    late = f"/_sandbox/payments/{paid['razorpay_payment_id']}/authorize"
    ok(await shop.sandbox.post(late, json={"deliver": False}))
    assert await asked(shop, after(hours=2, minutes=1)) == 1
    assert ok(await buyer.session(pending))["state"] == "ORDER_CREATED"
    assert await stock_of(shop, "LATE") == (0, 1, 4)


async def never_recorded(shop: ShopUnderTest, sku: str) -> tuple[Buyer, dict[str, Any]]:
    """Let Razorpay's answer to an intent be lost, and nobody ask again."""
    await shop.stocked(sku, units=5)
    buyer = await Buyer.guest(shop)
    ok(await buyer.put(sku, 1))
    await fault(shop, "order.create", "commit_then_drop")
    problem = refused(await buyer.order(), 502, "payment-provider-unavailable")
    return buyer, {"checkout_session_id": problem["checkout_session_id"]}


async def test_an_intent_whose_answer_was_lost_is_found_by_its_receipt(
    shop: ShopUnderTest,
) -> None:
    buyer, lost = await never_recorded(shop, "FOUND")
    assert ok(await buyer.session(lost))["payment_intent"] is None
    assert await asked(shop, after(minutes=16)) == 1
    shown = ok(await buyer.session(lost))
    assert shown["state"] == "PAYMENT_PENDING"
    assert await orders_at_razorpay(shop, lost["checkout_session_id"]) == [order_of(shown)]
    assert await outcomes(shop) == {(InquiryKind.INTENT, Outcome.SETTLED): 1}


async def test_a_session_that_ended_without_hearing_of_its_order_can_still_be_paid(
    shop: ShopUnderTest,
) -> None:
    buyer, lost = await never_recorded(shop, "DEAF")
    session = lost["checkout_session_id"]
    ok(await buyer.ask("POST", f"/checkout/{session}/cancel"))
    [order] = await orders_at_razorpay(shop, session)
    await shop.pay(order, deliver=False)
    assert await asked(shop, after(minutes=16)) == 1
    assert ok(await buyer.session(lost))["ended"] == "cancelled"
    assert await asked(shop, after(minutes=32)) == 1
    assert ok(await buyer.session(lost))["state"] == "ORDER_CREATED"
    assert await outcomes(shop) == {
        (InquiryKind.INTENT, Outcome.SETTLED): 1,
        (InquiryKind.PAYMENT, Outcome.SETTLED): 1,
    }


async def test_an_intent_that_never_reached_razorpay_is_looked_for_and_given_up(
    shop: ShopUnderTest,
) -> None:
    await shop.stocked("NONE", units=5)
    buyer = await Buyer.guest(shop, NONE=1)
    await fault(shop, "order.create", "http_500")
    refused(await buyer.order(), 502, "payment-provider-unavailable")
    begun = now()
    assert [await asked(shop, begun + rung + SOON) for rung in LADDER] == [1] * len(LADDER)
    assert await asked(shop, begun + timedelta(days=30)) == 0


async def test_a_schedule_that_was_lost_is_found_again_in_the_book(shop: ShopUnderTest) -> None:
    buyer, pending = await bought(shop, "AGAIN")
    await fault(shop, "order.payments", "http_500")
    assert await asked(shop, after(minutes=16)) == 1

    async def lose(db: Any) -> None:  # noqa: ANN401  # asyncpg ships no types
        await db.execute("delete from edge.inquiries")
        await db.execute("delete from edge.reactions")

    await connected(shop.settings.app_url, lose)
    assert await asked(shop, after(minutes=16)) == 1
    assert ok(await buyer.session(pending))["state"] == "ORDER_CREATED"


async def going_back(shop: ShopUnderTest) -> tuple[str, str]:
    """Let money come for what is sold out, and Razorpay work on giving it back."""
    await shop.stocked("BACK", units=1)
    slow, quick = await Buyer.guest(shop, BACK=1), await Buyer.guest(shop, BACK=1)
    late = await slow.intent()
    failed = await shop.pay(order_of(late), outcome="failed")
    await slow.until(late, "CART_PENDING", ended="failed")
    bought_now = await quick.intent()
    await shop.pay(order_of(bought_now))
    await quick.until(bought_now, "ORDER_CREATED")
    ok(await shop.sandbox.post("/_sandbox/refunds/plan", json={"outcome": "pending"}))
    yes = f"/_sandbox/payments/{failed['razorpay_payment_id']}/authorize"
    ok(await shop.sandbox.post(yes, json={"deliver": False}))
    await shop.parts.news.ask(cause("late money"), order_of(late))
    return order_of(late), await filed(shop, order_of(late))


async def filed(shop: ShopUnderTest, razorpay_order_id: str) -> str:
    """Hand the one refund to Razorpay and forget the answer; return what Razorpay calls it."""
    payment = await shop.parts.ledger.look(lambda view: view.payment(razorpay_order_id))
    [(refund_id, refund)] = payment.refunds.items()
    said = await shop.parts.gateway.refund(
        razorpay_order_id, refund.razorpay_payment_id, refund.amount, refund_id
    )
    return said.razorpay_refund_id


async def refund_of(shop: ShopUnderTest, razorpay_order_id: str) -> RefundProgress:
    payment = await shop.parts.ledger.look(lambda view: view.payment(razorpay_order_id))
    [refund] = payment.refunds.values()
    return refund.progress


@pytest.mark.parametrize(
    ("end", "progress"),
    [("process", RefundProgress.PROCESSED), ("fail", RefundProgress.FAILED)],
)
async def test_a_refund_that_nobody_tells_of_is_followed_to_its_end(
    shop: ShopUnderTest, end: str, progress: RefundProgress
) -> None:
    order, refund = await going_back(shop)
    await asked(shop, after(minutes=16))
    assert await refund_of(shop, order) is RefundProgress.FILED
    await asked(shop, after(days=5, minutes=1))
    assert await waiting(shop) == [("refund", 2)]
    ok(await shop.sandbox.post(f"/_sandbox/refunds/{refund}/{end}", json={"deliver": False}))
    assert await asked(shop, after(days=5, hours=23)) == 0
    assert await asked(shop, after(days=6, minutes=1)) == 1
    assert await refund_of(shop, order) is progress
    assert await waiting(shop) == []
    assert len(await all_cases(shop)) == (end == "fail")


async def figures(shop: ShopUnderTest) -> dict[tuple[str, str, str], float]:
    """Return what /metrics says of asking, by name, what about, and outcome."""
    page = (await shop.client.get("/metrics")).text
    return {
        (sample.name, sample.labels["about"], sample.labels.get("outcome", "")): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
        if "about" in sample.labels
    }


async def test_watchers_see_what_is_being_asked_about_and_what_came_of_it(
    shop: ShopUnderTest,
) -> None:
    quiet = await figures(shop)
    assert set(quiet.values()) == {0.0}
    _, pending = await bought(shop, "SEEN")
    await fault(shop, "order.payments", "http_500")
    await asked(shop, after(minutes=16))
    waits = await figures(shop)
    assert waits["khata_inquiries_open", "unpaid_intents", ""] == 1
    assert waits["khata_oldest_inquiry_seconds", "unpaid_intents", ""] > 0
    assert waits["khata_inquiries_total", "unpaid_intents", "unanswered"] == 1
    await asked(shop, after(minutes=18))
    done = await figures(shop)
    assert done["khata_inquiries_open", "unpaid_intents", ""] == 0
    assert done["khata_inquiries_total", "unpaid_intents", "settled"] == 1
    assert order_of(pending) not in str(done)
