"""/analytics/payments and /analytics/late-money: what they say of payments, and to whom."""

import csv
import io
from typing import Any

import httpx
import pytest

from tests.http.test_back_office import bought_something
from tests.journeys.buyers import Buyer
from tests.journeys.test_late_money import captured_late, failed
from tests.shop import ShopUnderTest, shop

__all__ = ["shop"]

pytestmark = pytest.mark.anyio
WHATS = ("payments", "late-money")
TOTAL = 15_000
"""What one of everything costs with its shipping, in paise."""
ENDS = ("order", "refunded", "open_case", "resolved_case", "nothing_yet")


async def asked(shop: ShopUnderTest, what: str, **query: str) -> httpx.Response:
    await shop.parts.analysts_runner.catch_up()
    headers = shop.bearer("analyst")
    return await shop.client.get(f"/analytics/{what}", params=query, headers=headers)


async def found(shop: ShopUnderTest, what: str, **query: str) -> dict[str, Any]:
    answer = await asked(shop, what, **query)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


async def paid_failed_and_late(shop: ShopUnderTest) -> dict[str, Any]:
    """Let one payment succeed, one fail, and one be captured after it had failed; return that."""
    await bought_something(shop)
    await shop.stocked("TEA", units=5)
    await failed(shop, await Buyer.guest(shop, TEA=1))
    slow = await Buyer.guest(shop, TEA=1)
    ended, payment = await failed(shop, slow)
    await captured_late(shop, payment)
    done = await slow.until(ended, "ORDER_CREATED")
    await shop.work()
    return {**done, "razorpay_payment_id": payment}


@pytest.mark.parametrize("what", WHATS)
async def test_money_is_for_analysts_and_admins(shop: ShopUnderTest, what: str) -> None:
    whos = [{}, *map(shop.bearer, ("customer", "operator", "auditor", "analyst", "admin"))]
    await shop.parts.analysts_runner.catch_up()
    path = f"/analytics/{what}"
    answers = [(await shop.client.get(path, headers=who)).status_code for who in whos]
    assert answers == [401, 403, 403, 403, 200, 200]


async def test_each_payment_counts_once_by_what_became_of_it(shop: ShopUnderTest) -> None:
    before = await shop.parts.book.head()
    await paid_failed_and_late(shop)
    document = await found(shop, "payments")
    assert document["total"] == {
        "attempts": 3,
        "captured": 2,
        "failed": 1,
        "returned": 0,
        "pending": 0,
        "success_rate": 0.6667,
        "attempted_amount": 3 * TOTAL,
        "captured_amount": 2 * TOTAL,
    }
    assert sum(item["attempts"] for item in document["items"]) == 3
    (failure,) = document["failures"]
    assert (failure["payments"], failure["amount"], failure["share"]) == (1, TOTAL, 1)
    head = await shop.parts.book.head()
    assert await found(shop, "payments", as_of=f"{head}") == document
    earlier = await found(shop, "payments", as_of=f"{before}")
    assert (earlier["total"]["attempts"], earlier["items"], earlier["failures"]) == (0, [], [])
    assert earlier["total"]["success_rate"] is None


async def test_money_that_came_late_is_named_with_its_end(shop: ShopUnderTest) -> None:
    late = await paid_failed_and_late(shop)
    document = await found(shop, "late-money")
    assert document["total"] == {"payments": 1, "amount": TOTAL}
    assert tuple(each["end"] for each in document["ends"]) == ENDS
    assert [each["payments"] for each in document["ends"]] == [1, 0, 0, 0, 0]
    assert [each["median_seconds"] is None for each in document["ends"]] == [False, *[True] * 4]
    (item,) = document["items"]
    names = ("razorpay_payment_id", "checkout_session_id", "order_id")
    assert {name: item[name] for name in names} == {name: late[name] for name in names}
    assert (item["session_ending"], item["end"], item["amount"]) == ("failed", "order", TOTAL)
    earlier = await found(shop, "late-money", as_of=f"{item['position'] - 1}")
    assert (earlier["total"], earlier["items"]) == ({"payments": 0, "amount": 0}, [])


@pytest.mark.parametrize(("what", "rows"), [("payments", "items"), ("late-money", "ends")])
async def test_csv_has_the_sums_of_the_document(shop: ShopUnderTest, what: str, rows: str) -> None:
    await paid_failed_and_late(shop)
    head = await shop.parts.book.head()
    answer = await asked(shop, what, format="csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert int(answer.headers["khata-position"]) >= head
    written = list(csv.DictReader(io.StringIO(answer.text)))
    assert next(iter(written[0])) == {"payments": "method", "late-money": "end"}[what]
    assert written == [
        {name: "" if value is None else str(value) for name, value in item.items()}
        for item in (await found(shop, what))[rows]
    ]


@pytest.mark.parametrize("what", WHATS)
async def test_a_range_that_ends_before_it_begins_is_refused(
    shop: ShopUnderTest, what: str
) -> None:
    answer = await asked(shop, what, **{"from": "2026-02-01", "to": "2026-01-01"})
    assert (answer.status_code, answer.json()["code"]) == (422, "range-not-possible")
