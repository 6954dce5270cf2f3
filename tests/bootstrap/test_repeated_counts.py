"""The same receipt sent again while the first try is still under way counts its units once."""

import asyncio

import httpx
import pytest

from src.events.connection import Connection, connecting
from tests.databases import BookDatabase
from tests.shop import ShopUnderTest

pytestmark = pytest.mark.anyio
TIMEOUT_SECONDS = 15


async def _until(db: Connection, question: str) -> None:
    async with asyncio.timeout(TIMEOUT_SECONDS):
        while not await db.fetchval(question):  # noqa: ASYNC110  # the state of a foreign process
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("between", [0, 1])
async def test_a_receipt_repeated_after_its_lease_ran_out_counts_once(
    shop: ShopUnderTest, book_database: BookDatabase, between: int
) -> None:
    await shop.stocked("tea", units=10)
    admin = shop.bearer("admin")

    def receipt(quantity: int, key: str) -> asyncio.Task[httpx.Response]:
        path, body = "/admin/stock/tea/receipts", {"quantity": quantity}
        headers = {**admin, "Idempotency-Key": key}
        return asyncio.create_task(shop.client.post(path, json=body, headers=headers))

    lock = await connecting(book_database.superuser_url, "slow book")()
    look = await connecting(book_database.superuser_url, "a look")()
    await lock.execute("begin; select from khata.books for update")
    first = receipt(5, "same")
    await _until(look, "select count(*) > 0 from pg_stat_activity where wait_event_type = 'Lock'")
    others = [receipt(100, f"other-{n}") for n in range(between)]
    await look.execute("update edge.idempotency set lease_until = clock_timestamp()")
    again = receipt(5, "same")
    await _until(look, "select bool_or(lease_until > clock_timestamp()) from edge.idempotency")
    await lock.execute("rollback")
    answers = await asyncio.gather(first, again, *others)
    await lock.close()
    await look.close()
    assert {answer.status_code for answer in answers} == {201}
    stock = await shop.client.get("/admin/stock/tea", headers=admin)
    assert stock.json()["received"] == 10 + 5 + 100 * between
