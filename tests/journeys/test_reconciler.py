"""Nobody tells the shop anything; it asks, and asks again, until it knows the end."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from src.bootstrap.moments import now
from src.commands.decisions.endings import expire
from src.commands.decisions.inquiries import LADDER
from src.embedded import Engines
from src.events.inquiry import InquiryKind, Outcome
from tests.databases import BookDatabase, connected
from tests.journeys.asking import after, asked, bought, outcomes, shop, waiting
from tests.journeys.buyers import (
    Buyer,
    fault,
    ok,
    order_of,
    orders_at_razorpay,
    refused,
    stock_of,
)
from tests.processes import cause
from tests.shop import ShopUnderTest, opened_shop

__all__ = ["shop"]
pytestmark = pytest.mark.anyio
SOON = timedelta(seconds=1)
"""More than the time that a test takes is not needed: the shop's clock stands where it is told."""


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


async def test_a_wrong_key_is_no_answer_about_the_money(shop: ShopUnderTest) -> None:
    buyer, pending = await bought(shop, "KEYS")
    await fault(shop, "order.payments", "http_401")
    first = after(minutes=16)
    assert await asked(shop, first) == 1
    assert await outcomes(shop) == {(InquiryKind.PAYMENT, Outcome.UNANSWERED): 1}
    assert await asked(shop, first + timedelta(minutes=1)) == 1
    assert ok(await buyer.session(pending))["state"] == "ORDER_CREATED"


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


async def test_promised_money_that_nobody_told_of_is_taken_by_a_shop_that_takes_it_itself(
    engines: Engines, book_database: BookDatabase, tmp_path: Path
) -> None:
    async with opened_shop(engines, book_database, tmp_path, KHATA_CAPTURE="manual") as shop:
        buyer, pending = await bought(shop, "HOLD", outcome="authorized")
        assert await asked(shop, after(minutes=16)) == 1
        assert ok(await buyer.session(pending))["state"] == "PAYMENT_PENDING"
        await shop.work()
        assert ok(await buyer.session(pending))["state"] == "ORDER_CREATED"
        assert await stock_of(shop, "HOLD") == (0, 1, 4)
