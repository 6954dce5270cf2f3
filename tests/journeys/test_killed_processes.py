"""API, worker and PostgreSQL are killed under load; everything acknowledged is in the book."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from msgspec import Struct

from src.bootstrap.api import tokens_of
from src.bootstrap.parts import BOOK
from src.events.connection import Connection, connecting
from src.events.envelope import StoredEvent
from src.events.leaf import EMPTY_CHAIN, chain, leaf, root
from src.events.ledger import open_book
from src.projections.catalogue import PROJECTIONS
from src.projections.faults import PASSING
from src.projections.rebuild import forget
from src.projections.runner import Runner
from tests.databases import connected
from tests.independent_reading import IndependentReading
from tests.journeys.killing import RealShop, real_shop
from tests.shop import guest

BUYERS = 20
LOAD_SECONDS = 8.0
LIFE_SECONDS = (0.2, 1.0)
"""The shortest and the longest life of a process, from its first answer on."""
PAID_MIN = 5
SETTLED_SECONDS_MAX = 30.0
RETRY_SECONDS = 0.05
SKUS = ("KILL-A", "KILL-B", "KILL-C")
UNITS = 100_000
TIMEOUT_SECONDS = 5.0


class Acknowledged(Struct, frozen=True):
    """What an answer said that was written."""

    position: int
    fact: str
    stream: str


class Notes:
    """What the buyers were told."""

    def __init__(self) -> None:
        self.written: list[Acknowledged] = []
        self.paid: list[tuple[str, str, dict[str, str]]] = []
        """Session, Razorpay order and headers of every checkout that was paid."""
        self.retries = 0
        self.statuses: Counter[int] = Counter()


class Buyer:
    """Buys until the time is over, and repeats with the same key whatever was not answered."""

    def __init__(self, shop: RealShop, notes: Notes, name: int) -> None:
        self._shop, self._notes, self._name = shop, notes, name
        self._keys = count()
        self._chance = Random(name)

    async def buy_until(self, end: float) -> None:
        """Buy again and again."""
        limits = httpx.Limits(max_keepalive_connections=1)
        async with httpx.AsyncClient(
            timeout=TIMEOUT_SECONDS, trust_env=False, limits=limits
        ) as self._client:
            while time.monotonic() < end:
                await self._buy()

    async def _buy(self) -> None:
        cart = await self._send("POST", "/carts", {}, {})
        session = {"X-Session-Id": cart["session_id"]}
        for sku in self._chance.sample(SKUS, 2):
            path = f"/carts/{cart['cart_id']}/items/{sku}"
            await self._send("PUT", path, {"quantity": 1}, session)
        who = guest(f"killed-{self._name}@example.in", cart_id=cart["cart_id"])
        checkout = await self._send("POST", "/orders", who, session)
        order = checkout["payment_intent"]["id"]
        outcome = self._chance.choice(["captured", "captured", "captured", "failed"])
        pay = f"{self._shop.settings.sandbox_url}/_sandbox/orders/{order}/pay"
        paid = await self._client.post(pay, json={"outcome": outcome})
        assert paid.status_code == httpx.codes.OK, paid.text
        if outcome == "captured":
            self._notes.paid.append((checkout["checkout_session_id"], order, session))

    async def _send(
        self, method: str, path: str, body: object, headers: dict[str, str]
    ) -> dict[str, Any]:
        key = {"Idempotency-Key": f"{self._name}-{next(self._keys)}"}
        url = self._shop.settings.api_url + path
        while True:
            try:
                answer = await self._client.request(
                    method, url, json=body, headers={**headers, **key}
                )
            except httpx.HTTPError:
                self._notes.retries += 1
                await asyncio.sleep(RETRY_SECONDS)
                continue
            self._notes.statuses[answer.status_code] += 1
            if answer.status_code in {409, 502, 503}:
                assert answer.json()["code"] in AGAIN, answer.text
                self._notes.retries += 1
                await asyncio.sleep(RETRY_SECONDS)
                continue
            assert answer.is_success, answer.text
            found: dict[str, Any] = answer.json()
            self._note(path, found, int(answer.headers["khata-position"]))
            return found

    def _note(self, path: str, found: dict[str, Any], position: int) -> None:
        cart = f"cart-{found['cart_id']}"
        fact, stream = {
            "/carts": ("CartOpened", cart),
            "/orders": ("PaymentIntentCreated", f"checkout-{found.get('checkout_session_id')}"),
        }.get(path, ("CartItemSet", cart))
        self._notes.written.append(Acknowledged(position, fact, stream))


AGAIN = {"request-in-progress", "busy", "outcome-unknown", "payment-provider-unavailable"}


async def kill_again_and_again(shop: RealShop, end: float, chance: Random) -> int:
    """Kill the API and the worker by turns, and PostgreSQL once; return how often."""
    kills = 0
    crash_at = time.monotonic() + LOAD_SECONDS / 2
    while time.monotonic() < end:
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
    return kills


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
    kills = await killing
    assert kills >= 3
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


async def whole_book(shop: RealShop) -> list[StoredEvent]:
    book = await open_book(shop.settings.app_url, BOOK)
    try:
        events: list[StoredEvent] = []
        while page := await book.read_page(len(events), 5_000):
            events += page
        assert len(events) == await book.head()
        return events
    finally:
        await book.close()


def check_hashes(events: Sequence[StoredEvent], leaves: Sequence[bytes], appends: Any) -> bytes:  # noqa: ANN401  # rows
    """Recompute every leaf, root and chain from the envelopes and payloads alone."""
    assert [leaf(BOOK, event) for event in events] == list(leaves)
    last, before = 0, EMPTY_CHAIN
    for append in appends:
        first, to = append["first_position"], append["last_position"]
        assert first == last + 1
        assert append["root"] == root(leaves[first - 1 : to])
        before = chain(before, append["root"], first, to)
        assert append["chain"] == before
        last = to
    assert last == len(events)
    return before


async def read_models(db: Connection) -> dict[str, list[str]]:
    return {
        table: [
            row["row"]
            for row in await db.fetch(f"select t::text as row from read.{table} as t order by 1")  # noqa: S608  # our own names
        ]
        for projection in PROJECTIONS
        for table in projection.TABLES
    }


async def check(shop: RealShop, notes: Notes) -> None:
    events = await whole_book(shop)
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
    connection = await connecting(shop.settings.owner_url, "khata tests")()
    try:
        leaves = [
            row["leaf"]
            for row in await connection.fetch("select leaf from khata.events order by position")
        ]
        appends = await connection.fetch("select * from khata.appends order by first_position")
        head = await connection.fetchval("select chain from khata.books where book = $1", BOOK)
        assert check_hashes(events, leaves, appends) == head
    finally:
        await connection.close()
    await check_rebuild(shop)


async def check_rebuild(shop: RealShop) -> None:
    """Read models are what a fresh start makes of the book."""
    connect = connecting(shop.settings.app_url, "khata tests")
    book, db = await open_book(shop.settings.app_url, BOOK), await connect()
    runner = Runner(book, connect, BOOK)
    try:
        await runner.catch_up()
        before = await read_models(db)
        for projection in PROJECTIONS:
            await forget(db, BOOK, projection)
        await runner.catch_up()
        assert await read_models(db) == before
        assert any(before.values())
    finally:
        await runner.close()
        await db.close()
        await book.close()


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
