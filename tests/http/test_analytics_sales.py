"""/analytics/sales: the figures of a purchase, as a document and as CSV, for analysts alone."""

import csv
import io
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from src.http.csv_answer import columns_of
from src.queries.analytics.payments import Tries
from src.queries.analytics.stock import StockItem
from tests.databases import connected
from tests.http.test_back_office import bought_something
from tests.shop import ShopUnderTest, shop

__all__ = ["shop"]

pytestmark = pytest.mark.anyio
PATH = "/analytics/sales"
DAYS_USUAL = 30


async def asked(shop: ShopUnderTest, **query: str) -> httpx.Response:
    await shop.parts.analysts_runner.catch_up()
    return await shop.client.get(PATH, params=query, headers=shop.bearer("analyst"))


async def sold(shop: ShopUnderTest, **query: str) -> dict[str, Any]:
    answer = await asked(shop, **query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_sales_are_for_analysts_and_admins(shop: ShopUnderTest) -> None:
    whos = [{}, *map(shop.bearer, ("customer", "operator", "auditor", "analyst", "admin"))]
    await shop.parts.analysts_runner.catch_up()
    answers = [(await shop.client.get(PATH, headers=who)).status_code for who in whos]
    assert answers == [401, 403, 403, 403, 200, 200]


async def test_a_purchase_is_in_the_last_of_thirty_days_and_as_of_before_it_is_not(
    shop: ShopUnderTest,
) -> None:
    before = await shop.parts.book.head()
    await bought_something(shop)
    found = await sold(shop)
    assert (found["currency"], found["time_zone"], found["by"]) == ("INR", "Asia/Kolkata", "day")
    assert len(found["items"]) == DAYS_USUAL
    total, last = found["total"], found["items"][-1]
    assert last == {"period": found["to"], **total}
    assert total["orders"] == 1
    assert total["gross"] - total["discounts"] + total["shipping"] == total["net"] > 0
    answer = await asked(shop)
    assert int(answer.headers["khata-position"]) == await shop.parts.book.head()
    assert datetime.fromisoformat(answer.headers["khata-time"]).tzinfo is not None
    assert set((await sold(shop, as_of=f"{before}"))["total"].values()) == {0}


@pytest.mark.parametrize("by", ["week", "month", "sku"])
async def test_each_way_to_group_adds_up_to_the_same(shop: ShopUnderTest, by: str) -> None:
    await bought_something(shop)
    days, other = await sold(shop), await sold(shop, by=by)
    assert other["total"] == days["total"]
    columns = set(days["total"]) - {"orders"}
    for name in columns:
        assert sum(item[name] for item in other["items"]) == other["total"][name]
    if by == "sku":
        assert [item["sku"] for item in other["items"]] == ["CHAI", None]


async def test_csv_has_the_items_of_the_document(shop: ShopUnderTest) -> None:
    await bought_something(shop)
    for by in ("day", "sku"):
        answer = await asked(shop, by=by, format="csv")
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        items = (await sold(shop, by=by))["items"]
        shown = [
            {name: "" if value is None else str(value) for name, value in item.items()}
            for item in items
        ]
        assert rows == shown


@pytest.mark.parametrize(
    ("call", "columns"),
    [
        ("abandonment", ("reason", "count", "value", "share")),
        ("payments", ("method", *columns_of(Tries))),
        ("stock", columns_of(StockItem)),
    ],
)
async def test_csv_without_rows_is_the_line_of_its_columns(
    shop: ShopUnderTest, call: str, columns: tuple[str, ...]
) -> None:
    await shop.parts.analysts_runner.catch_up()
    query = {"format": "csv", "as_of": "0"}
    answer = await shop.client.get(
        f"/analytics/{call}", params=query, headers=shop.bearer("analyst")
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.text == f"{','.join(columns)}\r\n"


async def test_days_are_those_of_the_zone_that_is_asked(shop: ShopUnderTest) -> None:
    for zone in ("Asia/Kathmandu", "Pacific/Kiritimati", "America/St_Johns"):
        today = datetime.now(ZoneInfo(zone)).date()
        found = await sold(shop, time_zone=zone)
        assert abs((today - datetime.fromisoformat(found["to"]).date()).days) <= 1
        assert found["time_zone"] == zone


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"time_zone": "Mars/Olympus"}, "unknown-time-zone"),
        ({"from": "2026-02-01", "to": "2026-01-01"}, "range-not-possible"),
        ({"to": "0001-01-02"}, "range-not-possible"),
        ({"from": "9999-12-31"}, "range-not-possible"),
        ({"as_of": "0001-01-01T00:00:00Z", "time_zone": "America/Lima"}, "range-not-possible"),
        ({"from": "2010-01-01", "to": "2026-01-01"}, "range-too-long"),
        ({"from": "2020-01-01", "to": "2026-01-01"}, "too-many-groups"),
    ],
)
async def test_what_cannot_be_asked_is_refused_by_its_reason(
    shop: ShopUnderTest, query: dict[str, str], code: str
) -> None:
    answer = await asked(shop, **query)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_as_of_a_time_to_come_is_as_of_now(shop: ShopUnderTest) -> None:
    answer = await asked(shop, as_of="9999-12-31T23:59:59Z")
    assert answer.status_code == 200
    assert answer.json()["to"] == (await sold(shop))["to"]


async def test_an_answer_at_a_position_waits_for_all_that_it_is_made_from(
    shop: ShopUnderTest,
) -> None:
    await bought_something(shop)
    await shop.parts.runner.catch_up()
    await shop.parts.analysts_runner.catch_up()
    head = await shop.parts.book.head()
    back = "update models.checkpoints set position = 0 where projection = 'payments'"
    await connected(shop.parts.settings.app_url, lambda db: db.execute(back))
    headers = {**shop.bearer("analyst"), "Khata-Position": str(head)}
    answer = await shop.client.get("/analytics/payments", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (503, "read-model-behind")
