"""Wishes remembered: memory and PostgreSQL keep the same promises."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import uuid4

import asyncpg  # type: ignore[import-untyped]  # asyncpg ships no types
import pytest

from src.embedded import Engines
from src.events.migrations import migrate
from src.http.idempotency import (
    Finished,
    IdempotencyStore,
    OtherWish,
    Ours,
    Running,
)
from src.http.idempotency_rows import IdempotencyRows, edge_lines
from tests.engines import engines
from tests.http.memory import MemoryIdempotency
from tests.http.tiny import Clock

__all__ = ["engines"]
pytestmark = pytest.mark.anyio
COMMAND = uuid4()
KEPT_JUST_NOW_SECONDS = 3600
"""A clock that is wrong by a unit or a time zone shows; a slow machine does not."""
MakeStore = Callable[[int], Awaitable[IdempotencyStore]]


@pytest.fixture(params=["memory", "rows"])
async def make(request: pytest.FixtureRequest) -> AsyncIterator[MakeStore]:
    """Makes a store whose leases last so many seconds; 0 has expired when the next one asks."""
    opened: list[IdempotencyRows] = []

    async def memory(lease_seconds: int) -> IdempotencyStore:  # its sibling waits
        return MemoryIdempotency(Clock(), lease_seconds)

    async def rows(lease_seconds: int) -> IdempotencyStore:
        running: Engines = request.getfixturevalue("engines")
        await migrated(running)
        opened.append(IdempotencyRows(edge_lines(running.app_url), 1, lease_seconds))
        return opened[-1]

    yield memory if request.param == "memory" else rows
    for store in opened:
        await store.close()


async def migrated(running: Engines) -> None:
    await migrate(running.owner_url, "khata_app")


def key() -> str:
    return uuid4().hex


async def answer_to(store: IdempotencyStore, name: str) -> bytes:
    """Return what was kept, a moment ago."""
    claim = await store.claim(name, b"body", COMMAND)
    assert isinstance(claim, Finished)
    assert 0 <= claim.age_seconds < KEPT_JUST_NOW_SECONDS
    return claim.answer


async def test_a_new_wish_is_ours_and_meanwhile_nobody_elses(make: MakeStore) -> None:
    store, name = await make(60), key()
    first = await store.claim(name, b"body", COMMAND)
    assert isinstance(first, Ours)
    assert not first.again
    assert await store.claim(name, b"body", COMMAND) == Running()


async def test_the_same_key_for_another_body_is_refused(make: MakeStore) -> None:
    store, name = await make(0), key()
    await store.claim(name, b"body", COMMAND)
    assert await store.claim(name, b"other", COMMAND) == OtherWish()


async def test_what_is_kept_about_a_person_is_forgotten_and_nothing_else(make: MakeStore) -> None:
    store, asha = await make(60), f"cust_{key()}"
    hers, named_late, other = key(), key(), key()
    await store.claim(hers, b"body", COMMAND, asha)
    await store.finish(hers, b"answer")
    for name, about in ((named_late, asha), (other, f"cust_{key()}")):
        await store.claim(name, b"body", COMMAND)
        await store.finish(name, b"answer", about)
    await store.forget([asha])
    for name in (hers, named_late):
        assert isinstance(await store.claim(name, b"another body", COMMAND), Ours)
    assert await answer_to(store, other) == b"answer"


async def test_an_answer_that_comes_after_its_person_was_forgotten_is_not_kept(
    make: MakeStore,
) -> None:
    store, name, asha = await make(60), key(), f"cust_{key()}"
    await store.claim(name, b"body", COMMAND, asha)
    await store.forget([asha])
    await store.finish(name, b"answer", asha)
    assert isinstance(await store.claim(name, b"body", COMMAND), Ours)


async def test_whoever_finds_the_lease_expired_runs_it_again(make: MakeStore) -> None:
    store, name = await make(0), key()
    await store.claim(name, b"body", COMMAND)
    second = await store.claim(name, b"body", COMMAND)
    assert isinstance(second, Ours)
    assert second.again


async def test_a_finished_wish_gives_its_first_answer_for_ever(make: MakeStore) -> None:
    store, name = await make(0), key()
    await store.claim(name, b"body", COMMAND)
    await store.claim(name, b"body", COMMAND)
    await store.finish(name, b"first")
    await store.finish(name, b"second")
    assert await answer_to(store, name) == b"first"
    assert await store.claim(name, b"other", COMMAND) == OtherWish()


async def test_a_released_wish_can_be_tried_at_once(make: MakeStore) -> None:
    store, name = await make(60), key()
    mine = await store.claim(name, b"body", COMMAND)
    assert isinstance(mine, Ours)
    await store.release(name, mine.lease)
    second = await store.claim(name, b"body", uuid4())
    assert isinstance(second, Ours)
    assert second.command_id == mine.command_id == COMMAND, "it goes on with what was begun"
    await store.release(name, mine.lease)
    assert await store.claim(name, b"body", COMMAND) == Running(), "the lease is another's now"


async def test_of_fifty_at_once_one_gets_the_wish(make: MakeStore) -> None:
    store, name = await make(60), key()
    claims = await asyncio.gather(*(store.claim(name, b"body", COMMAND) for _ in range(50)))
    assert sum(isinstance(claim, Ours) for claim in claims) == 1


async def test_nothing_young_is_purged(make: MakeStore) -> None:
    store, name = await make(60), key()
    await store.claim(name, b"body", COMMAND)
    assert await store.purge() == 0
    assert await store.claim(name, b"body", COMMAND) == Running()


async def test_what_is_older_than_a_day_is_purged(engines: Engines) -> None:
    await migrated(engines)
    store, old, young = IdempotencyRows(edge_lines(engines.app_url), 1), key(), key()
    await store.claim(old, b"body", COMMAND)
    await store.claim(young, b"body", COMMAND)
    await aged(engines.owner_url, old)
    assert await store.purge() == 1
    assert isinstance(await store.claim(old, b"body", COMMAND), Ours)
    assert await store.claim(young, b"body", COMMAND) == Running()
    await store.close()


async def aged(url: str, name: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(
        "update edge.idempotency set created_at = created_at - interval '25 hours' where key = $1",
        name,
    )
    await connection.close()
