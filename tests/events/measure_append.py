"""How fast the book writes, beside a bare insert of the same rows.

`python -m tests.events.measure_append` starts durable engines of its own and uses
one connection. The two kinds take turns, so that a noisy machine is noisy to both.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from uuid import uuid4

from src.embedded import EnginesSettings, start_engines
from src.events.batch import arguments
from src.events.connection import connecting
from src.events.envelope import Cause, Entry, Expected, NewEvent
from src.events.identifiers import Stream
from src.events.ledger import open_book
from src.events.migrations import migrate

SIZES = (1, 10, 50, 250, 1_000)
SECONDS_PER_SIZE = 6.0
PAYLOAD = b'{"x": "' + b"a" * 192 + b'"}'

BARE = """
    insert into bare
    select 1, $1 + n, s, v, t, sv, e, now(), c, co, ca, a, p, decode(repeat('00', 32), 'hex')
    from unnest($2::text[], $3::int[], $4::text[], $5::smallint[], $6::uuid[], $7::uuid[],
                $8::uuid[], $9::uuid[], $10::text[], $11::json[])
        with ordinality as fresh(s, v, t, sv, e, c, co, ca, a, p, n)
"""
BARE_TABLE = """
    create table bare (like khata.events including constraints);
    alter table bare add primary key (book, position), add unique (book, stream, version);
"""


async def measure(owner_url: str, app_url: str) -> None:
    await migrate(owner_url, "khata_app")
    book = await open_book(app_url)
    bare = await connecting(owner_url, "khata bare")()
    await bare.set_type_codec(
        "json", schema="pg_catalog", encoder=bytes, decoder=bytes, format="binary"
    )
    await bare.execute(BARE_TABLE)
    position = 0

    async def insert(entries: list[Entry]) -> None:
        nonlocal position
        await bare.execute(BARE, position, *arguments(1, entries)[7:17])
        position += len(entries)

    for size in SIZES:
        _print(size, *await _in_turn(size, book.append, insert))
    await book.close()
    await bare.close()


async def _in_turn(
    size: int, *kinds: Callable[[list[Entry]], Awaitable[object]]
) -> list[list[float]]:
    taken: list[list[float]] = [[] for _ in kinds]
    end = time.perf_counter() + SECONDS_PER_SIZE
    while time.perf_counter() < end:
        for kind, seconds in zip(kinds, taken, strict=True):
            entries = [_entry() for _ in range(size)]
            begun = time.perf_counter()
            await kind(entries)
            seconds.append(time.perf_counter() - begun)
    return taken


def _entry() -> Entry:
    command_id = uuid4()
    stream = Stream(f"cart-{command_id}")
    event = NewEvent(
        stream=stream,
        version=1,
        type="cart-created",
        schema_version=1,
        event_id=uuid4(),
        payload=PAYLOAD,
    )
    cause = Cause(command_id=command_id, correlation_id=command_id, actor="guest:cart")
    return Entry(cause=cause, expected=[Expected(stream, 0)], events=[event])


def _print(size: int, append: list[float], insert: list[float]) -> None:
    ours, bare = median(append), median(insert)
    slowest_ms = sorted(append)[int(len(append) * 0.99)] * 1_000
    sys.stdout.write(
        f"{size:5} a batch: {size / ours:7.0f}/s (p50 {ours * 1_000:.2f}, p99 {slowest_ms:.2f} ms)"
        f", bare {size / bare:7.0f}/s (p50 {bare * 1_000:.2f} ms), ratio {bare / ours:.2f}\n"
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as directory:
        Path(directory).chmod(0o711)  # as root, PostgreSQL runs as somebody else
        settings = EnginesSettings(home=Path(directory) / "home", valkey=False)
        with start_engines(settings) as engines:
            asyncio.run(measure(engines.owner_url, engines.app_url))
