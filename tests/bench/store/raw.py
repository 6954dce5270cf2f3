"""What PostgreSQL and asyncpg give by themselves: the same rows into an equal table, unasked."""

import asyncio
import time
from collections.abc import Sequence
from itertools import count
from typing import Any

from src.bootstrap import new_id
from src.events.cart import CartOpened
from src.events.codec import encode
from src.events.connection import Connection
from src.events.envelope import Cause, Entry, Expected, NewEvent
from src.events.identifiers import CART, derived, event_id, public_id, stream
from tests.bench.store.commands import per_second

TABLE = """
create table bare (like khata.events including constraints);
alter table bare add primary key (book, position), add unique (book, stream, version);
"""
INSERT = """
insert into bare
select 1, $1 + n, s, v, t, sv, e, now(), c, co, ca, a, p, decode(repeat('00', 32), 'hex')
from unnest($2::text[], $3::int[], $4::text[], $5::smallint[], $6::uuid[], $7::uuid[],
            $8::uuid[], $9::uuid[], $10::text[], $11::json[])
    with ordinality as fresh(s, v, t, sv, e, c, co, ca, a, p, n)
"""
INSERT_ONE = """
insert into bare values (1, $1, $2, $3, $4, $5, $6, now(), $7, $8, $9, $10, $11,
    '\\x0000000000000000000000000000000000000000000000000000000000000000')
"""


class Raw:
    """A table like the book's, with its two indexes and nothing that guards it."""

    def __init__(self, connections: Sequence[Connection]) -> None:
        self._connections = connections
        self._free = asyncio.LifoQueue[Connection]()
        self._position = count(1)

    async def prepare(self) -> None:
        """Make the table; payloads are sent as the bytes that they are."""
        await self._connections[0].execute(TABLE)
        for each in self._connections:
            await each.set_type_codec(
                "json", schema="pg_catalog", encoder=bytes, decoder=bytes, format="binary"
            )
            self._free.put_nowait(each)

    async def batches_per_second(self, size: int, seconds: float) -> float:
        """Insert batch after batch on one connection; making the rows does not count."""
        rows, spent = await self.batches(size, seconds)
        return rows / spent

    async def batches(self, size: int, seconds: float) -> tuple[int, float]:
        """Insert batches, and return the rows and the seconds that inserting took."""
        rows, spent = 0, 0.0
        while spent < seconds:
            given = columns([opened_cart() for _ in range(size)])
            after = next(self._position)
            self._position = count(after + size)
            begun = time.perf_counter()
            await self._connections[0].execute(INSERT, after - 1, *given)
            rows, spent = rows + size, spent + time.perf_counter() - begun
        return rows, spent

    async def singles_per_second(self, waiting: int, seconds: float) -> float:
        """Insert each row in a transaction of its own, on as many connections as there are."""
        return await per_second(self._insert_one, waiting, seconds)

    async def _insert_one(self) -> None:
        row = [column[0] for column in columns([opened_cart()])]
        db = await self._free.get()
        try:
            await db.execute(INSERT_ONE, next(self._position), *row)
        finally:
            self._free.put_nowait(db)


def columns(entries: list[Entry]) -> list[list[Any]]:
    """Return each entry's one event as the columns of the table."""
    rows = [(entry.cause, entry.events[0]) for entry in entries]
    return [
        [event.stream for _, event in rows],
        [event.version for _, event in rows],
        [event.type for _, event in rows],
        [event.schema_version for _, event in rows],
        [event.event_id for _, event in rows],
        [cause.command_id for cause, _ in rows],
        [cause.correlation_id for cause, _ in rows],
        [cause.causation_id for cause, _ in rows],
        [cause.actor for cause, _ in rows],
        [event.payload for _, event in rows],
    ]


def opened_cart() -> Entry:
    """Return what opening a cart writes."""
    command = new_id()
    cart = public_id("cart", derived(command, "cart"))
    name = stream(CART, cart)
    event = NewEvent(
        stream=name,
        version=1,
        type="CartOpened",
        schema_version=1,
        event_id=event_id(command, 0),
        payload=encode(CartOpened(cart_id=cart, customer_id=None, currency="INR")),
    )
    wish = Cause(command_id=command, correlation_id=command, actor=f"guest:{cart}")
    return Entry(cause=wish, expected=[Expected(name, 0)], events=[event])
