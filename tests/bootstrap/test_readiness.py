"""/health/ready names each trouble and how to mend it, also what no buyer suffers from."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from src.bootstrap.worker import run_worker
from src.embedded import Engines
from src.events import redis_link
from src.events.connection import COMMAND_TIMEOUT_SECONDS
from src.events.migrated import newest
from src.http import gauges, readiness
from src.http.controllers import health
from tests.databases import BookDatabase, connected
from tests.redis.proxy import Proxy
from tests.shop import ShopUnderTest, opened_shop

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine is not an engine that is away."""
    monkeypatch.setattr(redis_link, "TIMEOUT_SECONDS", 10.0)


async def troubles(shop: ShopUnderTest, status: int = 200) -> dict[str, str]:
    """Return what is said to be wrong, by part; each has its way of being mended."""
    answer = await shop.client.get("/health/ready")
    found: dict[str, Any] = answer.json()
    assert (answer.status_code, found["ready"]) == (status, status == 200)
    assert found["notes"] == [each["says"] for each in found["troubles"]]
    assert all(each["mend"] for each in found["troubles"])
    return {each["part"]: each["says"] for each in found["troubles"]}


async def test_a_database_that_hangs_is_named_and_keeps_no_watcher_waiting_again(
    engines: Engines,
    book_database: BookDatabase,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(health, "TIMEOUT_SECONDS", 0.2)
    monkeypatch.setattr(gauges, "TIMEOUT_SECONDS", 0.2)
    wire = Proxy(book_database.app_url)
    reached = replace(book_database, app_url=await wire.open())
    async with opened_shop(engines, reached, tmp_path) as shop:
        wire.fall_silent()
        async with asyncio.timeout(COMMAND_TIMEOUT_SECONDS / 2):
            for _ in range(3):
                assert await troubles(shop, 503) == {"database": "the database does not answer"}
                assert "khata_database_up 0.0" in (await shop.client.get("/metrics")).text
        wire.speak()
    await wire.cut()


async def test_a_worker_that_hangs_shows_in_read_models_that_are_behind(
    shop: ShopUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.stocked("tea")
    assert set(await troubles(shop)) == {"worker"}, "a moment is nothing to tell of"
    monkeypatch.setattr(readiness, "LATE_SECONDS", 0)
    found = await troubles(shop)
    assert found["projections"].startswith("read models are 0 s behind: buyers, carts, ")
    await shop.parts.runner.catch_up()
    await shop.parts.analysts_runner.catch_up()
    assert set(await troubles(shop)) == {"worker"}


async def statement(database: BookDatabase, sql: str) -> None:
    await connected(database.superuser_url, lambda db: db.execute(sql))


async def test_a_worker_that_is_missing_is_named_until_one_is_at_work(shop: ShopUnderTest) -> None:
    assert await troubles(shop) == {
        "worker": "no worker is at work: lists are old, and nothing expires"
    }
    stop = asyncio.Event()
    worker = asyncio.create_task(run_worker(shop.settings, stop))
    async with asyncio.timeout(20):
        while await troubles(shop):  # noqa: ASYNC110  # the worker rings nobody
            await asyncio.sleep(0.02)
    stop.set()
    await worker
    assert set(await troubles(shop)) == {"worker"}


async def test_a_database_that_is_older_is_not_served_with_and_a_newer_one_is(
    shop: ShopUnderTest, book_database: BookDatabase
) -> None:
    here = int(newest())
    await statement(book_database, "update khata.migrated set version_num = '0001'")
    older = await troubles(shop, 503)
    assert older["migrations"] == f"the database is at version 1, and this Khata needs {here}"
    await statement(book_database, "update khata.migrated set version_num = '9999'")
    newer = await troubles(shop)
    assert newer["migrations"] == f"the database is at version 9999, and this Khata knows {here}"


async def test_what_waits_too_long_is_counted_by_what_it_is(
    shop: ShopUnderTest, book_database: BookDatabase
) -> None:
    await shop.stocked("tea")
    cart_id, headers = await shop.guest_cart(tea=1)
    await shop.sent("POST", "/checkout", {"cart_id": cart_id}, headers)
    await shop.parts.runner.catch_up()
    assert set(await troubles(shop)) == {"worker"}
    await statement(
        book_database,
        "update models.open_checkouts_v2 set expires_at = clock_timestamp() - interval '2 minutes'",
    )
    assert (await troubles(shop))["worker"] == (
        "1 sessions are over and hold their stock for too long"
    )


async def test_keys_that_were_moved_away_are_named_while_the_shop_still_runs(
    shop: ShopUnderTest,
) -> None:
    shop.settings.master_key_file.rename(shop.settings.home / "elsewhere")
    found = await troubles(shop)
    assert found["keys"] == "KHATA_MASTER_KEY_FILE is not to be read any more"


async def test_a_database_that_is_away_is_no_secret(
    engines: Engines, book_database: BookDatabase, tmp_path: Path
) -> None:
    wire = Proxy(book_database.app_url)
    reached = replace(book_database, app_url=await wire.open())
    async with opened_shop(engines, reached, tmp_path) as shop:
        await wire.cut()
        assert await troubles(shop, 503) == {"database": "the database does not answer"}
        await wire.open()
    await wire.cut()
