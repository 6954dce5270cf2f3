"""/analytics/stock: what a purchase does to the units of its SKU."""

import csv
import io
from typing import Any

import pytest

from tests.http.test_back_office import bought_something
from tests.shop import ShopUnderTest, shop

__all__ = ["shop"]

pytestmark = pytest.mark.anyio
PATH = "/analytics/stock"


async def asked(shop: ShopUnderTest, **query: str) -> dict[str, Any]:
    await shop.parts.analysts_runner.catch_up()
    answer = await shop.client.get(PATH, params=query, headers=shop.bearer("analyst"))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_units_go_from_available_to_sold_and_were_not_before(shop: ShopUnderTest) -> None:
    await shop.stocked("CHAI")
    before = await shop.parts.book.head()
    [lying] = (await asked(shop, sku="CHAI"))["items"]
    assert (lying["sold"], lying["turnover"], lying["days_of_cover"]) == (0, 0, None)
    await bought_something(shop)
    [now] = (await asked(shop, sku="CHAI"))["items"]
    assert now["sold"] > 0
    assert now["days_of_cover"] is not None
    flow = now["opening"] + now["received"] + now["adjusted"] - now["sold"] + now["returned"]
    assert flow == now["closing"] == now["on_hand"] == now["held"] + now["available"]
    [then] = (await asked(shop, sku="CHAI", as_of=f"{before}"))["items"]
    assert (then["sold"], then["on_hand"]) == (0, lying["on_hand"])


async def test_all_skus_add_up_and_are_the_rows_of_the_csv(shop: ShopUnderTest) -> None:
    await shop.stocked("CUP")
    await bought_something(shop)
    found = await asked(shop)
    for name, total in found["total"].items():
        assert sum(item[name] for item in found["items"]) == total
    answer = await shop.client.get(PATH, params={"format": "csv"}, headers=shop.bearer("analyst"))
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["sku"] for row in rows] == [item["sku"] for item in found["items"]]


async def test_a_sku_that_never_was_has_no_row_of_sales(shop: ShopUnderTest) -> None:
    found = await asked(shop, sku="NOWHERE")
    assert found["total"]["on_hand"] == 0
