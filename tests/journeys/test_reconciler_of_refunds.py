"""Money on its way back is asked about until it has arrived or failed, and watchers see it."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from src.events.refund import RefundProgress
from tests.journeys.asking import after, asked, bought, shop, waiting
from tests.journeys.buyers import (
    Buyer,
    all_cases,
    fault,
    ok,
    order_of,
)
from tests.processes import cause
from tests.shop import ShopUnderTest

__all__ = ["shop"]
pytestmark = pytest.mark.anyio


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


async def test_a_worker_that_was_away_for_long_asks_about_refunds_alone(
    shop: ShopUnderTest,
) -> None:
    await shop.stocked("AWAY", units=5)
    await (await Buyer.guest(shop, AWAY=1)).intent()
    order, _ = await going_back(shop)
    assert await asked(shop, after(days=8)) == 1
    assert await waiting(shop) == [("refund", 1)]
    assert await refund_of(shop, order) is RefundProgress.FILED


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
