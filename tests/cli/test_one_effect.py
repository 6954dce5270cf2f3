"""The same key twice is one effect: at once in two processes, and when one dies in the middle."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from src.bootstrap.api import tokens_of
from src.events.connection import connecting
from src.settings import Settings
from tests.cli.test_up import Running, linux_only, running
from tests.databases import connected

PAIRS = 1_000
PAIRS_AT_ONCE = 32
TRIES_MAX = 2_000
WAIT_SECONDS_MAX = 30.0
POLL_SECONDS = 0.02
IN_PROGRESS = 409
RECEIPTS = "/admin/stock/TWICE-1/receipts"
RECEIVED = """
select payload->>'reference' as name, payload->>'quantity' as quantity
from khata.events where stream = 'stock-TWICE-1' and type = 'StockReceived'
"""
UNFINISHED = "select count(*) as count from edge.idempotency where finished_at is null"
LEASES_OVER = """
update edge.idempotency set lease_until = clock_timestamp()
where finished_at is null and lease_until > clock_timestamp()
"""


@asynccontextmanager
async def _staff(shop: Running, environ: dict[str, str]) -> AsyncGenerator[httpx.AsyncClient]:
    url = await asyncio.to_thread(shop.url)
    settings = Settings.from_environ({**environ, "KHATA_HOME": str(shop.home)})
    bearer = {"Authorization": f"Bearer {tokens_of(settings).sign(['admin'], 'asha')}"}
    async with httpx.AsyncClient(
        base_url=url, headers=bearer, timeout=WAIT_SECONDS_MAX, trust_env=False
    ) as client:
        product = {"name": "Twice", "price": {"amount": 10_000, "currency": "INR"}}
        (await client.put("/admin/products/TWICE-1", json=product)).raise_for_status()
        yield client


async def _until_answered(client: httpx.AsyncClient, name: str) -> httpx.Response:
    """Repeat a wish, as a client does, for as long as it is told that it is being worked on."""
    for _ in range(TRIES_MAX):
        answer = await client.post(
            RECEIPTS,
            json={"quantity": 1, "reference": name},
            headers={"Idempotency-Key": name},
        )
        if answer.status_code != IN_PROGRESS:
            return answer
        assert answer.json()["code"] == "request-in-progress"
        await asyncio.sleep(POLL_SECONDS)
    raise AssertionError(f"{name} is never answered")


async def _received(environ: dict[str, str]) -> Counter[str]:
    rows = await connected(environ["DATABASE_URL"], lambda db: db.fetch(RECEIVED))
    return Counter(row["name"] for row in rows)


def test_a_thousand_pairs_at_once_have_a_thousand_effects(
    home: Path, own_environ: dict[str, str]
) -> None:
    async def story() -> None:
        with running(home, **own_environ, KHATA_WORKERS="2", KHATA_RATE_PER_SECOND="0") as shop:
            async with _staff(shop, own_environ) as client:
                room = asyncio.Semaphore(PAIRS_AT_ONCE)

                async def pair(name: str) -> tuple[httpx.Response, httpx.Response]:
                    async with room:
                        both = _until_answered(client, name), _until_answered(client, name)
                        one, other = await asyncio.gather(*both)
                        return one, other

                pairs = await asyncio.gather(*(pair(f"pair-{each}") for each in range(PAIRS)))
                stock = (await client.get("/admin/stock/TWICE-1")).json()
        for one, other in pairs:
            assert (one.status_code, other.status_code) == (201, 201)
            assert one.content == other.content
            assert one.headers["khata-position"] == other.headers["khata-position"]
            said = [each.headers.get("idempotent-replayed") for each in (one, other)]
            assert Counter(said) == Counter([None, "true"])
        assert stock["received"] == PAIRS
        assert await _received(own_environ) == Counter(f"pair-{each}" for each in range(PAIRS))

    asyncio.run(story())


@linux_only
def test_a_process_killed_between_claim_and_answer_leaves_one_effect(
    home: Path, own_environ: dict[str, str]
) -> None:
    """The append waits for a lock when its process dies: the database may write it all the same."""

    async def story() -> None:
        with running(home, **own_environ, KHATA_WORKERS="2") as shop:
            async with _staff(shop, own_environ) as client:
                owner = await connecting(own_environ["KHATA_OWNER_DATABASE_URL"], "a lock")()
                async with owner.transaction():
                    await owner.execute("lock table khata.events in share row exclusive mode")
                    begun = asyncio.create_task(
                        client.post(
                            RECEIPTS,
                            json={"quantity": 1, "reference": "killed"},
                            headers={"Idempotency-Key": "killed"},
                        )
                    )
                    await _until_claimed(own_environ)
                    _kill_api(shop)
                    assert isinstance(
                        (await asyncio.gather(begun, return_exceptions=True))[0],
                        httpx.TransportError,
                    )
                await owner.close()
                await connected(own_environ["DATABASE_URL"], lambda db: db.execute(LEASES_OVER))
                answer = await _once_up_again(client, "killed")
                again = await _until_answered(client, "killed")
        assert answer.status_code == 201
        assert again.content == answer.content
        assert await _received(own_environ) == Counter(["killed"])

    asyncio.run(story())


async def _until_claimed(environ: dict[str, str]) -> None:
    async with asyncio.timeout(WAIT_SECONDS_MAX):
        while True:
            rows = await connected(environ["DATABASE_URL"], lambda db: db.fetch(UNFINISHED))
            if rows[0]["count"]:
                return
            await asyncio.sleep(POLL_SECONDS)


def _kill_api(shop: Running) -> None:
    serving = [pid for pid, words in shop.family().items() if " serve " in f"{words} "]
    assert len(serving) == 2
    for pid in serving:
        os.kill(pid, signal.SIGKILL)


async def _once_up_again(client: httpx.AsyncClient, name: str) -> httpx.Response:
    async with asyncio.timeout(WAIT_SECONDS_MAX):
        while True:
            try:
                return await _until_answered(client, name)
            except httpx.TransportError:
                await asyncio.sleep(POLL_SECONDS)
