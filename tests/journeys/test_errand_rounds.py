"""The worker's rounds for errands: what Razorpay does not answer rests, and stops no other."""

from datetime import datetime, timedelta

import pytest

from src.bootstrap import errands
from src.bootstrap.errands import FIRST_PAUSE, GRACE, LONGEST_PAUSE, ErrandRounds, ErrandsUnderWay
from src.bootstrap.moments import now
from src.commands.decisions.refunds import refund_order
from src.events.refund import RefundProgress
from tests.factories import inr
from tests.journeys.buyers import Buyer, eventually, ok, order_of
from tests.processes import cause
from tests.shop import ShopUnderTest

pytestmark = pytest.mark.anyio
A_MOMENT = timedelta(milliseconds=1)


class Sale:
    """An order that is paid, and a part of it that staff want to give back."""

    def __init__(self, shop: ShopUnderTest, razorpay_order_id: str, order_id: str) -> None:
        self.shop = shop
        self.razorpay_order_id = razorpay_order_id
        self.order_id = order_id
        self.payment_id = ""

    @classmethod
    async def made(cls, shop: ShopUnderTest, sku: str) -> "Sale":
        await shop.stocked(sku)
        buyer = await Buyer.guest(shop)
        ok(await buyer.put(sku, 1))
        pending = await buyer.intent()
        paid = await shop.pay(order_of(pending))
        done = await buyer.until(pending, "ORDER_CREATED")
        sale = cls(shop, order_of(pending), done["order_id"])
        sale.payment_id = paid["razorpay_payment_id"]
        return sale

    async def wish(self) -> None:
        """Want some of the money back; nobody is told to carry it out."""
        refund_id = f"refund_{self.order_id[-20:]}"
        await self.shop.parts.ledger.transact(
            cause(refund_id),
            lambda view: refund_order(view, self.order_id, inr(100), "torn", refund_id),
        )
        await self.shop.parts.runner.catch_up()

    async def progress(self) -> RefundProgress:
        payment = await self.shop.parts.ledger.look(
            lambda view: view.payment(self.razorpay_order_id)
        )
        [refund] = payment.refunds.values()
        return refund.progress

    async def is_given_back(self) -> bool:
        return await self.progress() is RefundProgress.PROCESSED

    async def goes_wrong(self, times: int) -> None:
        fault = {"operation": "payment.refund", "fault": "http_500", "times": times}
        about = {"about": self.payment_id}
        ok(await self.shop.sandbox.post("/_sandbox/faults", json=fault | about))


async def wrongs_left(shop: ShopUnderTest) -> int:
    planned = ok(await shop.sandbox.get("/_sandbox/faults"))["planned"]
    return sum(each["times"] for each in planned)


async def test_an_errand_without_an_answer_rests_longer_each_time(shop: ShopUnderTest) -> None:
    sale = await Sale.made(shop, "REST")
    await sale.goes_wrong(times=20)
    await sale.wish()
    rounds, at = ErrandRounds(shop.parts), now() + GRACE
    assert await asks(shop, rounds, at) == 1
    for times in (1, 2, 4, 8):
        pause = FIRST_PAUSE * times
        assert await asks(shop, rounds, at + pause - A_MOMENT) == 0
        at += pause
        assert await asks(shop, rounds, at) == 1
    for _ in range(8):
        at += LONGEST_PAUSE
        await rounds.round(at)
    assert await asks(shop, rounds, at + LONGEST_PAUSE - A_MOMENT) == 0
    assert await asks(shop, rounds, at + LONGEST_PAUSE) == 1
    assert await sale.progress() is RefundProgress.REQUESTED
    ok(await shop.sandbox.post("/_sandbox/faults/clear", json={}))
    await shop.work()
    assert await sale.progress() is RefundProgress.PROCESSED


async def asks(shop: ShopUnderTest, rounds: ErrandRounds, at: datetime) -> int:
    """Let a round pass, and say how often Razorpay was asked in vain."""
    before = await wrongs_left(shop)
    await rounds.round(at)
    return before - await wrongs_left(shop)


async def test_an_errand_without_an_answer_stops_no_other(shop: ShopUnderTest) -> None:
    broken, sound = await Sale.made(shop, "BROKEN"), await Sale.made(shop, "SOUND")
    await broken.goes_wrong(times=1)
    await broken.wish()
    await sound.wish()
    rounds, at = ErrandRounds(shop.parts), now() + GRACE
    assert await rounds.round(at) == 1
    assert await sound.progress() is RefundProgress.PROCESSED
    assert await broken.progress() is RefundProgress.REQUESTED
    await rounds.round(at + FIRST_PAUSE)
    assert await broken.progress() is RefundProgress.PROCESSED


async def test_what_was_just_wished_for_is_left_to_whoever_wished(shop: ShopUnderTest) -> None:
    sale = await Sale.made(shop, "YOUNG")
    await sale.wish()
    payment = await shop.parts.ledger.look(lambda view: view.payment(sale.razorpay_order_id))
    assert payment.refunds
    rounds = ErrandRounds(shop.parts)
    assert await rounds.round(now() - GRACE) == 0
    assert await sale.progress() is RefundProgress.REQUESTED


async def test_errands_that_find_no_room_here_are_left_to_the_worker(
    shop: ShopUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errands, "WAITING_MAX", 1)
    first, second = await Sale.made(shop, "FIRST"), await Sale.made(shop, "SECOND")
    await first.wish()
    await second.wish()
    here = ErrandsUnderWay(shop.parts)
    here.soon(first.razorpay_order_id)
    here.soon(second.razorpay_order_id)
    await eventually(first.is_given_back)
    await here.finish()
    assert await second.progress() is RefundProgress.REQUESTED
    await ErrandRounds(shop.parts).round(now() + GRACE)
    assert await second.progress() is RefundProgress.PROCESSED


async def test_whoever_stops_leaves_waiting_errands_to_the_worker(shop: ShopUnderTest) -> None:
    sale = await Sale.made(shop, "STOPS")
    await sale.wish()
    here = ErrandsUnderWay(shop.parts)
    here.soon(sale.razorpay_order_id)
    await here.finish()
    assert await sale.progress() is RefundProgress.REQUESTED
    await ErrandRounds(shop.parts).round(now() + GRACE)
    assert await sale.progress() is RefundProgress.PROCESSED
