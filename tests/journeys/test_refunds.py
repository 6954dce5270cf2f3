"""Money that cannot become an order goes back by itself, once, whatever is lost on the way."""

from typing import Any

import pytest

from src.bootstrap.errands import GRACE, ErrandRounds
from src.bootstrap.moments import now
from src.events.case import CaseKind
from src.events.payment import Payment
from src.events.refund import Refund, RefundCause, RefundProgress
from tests.journeys.buyers import (
    Buyer,
    cases_about,
    deliveries_of,
    eventually,
    fault,
    ok,
    order_of,
    plan,
    stock_of,
)
from tests.shop import ShopUnderTest

pytestmark = pytest.mark.anyio
PATIENCE_SECONDS = 1.0
DUE = 15_000
"""One unit and its shipping, in paise."""


@pytest.fixture(scope="module")
def terms() -> dict[str, Any]:
    """A shop that does not wait long for its provider."""
    return {"patience_seconds": PATIENCE_SECONDS}


class Late:
    """Somebody whose bank says yes after the last unit was sold to somebody else."""

    def __init__(self, shop: ShopUnderTest, razorpay_order_id: str, payment_id: str) -> None:
        self.shop = shop
        self.order = razorpay_order_id
        self.payment_id = payment_id

    @classmethod
    async def comes(cls, shop: ShopUnderTest, name: str) -> "Late":
        """Fail to pay for the only unit, and see it go; the money is still at the bank."""
        sku = await shop.stocked(name.upper().replace("_", "-"), units=1)
        slow, quick = await Buyer.guest(shop), await Buyer.guest(shop)
        for buyer in (slow, quick):
            ok(await buyer.put(sku, 1))
        pending = await slow.intent()
        payment = await shop.pay(order_of(pending), outcome="failed")
        await slow.until(pending, "CART_PENDING", ended="failed")
        bought = await quick.intent()
        await shop.pay(order_of(bought))
        await quick.until(bought, "ORDER_CREATED")
        assert await stock_of(shop, sku) == (0, 1, 0)
        return cls(shop, order_of(pending), payment["razorpay_payment_id"])

    async def pays(self) -> None:
        """Let the bank say yes."""
        ok(await self.shop.sandbox.post(f"/_sandbox/payments/{self.payment_id}/authorize"))

    async def in_the_book(self) -> Payment:
        return await self.shop.parts.ledger.look(lambda view: view.payment(self.order))

    async def refund(self, progress: RefundProgress) -> Refund:
        """Wait until the one refund has come so far; the worker does its rounds meanwhile."""

        async def look() -> Refund | None:
            await self.shop.parts.runner.catch_up()
            await ErrandRounds(self.shop.parts).round(now() + GRACE)
            found = [*(await self.in_the_book()).refunds.values()]
            assert len(found) <= 1
            return found[0] if found and found[0].progress is progress else None

        found: Refund = await eventually(look)
        return found

    async def at_razorpay(self) -> list[dict[str, Any]]:
        """Return the refunds of the payment that exist."""
        account = self.shop.settings.razorpay
        path = f"/v1/payments/{self.payment_id}/refunds"
        answer = await self.shop.sandbox.get(path, auth=(account.key_id, account.key_secret))
        found: list[dict[str, Any]] = ok(answer)["items"]
        return found

    async def is_given_back_once(self) -> None:
        refund = await self.refund(RefundProgress.PROCESSED)
        assert (refund.cause, refund.amount.amount) == (RefundCause.STOCK_GONE, DUE)
        [made] = await self.at_razorpay()
        assert (made["id"], made["amount"]) == (refund.razorpay_refund_id, DUE)
        [refund_id] = (await self.in_the_book()).refunds
        assert made["receipt"] == refund_id
        assert await cases_about(self.shop, self.order) == []


MISCHIEF: dict[str, dict[str, object]] = {
    "twice": {"duplicate": 3},
    "backwards": {"reorder": True, "duplicate": 2},
    "in_part": {"drop": 1},
}


@pytest.mark.parametrize("mischief", MISCHIEF)
async def test_however_it_is_told_late_money_goes_back_once(
    shop: ShopUnderTest, mischief: str
) -> None:
    late = await Late.comes(shop, f"told-{mischief}")
    await plan(shop, **MISCHIEF[mischief])
    await late.pays()
    await late.is_given_back_once()
    ok(await shop.sandbox.post("/_sandbox/webhooks/flush"))
    for delivered in await deliveries_of(shop, late.payment_id):
        ok(await shop.sandbox.post(f"/_sandbox/webhooks/{delivered['event_id']}/redeliver"))
    await shop.work()
    await late.is_given_back_once()


FAULTS = (
    *("http_500", "html_502", "http_429", "reset", "hang", "empty_200"),
    *("commit_then_drop", "commit_then_500"),
)


@pytest.mark.parametrize("kind", FAULTS)
async def test_whatever_razorpay_answers_late_money_goes_back_once(
    shop: ShopUnderTest, kind: str
) -> None:
    late = await Late.comes(shop, f"fault-{kind}")
    await fault(shop, "payment.refund", kind, times=2)
    for event in ("refund.created", "refund.processed"):
        only = {"payment": late.payment_id, "event": event}
        await plan(shop, drop=10, only=only)  # only the answer tells of the refund
    await late.pays()
    await late.is_given_back_once()


async def test_a_refund_that_fails_at_the_bank_is_a_case(shop: ShopUnderTest) -> None:
    late = await Late.comes(shop, "bank-refuses")
    wish = {"outcome": "pending", "payment_id": late.payment_id}
    ok(await shop.sandbox.post("/_sandbox/refunds/plan", json=wish))
    await late.pays()
    waiting = await late.refund(RefundProgress.FILED)
    assert await cases_about(shop, late.order) == []
    path = f"/_sandbox/refunds/{waiting.razorpay_refund_id}/fail"
    ok(await shop.sandbox.post(path, json={"reason": "account closed"}))
    await late.refund(RefundProgress.FAILED)
    [case] = await cases_about(shop, late.order)
    assert (case["kind"], case["status"]) == (CaseKind.REFUND_FAILED, "open")
    assert case["amount"] == {"amount": DUE, "currency": "INR"}


async def test_a_refund_that_razorpay_refuses_is_a_case(shop: ShopUnderTest) -> None:
    late = await Late.comes(shop, "no-balance")
    ok(await shop.sandbox.post("/_sandbox/balance", json={"amount": 0}))
    await late.pays()
    await late.refund(RefundProgress.REFUSED)
    [case] = await cases_about(shop, late.order)
    assert (case["kind"], case["status"]) == (CaseKind.REFUND_REFUSED, "open")
    assert "balance" in case["reason"]
    assert await late.at_razorpay() == []
    ok(await shop.sandbox.post("/_sandbox/balance", json={"amount": None}))
