"""API, worker and PostgreSQL are killed under load; everything acknowledged is in the book."""

import asyncio
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import httpx

from src.bootstrap.api import tokens_of
from src.projections.faults import PASSING
from tests.databases import connected
from tests.independent_reading import IndependentReading
from tests.journeys.killing import RealShop, real_shop
from tests.journeys.stubborn import RETRY_SECONDS, SKUS, Buyer, Notes
from tests.journeys.whole_book import check_rebuild, stored_chain, whole_book

BUYERS = 20
LOAD_SECONDS = 8.0
LIFE_SECONDS = (0.2, 1.0)
"""The shortest and the longest life of a process, from its first answer on."""
KILLS_MIN = 3
"""A slow machine takes longer."""
PAID_MIN = 5
SETTLED_SECONDS_MAX = 30.0
UNITS = 100_000


async def kill_again_and_again(shop: RealShop, end: float, chance: Random) -> None:
    """Kill the API and the worker by turns, and PostgreSQL once."""
    kills = 0
    crash_at = time.monotonic() + LOAD_SECONDS / 2
    while time.monotonic() < end or kills < KILLS_MIN:
        await shop.ready()
        await asyncio.sleep(chance.uniform(*LIFE_SECONDS))
        await asyncio.to_thread(shop.kill, "serve")
        await as_if_a_minute_passed(shop)
        await asyncio.to_thread(shop.start, "serve")
        if kills % 2:
            await asyncio.to_thread(shop.restart, "worker")
        if crash_at and time.monotonic() > crash_at:
            await asyncio.to_thread(shop.crash_postgres)
            crash_at = 0.0
        kills += 1


async def as_if_a_minute_passed(shop: RealShop) -> None:
    """Let the leases of the dead process run out, so that the next one does its work again."""
    over = (
        "update edge.idempotency set lease_until = clock_timestamp()"
        " where finished_at is null and lease_until > clock_timestamp()"
    )
    with suppress(*PASSING):
        await connected(shop.settings.app_url, lambda db: db.execute(over))


async def load(shop: RealShop, notes: Notes) -> None:
    await shop.ready()
    await stocked(shop)
    end = time.monotonic() + LOAD_SECONDS
    killing = asyncio.create_task(kill_again_and_again(shop, end, Random(1)))
    await asyncio.gather(*(Buyer(shop, notes, name).buy_until(end) for name in range(BUYERS)))
    await killing
    assert shop.postgres_pid() != shop.engines.postgres_pid, "PostgreSQL has crashed meanwhile"
    await as_if_a_minute_passed(shop)
    await shop.ready()
    await settled(shop, notes)


async def stocked(shop: RealShop) -> None:
    admin = {"Authorization": f"Bearer {tokens_of(shop.settings).sign(['admin'], 'asha')}"}
    url = shop.settings.api_url
    async with httpx.AsyncClient(base_url=url, headers=admin, trust_env=False) as client:
        for sku in SKUS:
            price = {"amount": 10_000, "currency": "INR"}
            body = {"name": sku, "price": price, "weight_grams": 100}
            (await client.put(f"/admin/products/{sku}", json=body)).raise_for_status()
            received = {"quantity": UNITS}
            (await client.post(f"/admin/stock/{sku}/receipts", json=received)).raise_for_status()
        rates = [{"price": {"amount": 5_000, "currency": "INR"}}]
        method = {"name": "Standard", "rates": rates}
        (await client.put("/admin/shipping-methods/standard", json=method)).raise_for_status()


async def settled(shop: RealShop, notes: Notes) -> None:
    """Let the sandbox deliver the rest, and wait until every paid session is an order."""
    end = time.monotonic() + SETTLED_SECONDS_MAX
    async with httpx.AsyncClient(timeout=SETTLED_SECONDS_MAX, trust_env=False) as client:
        await client.post(f"{shop.settings.sandbox_url}/_sandbox/webhooks/flush")
        for session, _, headers in notes.paid:
            url = f"{shop.settings.api_url}/checkout/{session}"
            while (await client.get(url, headers=headers)).json().get("state") != "ORDER_CREATED":
                assert time.monotonic() < end, f"{session} was paid and is no order"
                await asyncio.sleep(RETRY_SECONDS)


async def check(shop: RealShop, notes: Notes) -> None:
    events = await whole_book(shop.settings.app_url)
    assert [event.position for event in events] == list(range(1, len(events) + 1))
    reading = IndependentReading()
    reading.read(events)
    first: dict[tuple[str, str], int] = {}
    for event in events:
        first.setdefault((event.stream, event.type), event.position)
    for told in notes.written:
        assert first[told.stream, told.fact] <= told.position <= len(events)
    ordered = {order["checkout_session_id"]: order["payment"] for order in reading.orders}
    for session, razorpay_order, _ in notes.paid:
        assert ordered[session]["razorpay_order_id"] == razorpay_order
    by_session = Counter(fact["checkout_session_id"] for fact in reading.opened.values())
    assert not [session for session, opened in by_session.items() if opened > 1]
    await stored_chain(shop.settings.app_url, events)
    await check_rebuild(shop.settings.app_url)


def test_whatever_is_killed_nothing_acknowledged_is_lost() -> None:
    with TemporaryDirectory(prefix="khata-killed-") as directory:
        place = Path(directory)
        place.chmod(0o711)  # as root, PostgreSQL runs as somebody else
        notes = Notes()
        with real_shop(place) as shop:
            asyncio.run(load(shop, notes))
            shop.stop()
            asyncio.run(check(shop, notes))
        assert len(notes.paid) > PAID_MIN
        assert notes.retries
        assert not {status for status in notes.statuses if status == 500}
