"""Families of refresh tokens: memory and PostgreSQL keep the same promises."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from msgspec.structs import replace

from src.embedded import Engines
from src.events.migrations import migrate
from src.http.families import REFRESH_GRACE_SECONDS, FamilyStore, Step
from src.http.family_rows import FamilyRows
from src.http.tokens import REFRESH_LIFETIME
from tests.engines import engines
from tests.http.memory_families import MemoryFamilies
from tests.http.tiny import Clock

__all__ = ["engines"]
pytestmark = pytest.mark.anyio
MakeStore = Callable[..., Awaitable[FamilyStore]]


@pytest.fixture(params=["memory", "rows"])
async def make(request: pytest.FixtureRequest) -> AsyncIterator[MakeStore]:
    """Makes a store with this grace and lifetime; a grace of 0 is over when the next one asks."""
    opened: list[FamilyRows] = []

    async def memory(
        grace_seconds: float = REFRESH_GRACE_SECONDS, lifetime: timedelta = REFRESH_LIFETIME
    ) -> FamilyStore:
        return MemoryFamilies(Clock(), grace_seconds, lifetime)

    async def rows(
        grace_seconds: float = REFRESH_GRACE_SECONDS, lifetime: timedelta = REFRESH_LIFETIME
    ) -> FamilyStore:
        running: Engines = request.getfixturevalue("engines")
        await migrate(running.owner_url, "khata_app")
        opened.append(FamilyRows(running.app_url, 1, grace_seconds, lifetime))
        return opened[-1]

    yield memory if request.param == "memory" else rows
    for store in opened:
        await store.close()


def login(**more: object) -> Step:
    """What a token of a new family says."""
    first = Step(family=uuid4().hex, person=f"cust_{uuid4().hex}", generation=1, password_changes=0)
    return replace(first, **more)


async def test_each_generation_is_followed_by_the_next(make: MakeStore) -> None:
    store, first = await make(), login()
    await store.begin(first)
    generations = [await store.rotate(replace(first, generation=n)) for n in (1, 2, 3)]
    assert generations == [2, 3, 4]


async def test_a_family_that_never_began_has_no_generation(make: MakeStore) -> None:
    store = await make()
    assert await store.rotate(login()) is None


async def test_the_step_before_is_taken_again_while_an_answer_may_have_been_lost(
    make: MakeStore,
) -> None:
    store, first = await make(), login()
    await store.begin(first)
    assert [await store.rotate(first) for _ in range(3)] == [2, 2, 2]
    assert await store.rotate(replace(first, generation=2)) == 3


async def test_an_older_step_ends_the_family_for_everybody(make: MakeStore) -> None:
    store, first = await make(), login()
    await store.begin(first)
    for generation in (1, 2):
        await store.rotate(replace(first, generation=generation))
    assert await store.rotate(first) is None
    assert await store.rotate(replace(first, generation=3)) is None, "its owner logs in anew"


async def test_the_step_before_is_a_theft_once_nothing_can_be_on_its_way(make: MakeStore) -> None:
    store, first = await make(grace_seconds=0), login()
    await store.begin(first)
    assert await store.rotate(first) == 2
    assert await store.rotate(first) is None
    assert await store.rotate(replace(first, generation=2)) is None


async def test_a_step_that_was_never_given_ends_the_family(make: MakeStore) -> None:
    store, first = await make(), login()
    await store.begin(first)
    assert await store.rotate(replace(first, generation=7)) is None
    assert await store.rotate(first) is None


async def test_a_family_is_of_one_password_and_of_one_person(make: MakeStore) -> None:
    store = await make()
    for other in ({"password_changes": 1}, {"person": "cust_other"}):
        first = login()
        await store.begin(first)
        assert await store.rotate(replace(first, **other)) is None


async def test_the_step_before_is_not_taken_for_another_password(make: MakeStore) -> None:
    store, first = await make(), login()
    await store.begin(first)
    await store.rotate(first)
    assert await store.rotate(replace(first, password_changes=1)) is None


async def test_a_family_that_ended_stays_ended_and_no_other_does(make: MakeStore) -> None:
    store, first, other = await make(), login(), login()
    for each in (first, other):
        await store.begin(each)
    for _ in range(2):
        await store.end(first.family)
    assert await store.rotate(first) is None
    assert await store.rotate(other) == 2


async def test_a_person_is_forgotten_with_every_family_and_nobody_else_is(make: MakeStore) -> None:
    store, first, other = await make(), login(), login()
    second = replace(first, family=uuid4().hex)
    for each in (first, second, other):
        await store.begin(each)
    await store.forget([first.person])
    assert [await store.rotate(each) for each in (first, second, other)] == [None, None, 2]


async def test_a_family_begun_twice_goes_on_where_it_was(make: MakeStore) -> None:
    store, first = await make(grace_seconds=0), login()
    await store.begin(first)
    await store.rotate(first)
    await store.begin(first)
    assert await store.rotate(replace(first, generation=2)) == 3


async def test_fifty_at_once_take_one_step_and_the_family_goes_on(make: MakeStore) -> None:
    first = login()
    stores = [await make() for _ in range(5)]
    shared = stores if isinstance(stores[0], FamilyRows) else stores[:1]
    await shared[0].begin(first)
    steps = await asyncio.gather(*(shared[n % len(shared)].rotate(first) for n in range(50)))
    assert set(steps) == {2}
    assert await shared[-1].rotate(replace(first, generation=2)) == 3


async def test_what_nobody_can_use_any_more_is_purged_and_nothing_else(make: MakeStore) -> None:
    store, first = await make(), login()
    await store.begin(first)
    while await store.purge():
        pass
    assert await store.rotate(first) == 2
    over, old = await make(lifetime=timedelta(seconds=-1)), login()
    await over.begin(old)
    assert await over.rotate(old) is None
    await over.begin(old)
    assert await over.purge() >= 1
    assert await over.purge() == 0
