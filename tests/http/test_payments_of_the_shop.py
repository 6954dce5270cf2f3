"""Money as operators see it: ours with all that became of it, and what others asked for apart."""

import json
from io import StringIO
from typing import Any

import pytest

from tests.http.test_back_office import FOREIGN, UNREADABLE, bought_something, delivered
from tests.shop import ShopUnderTest, guest, shop

__all__ = ["shop"]

pytestmark = pytest.mark.anyio

NO_ORDER = FOREIGN.replace(b'"order_id":"order_IEIaMR65cu6nz3"', b'"order_id":null')
TOTAL = {"amount": 15_000, "currency": "INR"}
"""Of one packet and its shipping, as `bought_something` buys it."""


async def listed(shop: ShopUnderTest, **query: str) -> list[dict[str, Any]]:
    answer = await shop.client.get("/admin/payments", params=query, headers=shop.bearer("operator"))
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def told(shop: ShopUnderTest, payment: str) -> list[tuple[str, str]]:
    path = f"/admin/payments/{payment}/timeline"
    answer = await shop.client.get(path, headers=shop.bearer("operator"))
    return [(moment["event"], moment["text"]) for moment in answer.json()["items"]]


async def replayed(shop: ShopUnderTest, body: bytes) -> dict[str, Any]:
    webhook = await delivered(shop, body)
    return await shop.sent("POST", f"/admin/webhooks/{webhook}/replay", {}, shop.bearer("operator"))


async def test_a_payment_shows_its_order_and_what_went_back_of_it(shop: ShopUnderTest) -> None:
    staff = shop.bearer("operator")
    bought, _ = await bought_something(shop)
    await shop.work()
    [payment] = await listed(shop)
    assert payment["order_id"] == bought["order_id"]
    assert payment["checkout_session_id"] == bought["checkout_session_id"]
    assert payment["razorpay_order_id"] == bought["payment_intent"]["id"]
    assert (payment["ours"], payment["status"], payment["amount"]) == (True, "captured", TOTAL)
    assert payment["refunded"] == {"amount": 0, "currency": "INR"}
    refund = {"reason": "torn", "amount": {"amount": 5_000, "currency": "INR"}}
    given = await shop.sent("POST", f"/admin/orders/{bought['order_id']}/refunds", refund, staff)
    await shop.work()
    [payment] = await listed(shop, status="captured", order_id=bought["order_id"])
    assert payment["refunded"] == refund["amount"]
    [back] = payment["refunds"]
    assert (back["refund_id"], back["cause"]) == (given["refund_id"], "staff")
    path = f"/admin/payments/{payment['razorpay_payment_id']}"
    one = await shop.client.get(path, headers=staff)
    assert one.json() == payment
    unchanged = await shop.client.get(path, headers={**staff, "If-None-Match": one.headers["etag"]})
    assert unchanged.status_code == 304


FILTERS = (
    {"status": "failed"},
    {"order_id": "ord_none"},
    {"razorpay_order_id": "order_none"},
    {"ours": "false"},
)


async def test_a_filter_leaves_out_what_it_does_not_name(shop: ShopUnderTest) -> None:
    await bought_something(shop)
    await shop.work()
    assert len(await listed(shop)) == 1
    for query in FILTERS:
        assert await listed(shop, **query) == [], query


async def test_money_of_others_is_listed_apart_is_no_case_and_never_goes_back(
    shop: ShopUnderTest,
) -> None:
    await replayed(shop, FOREIGN)
    await shop.work()
    assert await listed(shop) == []
    [payment] = await listed(shop, ours="false")
    assert (payment["ours"], payment["checkout_session_id"], payment["order_id"]) == (
        False,
        None,
        None,
    )
    assert (payment["refunds"], payment["open_cases"], payment["status"]) == ([], [], "captured")
    cases = await shop.client.get("/admin/cases", headers=shop.bearer("operator"))
    assert cases.json()["items"] == []
    assert [event for event, _ in await told(shop, "pay_IH4NVgf4Dreq1l")] == ["PaymentCaptured"]


async def test_money_without_a_razorpay_order_is_found_among_the_parked_deliveries(
    shop: ShopUnderTest,
) -> None:
    parked = await replayed(shop, NO_ORDER)
    await shop.work()
    assert await listed(shop, ours="false") == []
    answer = await shop.client.get("/admin/webhooks?status=parked", headers=shop.bearer("operator"))
    [found] = answer.json()["items"]
    assert (found["webhook_id"], found["name"]) == (parked["webhook_id"], "payment.captured")
    assert found["reason"] == "The payment belongs to no Razorpay order."


async def test_a_payment_tells_of_every_attempt_on_its_razorpay_order_and_of_the_session(
    shop: ShopUnderTest,
) -> None:
    await shop.stocked("CHAI")
    cart, headers = await shop.guest_cart(CHAI=1)
    session = await shop.sent("POST", "/orders", guest(cart_id=cart), headers)
    order = session["payment_intent"]["id"]
    first = await shop.pay(order, deliver=False)
    second = await shop.pay(order, deliver=False)
    for paid in (first, second):
        callback = {name: paid[name] for name in paid if name.startswith("razorpay_")}
        await shop.sent("POST", "/payments/razorpay/verify", callback, headers)
    await shop.work()
    moments = await told(shop, first["razorpay_payment_id"])
    assert moments == await told(shop, second["razorpay_payment_id"])
    events = [event for event, _ in moments]
    assert events[0] == "CheckoutStarted"
    assert {"PaymentOrderOpened", "PaymentCaptured", "PaymentReturned", "OrderCreated"} <= set(
        events
    ), "Razorpay takes the money of one attempt alone"
    payments = await listed(shop, razorpay_order_id=order)
    assert sorted((each["status"], each["order_id"] is None) for each in payments) == [
        ("captured", False),
        ("returned", True),
    ]


async def test_pages_go_on_where_the_one_before_ended(shop: ShopUnderTest) -> None:
    staff = shop.bearer("operator")
    for n in range(3):
        body = FOREIGN.replace(b"Dreq1l", b"Dreq1%d" % n).replace(b"cu6nz3", b"cu6nz%d" % n)
        await replayed(shop, body)
    await shop.work()
    seen: list[str] = []
    query = {"ours": "false", "limit": "2"}
    for _ in range(2):
        page = (await shop.client.get("/admin/payments", params=query, headers=staff)).json()
        seen += [item["razorpay_payment_id"] for item in page["items"]]
        query["cursor"] = page["next_cursor"]
    assert query["cursor"] is None
    assert seen == [f"pay_IH4NVgf4Dreq1{n}" for n in (2, 1, 0)]


async def test_every_look_at_the_bytes_of_a_delivery_is_noted(
    shop: ShopUnderTest, log: StringIO
) -> None:
    webhook = await delivered(shop, UNREADABLE)
    path, staff = f"/admin/webhooks/{webhook}", shop.bearer("operator", "asha")
    await shop.client.get(path, headers=staff)
    await shop.client.post(f"{path}/replay", headers=staff)
    await shop.client.get("/admin/webhooks", headers=staff)
    notes = [json.loads(line) for line in log.getvalue().splitlines()]
    looks = [note for note in notes if note["event"] == "webhook bytes were shown"]
    assert [look["webhooks"] for look in looks] == [[webhook]] * 2
    assert len({look["looker"] for look in looks}) == 1
    assert all("asha" not in look["looker"] for look in looks)
