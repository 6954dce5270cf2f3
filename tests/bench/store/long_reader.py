"""An idle reader that holds on to what it saw: what it costs whoever writes, and who is cut off.

Three books beside each other take turns, half a second each: one that nobody reads,
one whose reader may stay as long as it likes, and one whose reader is an analyst,
with the limits of that role.
"""

import time
from urllib.parse import urlsplit, urlunsplit

import asyncpg  # type: ignore[import-untyped]  # it ships no types
from msgspec.structs import replace

from src.events.connection import Connection
from tests.bench.store.commands import OpeningCarts, per_second
from tests.bench.store.place import Place
from tests.bench.store.size import Size
from tests.bench.store.table import Line, beside
from tests.bench.store.turns import Rate, Rates, in_turns

WAITING = 16
TURN_SECONDS = 0.5
WISHES_PER_TURN = 6_000
SUPERUSER, ANALYST, NOBODY = "idle_superuser", "idle_analyst", "no_reader"
BEGIN = "begin isolation level repeatable read"
LOOK = "select count(*) from models.orders"


async def long_reader(place: Place, size: Size) -> list[Line]:
    """Open the readers, and write beside them for as long as they stay."""
    books = {name: await _writing(place, name) for name in (SUPERUSER, ANALYST, NOBODY)}
    urls = {SUPERUSER: place.engines.superuser_url, ANALYST: place.engines.read_url}
    readers = {name: await _reading(place, name, url) for name, url in urls.items()}
    rates: Rates = {name: [] for name in books}
    end = time.monotonic() + size.reader_seconds
    while time.monotonic() < end:
        for name, found in (await in_turns(1, books)).items():
            rates[name] += found
    # The first half is how it gets there.
    late = {name: found[len(found) // 2 :] for name, found in rates.items()}
    return [_line(name, late, is_there=await _is_there(readers[name])) for name in readers]


def _line(name: str, late: Rates, *, is_there: bool) -> Line:
    found = beside("", {name: late[name], NOBODY: late[NOBODY]}, NOBODY)
    ended = "stays" if is_there else "was cut off"
    words = name.replace("_", " ")
    return replace(found, what=f"commands, {words} {ended}", beside="no reader")


async def _writing(place: Place, name: str) -> Rate:
    carts = OpeningCarts(await place.parts(await place.database(name)))

    async def opened() -> float:
        carts.prepare(WISHES_PER_TURN)
        return await per_second(carts, WAITING, TURN_SECONDS)

    return opened


async def _reading(place: Place, name: str, url: str) -> Connection:
    """Begin a transaction that sees the read models, and ask nothing more."""
    db = await place.connection(urlunsplit(urlsplit(url)._replace(path=f"/{name}")))
    await db.execute(BEGIN)
    await db.fetchval(LOOK)
    return db


async def _is_there(reader: Connection) -> bool:
    try:
        await reader.execute("rollback")
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        return False
    return True
