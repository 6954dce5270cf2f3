"""Analysts who ask and ask: the documented questions in a loop, over some connections at once.

`python -m tests.bench.analysts_asking` reads the address to ask as a line, asks until
its input is closed, and writes one Asked as JSON.
"""

import asyncio
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]  # ships no types; its errors are all we take
import msgspec
from msgspec import Struct, field

from src.events.connection import connecting

CONNECTIONS = 4
ASKING_SECONDS_MAX = 120.0
"""They go home by themselves, whatever becomes of those who called them."""
_QUERIES = Path(__file__).parents[2] / "docs" / "analysts" / "queries.sql"
QUESTIONS: Sequence[str] = re.split(r"(?<=;)\n\n", _QUERIES.read_text().strip())


class Asked(Struct, kw_only=True):
    """What analysts got."""

    seconds: list[float] = field(default_factory=list)
    """Of each answer."""
    refused: int = 0
    """Questions that the database broke off, because they took too long."""


async def ask_all(read_url: str, stop: asyncio.Event) -> Asked:
    """Ask over all connections until told to stop."""
    asked = Asked()
    async with asyncio.timeout(ASKING_SECONDS_MAX), asyncio.TaskGroup() as group:
        for first in range(CONNECTIONS):
            group.create_task(_ask(read_url, asked, stop, first))
    return asked


async def _ask(read_url: str, asked: Asked, stop: asyncio.Event, first: int) -> None:
    """Ask one question after the other, each analyst beginning with another one."""
    db = await connecting(read_url, f"khata bench analyst {first}")()
    number = first
    try:
        while not stop.is_set():
            began = time.monotonic()
            try:
                await db.fetch(QUESTIONS[number % len(QUESTIONS)])
                asked.seconds.append(time.monotonic() - began)
            except asyncpg.QueryCanceledError:
                asked.refused += 1
            number += 1
    finally:
        await db.close()


async def _until_closed() -> Asked:
    url = sys.stdin.readline().strip()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin, stop.set)
    return await ask_all(url, stop)


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(asyncio.run(_until_closed())))
