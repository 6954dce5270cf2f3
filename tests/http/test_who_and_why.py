"""Every action of staff is in the book with who did it and why."""

from typing import Any

import pytest

from src.events.actors import staff_actor
from src.http.fields import REASON_LENGTH_MAX
from tests.http.test_back_office import FOREIGN, bought_something, delivered
from tests.shop import ShopUnderTest, shop

__all__ = ["shop"]

pytestmark = pytest.mark.anyio

WHY = "The spring price list: ₹ up because of the rain."
TERMS = {"kind": "percent", "value": 10}
RATES = {"name": "Express", "rates": [{"price": {"amount": 9_000, "currency": "INR"}}]}
PRODUCT = {"name": "Chai", "price": {"amount": 11_000, "currency": "INR"}}
DEFINING = (
    ("PUT", "/admin/products/CHAI-250", PRODUCT, "product-CHAI-250"),
    ("PUT", "/admin/coupons/SPRING", TERMS, "coupon-SPRING"),
    ("PUT", "/admin/shipping-methods/express", RATES, "shipping-methods"),
    ("POST", "/admin/stock/CHAI-250/receipts", {"quantity": 5}, "stock-CHAI-250"),
)


async def last_fact(shop: ShopUnderTest, stream: str) -> dict[str, Any]:
    """Return the last fact of a stream, as an auditor reads it."""
    answer = await shop.client.get(f"/audit/streams/{stream}", headers=shop.bearer("auditor"))
    assert answer.is_success, answer.text
    fact: dict[str, Any] = answer.json()["items"][-1]
    return fact


@pytest.mark.parametrize(("method", "path", "body", "stream"), DEFINING)
async def test_whoever_changes_the_shop_is_named_and_may_say_why(
    shop: ShopUnderTest, method: str, path: str, body: dict[str, Any], stream: str
) -> None:
    await shop.stocked("CHAI-250")
    staff = shop.bearer("operator", "asha")
    await shop.sent(method, path, {**body, "reason": WHY}, staff)
    assert (await last_fact(shop, stream))["actor"] == f"staff:operator:asha because: {WHY}"


@pytest.mark.parametrize(("method", "path", "body", "stream"), DEFINING)
async def test_nobody_has_to_say_why_where_it_was_never_asked(
    shop: ShopUnderTest, method: str, path: str, body: dict[str, Any], stream: str
) -> None:
    await shop.stocked("CHAI-250")
    await shop.sent(method, path, body, shop.bearer("admin", "ravi"))
    assert (await last_fact(shop, stream))["actor"] == "staff:admin:ravi"


@pytest.mark.parametrize("reason", ["", "x" * (REASON_LENGTH_MAX + 1), "two\nlines", "\x1b[2J", 7])
async def test_a_reason_is_one_line_of_a_named_length(shop: ShopUnderTest, reason: object) -> None:
    for method, path, body, _ in DEFINING:
        answer = await shop.client.request(
            method, path, json={**body, "reason": reason}, headers=shop.bearer("admin")
        )
        assert (answer.status_code, answer.json()["code"]) == (422, "validation")


async def test_staff_reads_who_did_what_to_an_order_and_the_buyer_does_not(
    shop: ShopUnderTest,
) -> None:
    session, owner = await bought_something(shop)
    order = session["order_id"]
    parcel = {"reference": "DTDC-1", "reason": WHY}
    staff = shop.bearer("operator", "asha")
    await shop.sent("POST", f"/admin/orders/{order}/fulfilments", parcel, staff)
    told = await shop.client.get(f"/admin/orders/{order}/timeline", headers=staff)
    bought = await shop.client.get(f"/orders/{order}/timeline", headers=owner)
    assert told.json()["items"][-1]["actor"] == f"staff:operator:asha because: {WHY}"
    assert {*bought.json()["items"][-1]} == {"position", "recorded_at", "event", "text"}


async def test_a_replay_says_who_wanted_it_also_when_nothing_comes_of_it(
    shop: ShopUnderTest,
) -> None:
    webhook = await delivered(shop, FOREIGN)
    await shop.work()
    path, staff = f"/admin/webhooks/{webhook}/replay", shop.bearer("operator", "asha")
    again = {**staff, "Idempotency-Key": "once"}
    await shop.sent("POST", path, {"reason": WHY}, again)
    await shop.sent("POST", path, {"reason": WHY}, again)
    fact = await last_fact(shop, f"webhook-{webhook}")
    assert fact["type"] == "WebhookReplayed"
    assert fact["actor"] == f"staff:operator:asha because: {WHY}"
    await shop.sent("POST", path, {}, staff)
    later = await last_fact(shop, f"webhook-{webhook}")
    assert (later["version"], later["actor"]) == (fact["version"] + 1, "staff:operator:asha")


def test_the_reason_stands_behind_the_name_of_staff() -> None:
    said = staff_actor("admin+operator", "asha", "it rained because: of the sea")
    assert said == "staff:admin+operator:asha because: it rained because: of the sea"
    assert staff_actor("admin", "asha") == "staff:admin:asha"
