"""Orders, cases and deliveries, as those who run the shop see them."""

import base64
import hmac
from typing import Any

import pytest

from src.events.case import CaseKind
from tests.shop import ShopUnderTest, guest, shop

__all__ = ["shop"]

pytestmark = pytest.mark.anyio

UNREADABLE = b'{"event": 5}'
FOREIGN = (
    b'{"event":"payment.captured","payload":{"payment":{"entity":{"id":"pay_IH4NVgf4Dreq1l",'
    b'"entity":"payment","amount":100,"currency":"INR","status":"captured","captured":true,'
    b'"order_id":"order_IEIaMR65cu6nz3","method":"upi","created_at":1700000000}}},'
    b'"created_at":1700000000}'
)
CALLS = [
    ("GET", "/admin/orders"),
    ("GET", "/admin/orders/order_1"),
    ("GET", "/admin/orders/order_1/timeline"),
    ("GET", "/admin/orders/order_1/refunds"),
    ("POST", "/admin/orders/order_1/refunds"),
    ("POST", "/admin/orders/order_1/fulfilments"),
    ("POST", "/admin/orders/order_1/cancel"),
    ("GET", "/admin/payments"),
    ("GET", "/admin/payments/pay_1"),
    ("GET", "/admin/payments/pay_1/timeline"),
    ("GET", "/admin/cases"),
    ("GET", "/admin/cases/case_1"),
    ("POST", "/admin/cases/case_1/resolve"),
    ("GET", "/admin/webhooks"),
    ("GET", "/admin/webhooks/wh_1"),
    ("POST", "/admin/webhooks/wh_1/replay"),
]

BODIES = {
    "resolve": {"note": "done"},
    "refunds": {"reason": "torn"},
    "fulfilments": {"reference": "DTDC-1"},
    "cancel": {"reason": "torn"},
}


@pytest.mark.parametrize(("method", "path"), CALLS)
async def test_the_back_office_is_401_to_strangers_and_403_to_other_roles(
    shop: ShopUnderTest, method: str, path: str
) -> None:
    body = BODIES.get(path.rpartition("/")[2]) if method == "POST" else None
    whos = [{}, {"X-Session-Id": "s"}, *map(shop.bearer, ("customer", "analyst", "auditor"))]
    answers = [
        await shop.client.request(method, path, json=body, headers=headers) for headers in whos
    ]
    assert [answer.status_code for answer in answers] == [401, 401, 403, 403, 403]


@pytest.mark.parametrize(("method", "path"), [call for call in CALLS if call[1].count("/") > 2])
async def test_what_is_not_there_is_404(shop: ShopUnderTest, method: str, path: str) -> None:
    body = BODIES.get(path.rpartition("/")[2]) if method == "POST" else None
    answer = await shop.client.request(method, path, json=body, headers=shop.bearer("operator"))
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


@pytest.mark.parametrize(
    "path",
    [
        "/admin/orders?status=unheard",
        "/admin/orders?placed_from=2026-01-01T00:00:00",
        "/admin/orders?placed_to=0001-01-01T00:00:00%2B14:00",
        "/admin/orders?placed_to=soon",
        "/admin/orders?limit=101",
        "/admin/orders?cursor=forged",
        "/admin/cases?status=unheard",
        "/admin/cases?kind=unheard",
        "/admin/payments?status=created",
        "/admin/payments?ours=perhaps",
        "/admin/payments?cursor=forged",
        "/admin/webhooks?status=unheard",
        "/admin/webhooks?received_from=soon",
        "/admin/webhooks?received_to=2026-01-01T00:00:00",
    ],
)
async def test_a_filter_that_cannot_be_is_422(shop: ShopUnderTest, path: str) -> None:
    answer = await shop.client.get(path, headers=shop.bearer("operator"))
    assert (answer.status_code, answer.json()["code"]) == (422, "validation")


@pytest.mark.parametrize("time", ["2026-01-01T00:00:00", "0001-01-01T00:00:00+14:00", "soon"])
async def test_a_moment_that_cannot_be_is_422_to_a_customer_too(
    shop: ShopUnderTest, time: str
) -> None:
    bought, guest = await bought_something(shop)
    path = f"/orders/{bought['order_id']}"
    asked = [
        await shop.client.get(path, params={"as_of": time}, headers=guest),
        await shop.client.get(
            "/orders", params={"placed_from": time}, headers=shop.bearer("customer")
        ),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in asked] == [
        (422, "validation")
    ] * 2


async def test_an_order_is_found_by_what_a_person_knows_of_it(shop: ShopUnderTest) -> None:
    staff = shop.bearer("operator")
    bought, _ = await bought_something(shop)
    await shop.work()
    order_id, number = bought["order_id"], bought["order_number"]
    whole = await shop.client.get(f"/admin/orders/{order_id}", headers=staff)
    shown = whole.json()
    assert (shown["order_number"], shown["contact"]["email"]) == (number, "asha@example.in")
    assert shown["shipping_address"]["line1"] == "1 Example Road"
    placed_at = shown["placed_at"]
    for query, found in (
        ({"order_number": f" {number.lower()} "}, True),
        ({"customer_id": shown["customer_id"], "status": "placed"}, True),
        ({"placed_from": placed_at}, True),
        ({"placed_to": placed_at}, False),
        ({"customer_id": "cust_other"}, False),
    ):
        listed = await shop.client.get("/admin/orders", params=query, headers=staff)
        assert [item["order_id"] for item in listed.json()["items"]] == [order_id] * found
    told = await shop.client.get(f"/admin/orders/{order_id}/timeline", headers=staff)
    assert "OrderPlaced" in [moment["event"] for moment in told.json()["items"]]


async def bought_something(shop: ShopUnderTest) -> tuple[dict[str, Any], dict[str, str]]:
    """Buy as a guest; return the session that became an order, and the guest's headers."""
    await shop.stocked("CHAI")
    cart, headers = await shop.guest_cart(CHAI=1)
    session = await shop.sent("POST", "/orders", guest(cart_id=cart), headers)
    paid = await shop.pay(session["payment_intent"]["id"], deliver=False)
    callback = {name: paid[name] for name in paid if name.startswith("razorpay_")}
    return await shop.sent("POST", "/payments/razorpay/verify", callback, headers), headers


async def test_a_case_is_listed_until_somebody_settles_it(shop: ShopUnderTest) -> None:
    staff = shop.bearer("operator")
    webhook = await delivered(shop, UNREADABLE)
    await shop.sent("POST", f"/admin/webhooks/{webhook}/replay", {}, staff)
    await shop.work()
    listed = await shop.client.get("/admin/cases?status=open", headers=staff)
    (case,) = listed.json()["items"]
    assert (case["kind"], case["status"]) == (CaseKind.WEBHOOK_UNREADABLE, "open")
    assert case["age_seconds"] >= 0
    path = f"/admin/cases/{case['case_id']}"
    assert (await shop.client.get(path, headers=staff)).headers["etag"].startswith('"1-')

    empty = await shop.client.post(f"{path}/resolve", json={"note": ""}, headers=staff)
    assert empty.status_code == 422
    settled = await shop.sent("POST", f"{path}/resolve", {"note": "A test delivery."}, staff)
    assert (settled["status"], settled["note"]) == ("resolved", "A test delivery.")
    await shop.work()
    again = await shop.sent("POST", f"{path}/resolve", {"note": "Something else."}, staff)
    assert again["note"] == "A test delivery."
    seen = (await shop.client.get(path, headers=staff)).json()
    assert seen == again
    for query, count in (("status=open", 0), ("status=resolved", 1), ("kind=paid-twice", 0)):
        listed = await shop.client.get(f"/admin/cases?{query}", headers=staff)
        assert len(listed.json()["items"]) == count


async def test_a_case_that_moved_is_412(shop: ShopUnderTest) -> None:
    staff = shop.bearer("operator")
    webhook = await delivered(shop, UNREADABLE)
    await shop.sent("POST", f"/admin/webhooks/{webhook}/replay", {}, staff)
    await shop.work()
    (case,) = (await shop.client.get("/admin/cases", headers=staff)).json()["items"]
    path = f"/admin/cases/{case['case_id']}"
    tag = (await shop.client.get(path, headers=staff)).headers["etag"]
    guarded = {**staff, "If-Match": tag}
    for expected in (200, 412):
        answer = await shop.client.post(f"{path}/resolve", json={"note": "x"}, headers=guarded)
        assert answer.status_code == expected
        await shop.work()


async def test_a_delivery_is_kept_to_the_byte(shop: ShopUnderTest) -> None:
    staff = shop.bearer("operator")
    webhook = await delivered(shop, FOREIGN, event_id="evt1")
    shown = await shop.sent("POST", f"/admin/webhooks/{webhook}/replay", {}, staff)
    assert base64.b64decode(shown["body"]["base64"]) == FOREIGN
    assert shown["body"]["text"] == FOREIGN.decode()
    assert shown["headers"] == {
        "X-Razorpay-Signature": signature(shop, FOREIGN),
        "X-Razorpay-Event-Id": "evt1",
    }
    assert (shown["status"], shown["name"], shown["secret_index"]) == (
        "parked",
        "payment.captured",
        0,
    )
    assert shown["razorpay_order_id"] == "order_IEIaMR65cu6nz3"
    assert (await shop.client.get(f"/admin/webhooks/{webhook}", headers=staff)).json() == shown
    await shop.work()
    for query, count in (
        ("status=parked", 1),
        ("razorpay_order_id=order_IEIaMR65cu6nz3", 1),
        ("status=handled", 0),
        ("name=payment.captured", 1),
        ("name=payment.failed", 0),
        ("received_from=2026-01-01T00:00:00Z", 1),
        ("received_to=2026-01-01T00:00:00Z", 0),
    ):
        listed = (await shop.client.get(f"/admin/webhooks?{query}", headers=staff)).json()
        assert [item["webhook_id"] for item in listed["items"]] == [webhook] * count
        assert all("body" not in item for item in listed["items"])


async def test_a_delivery_that_is_not_json_has_bytes_and_no_text(shop: ShopUnderTest) -> None:
    webhook = await delivered(shop, b"\xff\x00")
    shown = await shop.client.get(f"/admin/webhooks/{webhook}", headers=shop.bearer("admin"))
    assert shown.json()["body"] == {"base64": base64.b64encode(b"\xff\x00").decode(), "text": None}


async def test_replaying_a_delivery_again_writes_only_who_wanted_it(shop: ShopUnderTest) -> None:
    staff = shop.bearer("operator")
    webhook = await delivered(shop, FOREIGN)
    path = f"/admin/webhooks/{webhook}/replay"
    first = await shop.sent("POST", path, {}, staff)
    head = await shop.parts.book.head()
    assert await shop.sent("POST", path, {}, staff) == first
    assert await shop.parts.book.head() == head + 1


def signature(shop: ShopUnderTest, body: bytes) -> str:
    secret = shop.settings.razorpay.webhook_secrets[0]
    return hmac.new(secret.encode(), body, "sha256").hexdigest()


async def delivered(shop: ShopUnderTest, body: bytes, event_id: str | None = None) -> str:
    """Deliver correctly signed bytes, and return the name under which they are kept."""
    headers = {"X-Razorpay-Signature": signature(shop, body)}
    if event_id is not None:
        headers["X-Razorpay-Event-Id"] = event_id
    answer = await shop.client.post("/webhooks/razorpay", content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    name: str = answer.json()["webhook_id"]
    return name
