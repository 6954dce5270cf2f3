"""Told to stop under load, a shop finishes what it acknowledged and begins nothing else."""

import asyncio
import signal
import time
from collections import Counter
from pathlib import Path

import httpx
import pytest

from src.bootstrap.api import tokens_of
from src.cli.children import STOP_SECONDS
from src.cli.serving import GRACE_SECONDS
from src.settings import Settings
from tests.cli.test_up import Running, running
from tests.databases import connected

CLIENTS = 64
ANSWERS_MIN = 200
"""So many are answered before the stop; a slow machine takes longer."""
LOAD_SECONDS_MAX = 60.0
TOGETHER_SECONDS_MAX = STOP_SECONDS * 3
"""API, worker and sandbox, one after the other, each within its own time."""
READY_SECONDS_MAX = 10.0


class Load:
    """Clients who write until nobody answers, and what they were told."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        self._limits = httpx.Limits(max_connections=CLIENTS)
        self.client = httpx.AsyncClient(
            base_url=url, headers=headers, limits=self._limits, timeout=30.0, trust_env=False
        )
        self.taken: set[str] = set()
        self.unanswered: set[str] = set()
        self.others: Counter[int] = Counter()
        self.enough = asyncio.Event()

    async def write(self, client: int) -> None:
        """Count one unit in again and again, each under a name of its own."""
        for number in range(100_000):
            name = f"delivery {client}-{number}"
            try:
                answer = await self.client.post(
                    "/admin/stock/STOP-1/receipts", json={"quantity": 1, "reference": name}
                )
            except httpx.TransportError:
                self.unanswered.add(name)
                return
            self._note(name, answer)

    def _note(self, name: str, answer: httpx.Response) -> None:
        if answer.is_success:
            self.taken.add(name)
        else:
            self.others[answer.status_code] += 1
        if len(self.taken) >= ANSWERS_MIN:
            self.enough.set()


def _admin(shop: Running, environ: dict[str, str]) -> dict[str, str]:
    settings = Settings.from_environ({**environ, "KHATA_HOME": str(shop.home)})
    return {"Authorization": f"Bearer {tokens_of(settings).sign(['admin'], 'asha')}"}


async def _stopped_under_load(shop: Running, load: Load, number: signal.Signals) -> float:
    """Stop in the middle of it; return how long the shop took to end."""
    price = {"amount": 10_000, "currency": "INR"}
    listed = await load.client.put("/admin/products/STOP-1", json={"name": "Chai", "price": price})
    assert listed.is_success, listed.text
    clients = [asyncio.create_task(load.write(each)) for each in range(CLIENTS)]
    async with asyncio.timeout(LOAD_SECONDS_MAX):
        await load.enough.wait()
        began = time.monotonic()
        shop.process.send_signal(number)
        await asyncio.gather(*clients)
    await asyncio.to_thread(shop.process.wait, TOGETHER_SECONDS_MAX)
    await load.client.aclose()
    return time.monotonic() - began


async def _references(environ: dict[str, str]) -> Counter[str]:
    rows = await connected(
        environ["DATABASE_URL"],
        lambda db: db.fetch(
            "select payload->>'reference' as name from khata.events where stream = 'stock-STOP-1'"
        ),
    )
    return Counter(row["name"] for row in rows)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_was_acknowledged_is_in_the_book_and_what_was_not_answered_was_not_begun(
    home: Path, own_environ: dict[str, str], number: signal.Signals
) -> None:
    async def story() -> None:
        with running(home, **own_environ, KHATA_WORKERS="2") as shop:
            url = await asyncio.to_thread(shop.url)
            load = Load(url, _admin(shop, own_environ))
            seconds = await _stopped_under_load(shop, load, number)
        book = await _references(own_environ)
        assert load.taken <= set(book), "acknowledged and lost"
        assert not load.unanswered & set(book), "done, and nobody was told"
        assert max(book.values()) == 1
        assert set(load.others) <= {503}
        assert shop.process.returncode == 0
        assert seconds < TOGETHER_SECONDS_MAX
        said = shop.errors.read_text()
        assert "did not stop in time" not in said
        assert "Traceback" not in said

    asyncio.run(story())


def test_streams_of_events_end_at_once_so_that_nobody_waits_for_them(
    home: Path, own_environ: dict[str, str]
) -> None:
    async def story() -> None:
        with running(home, **own_environ) as shop:
            url = await asyncio.to_thread(shop.url)
            async with httpx.AsyncClient(base_url=url, timeout=30.0, trust_env=False) as client:
                path, owner = await _session(client, _admin(shop, own_environ))
                async with client.stream("GET", f"{path}/events", headers=owner) as stream:
                    lines = stream.aiter_lines()
                    assert (await anext(lines)).startswith(("id:", "event:"))
                    began = time.monotonic()
                    shop.process.terminate()
                    rest = [line async for line in lines]  # ends whole, or this raises
                    assert time.monotonic() - began < GRACE_SECONDS
            assert rest
            await asyncio.to_thread(shop.process.wait, TOGETHER_SECONDS_MAX)
        assert "Cancel" not in shop.errors.read_text()

    asyncio.run(story())


async def _session(client: httpx.AsyncClient, admin: dict[str, str]) -> tuple[str, dict[str, str]]:
    price = {"amount": 10_000, "currency": "INR"}
    product = {"name": "Chai", "price": price}
    await client.put("/admin/products/STOP-1", json=product, headers=admin)
    await client.post("/admin/stock/STOP-1/receipts", json={"quantity": 9}, headers=admin)
    cart = (await client.post("/carts", json={})).json()
    owner = {"X-Session-Id": cart["session_id"]}
    item = f"/carts/{cart['cart_id']}/items/STOP-1"
    await client.put(item, json={"quantity": 1}, headers=owner)
    started = await client.post("/checkout", json={"cart_id": cart["cart_id"]}, headers=owner)
    assert started.is_success, started.text
    return f"/checkout/{started.json()['checkout_session_id']}", owner


def test_a_process_that_drains_says_that_it_stops_and_answers_until_then(
    home: Path, own_environ: dict[str, str]
) -> None:
    async def story() -> None:
        with running(home, **own_environ, KHATA_DRAIN_SECONDS="3") as shop:
            url = await asyncio.to_thread(shop.url)
            # Each on a connection of its own, as a balancer's next probe is.
            async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
                shop.process.terminate()
                async with asyncio.timeout(READY_SECONDS_MAX):
                    while (ready := await client.get("/health/ready")).is_success:
                        pass
                assert ready.status_code == 503
                assert "stopping" in ready.json()["notes"]
                listed = await client.get("/products")
                assert listed.is_success
                assert "server" not in listed.headers
            await asyncio.to_thread(shop.process.wait, TOGETHER_SECONDS_MAX)
        assert shop.process.returncode == 0

    asyncio.run(story())
