"""How far carts came, and why some came no further, as an analyst asks it over HTTP."""

from typing import Any

import pytest

from tests.http.test_back_office import bought_something
from tests.shop import ShopUnderTest, shop

__all__ = ["shop"]

pytestmark = pytest.mark.anyio

STEPS = (
    "CART_PENDING",
    "CHECKOUT_STARTED",
    "PAYMENT_PENDING",
    "PAYMENT_CONFIRMED",
    "ORDER_CREATED",
)


async def asked(shop: ShopUnderTest, what: str, **query: str) -> dict[str, Any]:
    answer = await shop.client.get(
        f"/analytics/{what}", params=query, headers=shop.bearer("analyst")
    )
    assert answer.status_code == 200, answer.text
    assert int(answer.headers["khata-position"]) > 0
    found: dict[str, Any] = answer.json()
    return found


async def test_a_cart_that_was_bought_came_to_every_step(shop: ShopUnderTest) -> None:
    await bought_something(shop)
    await shop.stocked("PEN-1")
    await shop.guest_cart(PEN_1=2)
    await shop.work()
    found = await asked(shop, "funnel")
    assert tuple(each["step"] for each in found["steps"]) == STEPS
    assert [each["count"] for each in found["steps"]] == [2, 1, 1, 1, 1]
    assert [each["share"] for each in found["steps"]] == [1, 0.5, 0.5, 0.5, 0.5]
    assert [each["drop_off"] for each in found["steps"]] == [None, 0.5, 0, 0, 0]
    assert (found["currency"], found["time_zone"]) == ("INR", "Asia/Kolkata")


async def test_a_cart_without_an_order_has_one_reason(shop: ShopUnderTest) -> None:
    await bought_something(shop)
    await shop.stocked("PEN-1")
    await shop.guest_cart(PEN_1=2)
    await shop.work()
    found = await asked(shop, "abandonment")
    assert (found["carts"], found["ordered"], found["merged"]) == (2, 1, 0)
    assert found["items"] == [{"reason": "never_started", "count": 1, "value": 0, "share": 1}]
    assert found["total"] == {"count": 1, "value": 0}


async def test_before_the_first_fact_nobody_came(shop: ShopUnderTest) -> None:
    await bought_something(shop)
    await shop.work()
    found = await asked(shop, "funnel", as_of="1")
    assert [each["count"] for each in found["steps"]] == [0] * len(STEPS)
    assert {each["share"] for each in found["steps"]} == {None}
    assert (await asked(shop, "abandonment", as_of="1"))["items"] == []


async def test_the_steps_are_rows_of_a_sheet(shop: ShopUnderTest) -> None:
    await bought_something(shop)
    await shop.work()
    staff = shop.bearer("analyst")
    answer = await shop.client.get("/analytics/funnel?format=csv", headers=staff)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    head, first, *others = answer.text.splitlines()
    assert head == "step,count,share,drop_off,median_seconds"
    assert first == "CART_PENDING,1,1.0,,"
    assert len(others) == len(STEPS) - 1
