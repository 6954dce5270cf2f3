"""A page of the book hashed again from its rows, with the appends that end in it.

The database puts a row's bytes together, as it did when it was written, and we
hash them: that costs a third of reading every column. A test compares the two
ways, and whatever is found wrong is looked into column by column.
"""

import struct
from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple, Protocol, cast

from src.events.connection import Row

POSTGRES_EPOCH_US = 946_684_800_000_000
"""Microseconds from 1970 to 2000, where PostgreSQL counts from."""


class Asking(Protocol):
    """A connection, or a pool of them."""

    async def fetch(self, query: str, *args: object) -> list[Row]: ...


class AppendRow(NamedTuple):
    """One append, as it is stored."""

    first: int
    last: int
    root: bytes
    chain: bytes


class HashedPage(NamedTuple):
    """What stands at a range of positions, column by column, and the appends that end there."""

    positions: Sequence[int]
    times_us: Sequence[int]
    kept: Sequence[bytes]
    """The leaves that stand beside the events."""
    computed: Sequence[bytes]
    """The leaves that their bytes give."""
    appends: Sequence[AppendRow]


async def read_hashed(db: Asking, book: int, after: int, to: int) -> HashedPage:
    """Return what stands at the positions above `after` and up to `to`."""
    rows = cast("list[tuple[int, bytes, bytes, bytes]]", await db.fetch(_ROWS, book, after, to))
    appends = await db.fetch(_APPENDS, book, after, to)
    times_us, computed = _hashed(book, rows)
    return HashedPage(
        [row[0] for row in rows],
        times_us,
        [row[1] for row in rows],
        computed,
        [AppendRow(row[0], row[1], row[2], row[3]) for row in appends],
    )


def _hashed(
    book: int, rows: list[tuple[int, bytes, bytes, bytes]]
) -> tuple[list[int], list[bytes]]:
    times_us: list[int] = []
    computed: list[bytes] = []
    time_before, recorded_us, opened = b"", 0, b""
    for _, _, time, rest in rows:
        if time != time_before:  # one append has one time
            recorded_us = struct.unpack(">q", time)[0] + POSTGRES_EPOCH_US
            time_before, opened = time, struct.pack(">xiq", book, recorded_us)
        times_us.append(recorded_us)
        computed.append(sha256(opened + rest).digest())
    return times_us, computed


# The layout stands in leaf.py; an event without a causation id says so by a length of -1.
_ROWS = r"""
select position, leaf, timestamptz_send(recorded_at),
    int8send(position) || int4send(version) || int2send(schema_version) || uuid_send(event_id)
    || uuid_send(command_id) || uuid_send(correlation_id)
    || coalesce('\x00000010'::bytea || uuid_send(causation_id), '\xffffffff'::bytea)
    || int4send(octet_length(stream)) || int4send(octet_length(type))
    || int4send(octet_length(actor))
    || convert_to(stream || type || actor || payload::text, 'UTF8')
from khata.events where book = $1 and position > $2 and position <= $3 order by position
"""
_APPENDS = """
select first_position, last_position, root, chain from khata.appends
where book = $1 and last_position > $2 and last_position <= $3 and first_position <= $3
    and first_position >= coalesce((select max(first_position) from khata.appends
                                    where book = $1 and first_position <= $2), 0)
order by first_position
"""
