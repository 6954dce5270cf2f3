"""A day at Razorpay and in the book: each thing that differs is named, and nothing else."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from src.bootstrap.day import compare
from src.bootstrap.day_differences import DifferenceKind
from src.bootstrap.day_sides import Compared, Day, Sum
from src.bootstrap.mending import mend
from src.bootstrap.moments import now
from src.commands.decisions.news import report_all
from src.commands.gateway import PaymentReport, PaymentStatus, RefundReport
from src.embedded import Engines
from src.events.money import Money
from tests.databases import BookDatabase
from tests.journeys.buyers import Buyer, ok, order_of, plan
from tests.processes import cause
from tests.shop import ShopUnderTest, opened_shop

pytestmark = pytest.mark.anyio
HALF_A_DAY = timedelta(hours=12)
PRICE = 15_000
"""One unit and its shipping, in paise."""
PAGE = 100
"""What one answer of Razorpay's lists."""


@pytest.fixture
async def shop(
    engines: Engines, book_database: BookDatabase, tmp_path: Path
) -> AsyncIterator[ShopUnderTest]:
    """A shop with an account of its own for each test."""
    async with opened_shop(engines, book_database, tmp_path) as opened:
        yield opened


def silent(_what: str, _done: int, _total: int) -> None:
    """Show nothing."""


def a_day() -> Day:
    """A day in the middle of which it is now, whatever the clock says."""
    return Day(since=now() - HALF_A_DAY, until=now() + HALF_A_DAY)


async def compared(shop: ShopUnderTest) -> Compared:
    return await compare(shop.parts, a_day(), silent)


async def mended(shop: ShopUnderTest) -> Compared:
    await mend(shop.parts, (await compared(shop)).differences, silent)
    return await compared(shop)


async def paid(shop: ShopUnderTest, *, told: bool = True, **wish: object) -> dict[str, Any]:
    """Let somebody pay; return the payment's ids."""
    await shop.stocked("TEA", units=500)
    buyer = await Buyer.guest(shop, TEA=1)
    pending = await buyer.intent()
    payment = await shop.pay(order_of(pending), deliver=told, **wish)
    if told:
        await buyer.until(pending, "ORDER_CREATED")
    return payment


async def given_back(
    shop: ShopUnderTest, payment: dict[str, Any], amount: int | None = None
) -> RefundReport:
    """Give money back in Razorpay's own dashboard, of which no webhook tells."""
    await plan(shop, drop=True)
    account = shop.settings.razorpay
    body = {} if amount is None else {"amount": amount}
    path = f"/v1/payments/{payment['razorpay_payment_id']}/refund"
    answer = await shop.sandbox.post(path, json=body, auth=(account.key_id, account.key_secret))
    assert ok(answer)["id"]
    order = payment["razorpay_order_id"]
    [refund] = await shop.parts.gateway.refunds_of(order, payment["razorpay_payment_id"])
    return refund


async def foreign(shop: ShopUnderTest, **wish: object) -> None:
    ok(await shop.sandbox.post("/_sandbox/foreign/pay", json={"deliver": False, **wish}))


async def test_a_day_without_money_is_equal(shop: ShopUnderTest) -> None:
    found = await compared(shop)
    assert (found.differences, found.at_razorpay, found.in_book, found.foreign) == ([], {}, {}, {})


async def test_what_was_told_is_equal_over_more_than_one_page(shop: ShopUnderTest) -> None:
    for _ in range(3):
        await paid(shop)
    await asyncio.gather(*(foreign(shop, without_order=n % 2 == 0) for n in range(PAGE)))
    await paid(shop)
    found = await compared(shop)
    assert found.differences == []
    assert found.at_razorpay == found.in_book == {"INR": Sum(payments=4, captured=4 * PRICE)}
    assert found.foreign == {"INR": Sum(payments=PAGE, captured=PAGE * 49_900)}


async def test_money_that_the_book_does_not_know_is_named_and_can_be_mended(
    shop: ShopUnderTest,
) -> None:
    await paid(shop)
    lost = await paid(shop, told=False)
    found = await compared(shop)
    [each] = found.differences
    assert each.kind is DifferenceKind.PAYMENT_MISSING
    assert each.razorpay_payment_id == lost["razorpay_payment_id"]
    assert each.at_razorpay is not None
    assert (each.at_razorpay.status, each.at_razorpay.amount.amount) == ("captured", PRICE)
    assert each.in_book is None
    assert found.at_razorpay["INR"].captured - found.in_book["INR"].captured == PRICE
    after = await mended(shop)
    assert after.differences == []
    assert after.in_book == after.at_razorpay == {"INR": Sum(payments=2, captured=2 * PRICE)}


async def test_a_payment_that_razorpay_does_not_know_is_named_and_stays(
    shop: ShopUnderTest,
) -> None:
    await shop.stocked("TEA", units=5)
    pending = await (await Buyer.guest(shop, TEA=1)).intent()
    made_up = PaymentReport(
        razorpay_order_id=order_of(pending),
        razorpay_payment_id="pay_00000000000000",
        status=PaymentStatus.CAPTURED,
        amount=Money(PRICE, "INR"),
        captured=True,
    )
    await shop.parts.ledger.transact(cause("made up"), lambda view: report_all(view, [made_up]))
    for found in (await compared(shop), await mended(shop)):
        [each] = found.differences
        assert each.kind is DifferenceKind.PAYMENT_UNKNOWN
        assert (each.at_razorpay, each.in_book and each.in_book.status) == (None, "captured")
        assert (found.at_razorpay, found.in_book["INR"].captured) == ({}, PRICE)


async def test_another_amount_in_the_book_is_named(shop: ShopUnderTest) -> None:
    await shop.stocked("TEA", units=5)
    pending = await (await Buyer.guest(shop, TEA=1)).intent()
    await shop.pay(order_of(pending), deliver=False)
    [said] = await shop.parts.gateway.payments_of(order_of(pending))
    wrong = replace(said, amount=Money(PRICE - 1, "INR"))
    await shop.parts.ledger.transact(cause("wrong"), lambda view: report_all(view, [wrong]))
    [each] = (await compared(shop)).differences
    assert each.kind is DifferenceKind.PAYMENT_AMOUNT


async def test_promised_money_that_was_taken_since_differs_in_its_status(
    shop: ShopUnderTest,
) -> None:
    await shop.stocked("TEA", units=5)
    pending = await (await Buyer.guest(shop, TEA=1)).intent()
    payment = await shop.pay(order_of(pending), outcome="authorized", deliver=False)
    await shop.parts.news.ask(cause("poll"), order_of(pending))
    assert (await compared(shop)).differences == []
    capture = f"/_sandbox/payments/{payment['razorpay_payment_id']}/capture"
    ok(await shop.sandbox.post(capture, json={"deliver": False}))
    [each] = (await compared(shop)).differences
    assert each.kind is DifferenceKind.PAYMENT_STATUS
    assert each.at_razorpay is not None
    assert each.in_book is not None
    assert (each.at_razorpay.status, each.in_book.status) == ("captured", "authorized")
    assert (await mended(shop)).differences == []


async def test_a_failed_attempt_that_nobody_told_of_is_no_difference(shop: ShopUnderTest) -> None:
    await paid(shop, told=False, outcome="failed")
    found = await compared(shop)
    assert (found.differences, found.at_razorpay) == ([], {})


@pytest.mark.parametrize("amount", [None, 5_000])
async def test_a_refund_that_the_book_does_not_know_is_named_and_can_be_mended(
    shop: ShopUnderTest, amount: int | None
) -> None:
    payment = await paid(shop)
    refund = await given_back(shop, payment, amount)
    [each] = (await compared(shop)).differences
    assert each.kind is DifferenceKind.REFUND_MISSING
    assert each.razorpay_refund_id == refund.razorpay_refund_id
    after = await mended(shop)
    assert after.differences == []
    refunded = PRICE if amount is None else amount
    told = Sum(payments=1, captured=PRICE, refunds=1, refunded=refunded)
    assert after.at_razorpay == after.in_book == {"INR": told}


async def test_a_refund_that_has_ended_since_differs_in_its_status(shop: ShopUnderTest) -> None:
    payment = await paid(shop)
    ok(await shop.sandbox.post("/_sandbox/refunds/plan", json={"outcome": "pending"}))
    refund = await given_back(shop, payment)
    assert (await mended(shop)).differences == []
    end = f"/_sandbox/refunds/{refund.razorpay_refund_id}/fail"
    ok(await shop.sandbox.post(end, json={"deliver": False}))
    [each] = (await compared(shop)).differences
    assert each.kind is DifferenceKind.REFUND_STATUS
    after = await mended(shop)
    assert after.differences == []
    assert after.in_book == {"INR": Sum(payments=1, captured=PRICE)}


async def test_money_and_its_refund_that_nobody_told_of_are_two_differences(
    shop: ShopUnderTest,
) -> None:
    payment = await paid(shop, told=False)
    await given_back(shop, payment)
    kinds = {each.kind for each in (await compared(shop)).differences}
    assert kinds == {DifferenceKind.PAYMENT_MISSING, DifferenceKind.REFUND_MISSING}
    assert (await mended(shop)).differences == []


async def test_what_a_list_does_not_show_yet_is_asked_about_by_its_order(
    shop: ShopUnderTest,
) -> None:
    payment = await paid(shop)
    await given_back(shop, payment)
    assert (await mended(shop)).differences == []
    ok(await shop.sandbox.post("/_sandbox/lists", json={"lag_seconds": 300}))
    found = await compared(shop)
    assert found.differences == []
    told = Sum(payments=1, captured=PRICE, refunds=1, refunded=PRICE)
    assert found.at_razorpay == found.in_book == {"INR": told}


async def test_promised_money_that_went_back_untaken_is_no_refund_of_the_shops(
    shop: ShopUnderTest,
) -> None:
    first = await paid(shop)
    order = first["razorpay_order_id"]
    await shop.pay(order, deliver=False)
    await shop.parts.news.ask(cause("poll"), order)
    found = await compared(shop)
    assert found.differences == []
    assert found.at_razorpay == found.in_book == {"INR": Sum(payments=1, captured=PRICE)}
