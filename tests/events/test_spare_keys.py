"""Keys made ahead: made before they are taken, each taken once; lacking them is no obstacle."""

from itertools import count
from uuid import UUID

import pytest

from src.events.ports import DatabaseUnavailableError, Sealed
from src.events.spare_keys import SPARES_MAX, SpareKeys
from tests.memory import MemoryKeyRing

pytestmark = pytest.mark.anyio


class WatchedKeyRing(MemoryKeyRing):
    """A ring that notes under which ids something was sealed, and may be out of reach."""

    def __init__(self) -> None:
        super().__init__()
        self.made: list[str] = []
        self.away = False

    async def seal(self, key_id: str, plain: bytes) -> Sealed:
        if self.away:
            raise DatabaseUnavailableError("away")
        self.made.append(key_id)
        return await super().seal(key_id, plain)


def spares_of(keys: WatchedKeyRing) -> SpareKeys:
    numbers = count(1)
    return SpareKeys(keys, lambda: UUID(int=next(numbers)))


async def test_after_the_first_every_key_is_made_before_it_is_taken() -> None:
    keys = WatchedKeyRing()
    spares = spares_of(keys)
    spares.take()
    await spares.close()
    made = list(keys.made)
    assert all(spares.take() in made for _ in range(SPARES_MAX))


async def test_no_key_is_taken_twice() -> None:
    keys = WatchedKeyRing()
    spares = spares_of(keys)
    taken: list[str] = []
    for _ in range(3 * SPARES_MAX):
        taken.append(spares.take())
        await spares.close()
    assert len(set(taken)) == len(taken)


async def test_without_a_database_keys_are_named_and_none_is_called_ready() -> None:
    keys = WatchedKeyRing()
    spares = spares_of(keys)
    keys.away = True
    spares.take()
    await spares.close()
    keys.away = False
    taken = spares.take()
    assert taken not in keys.made
    await spares.close()
    assert spares.take() in keys.made
