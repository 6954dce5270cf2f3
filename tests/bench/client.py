"""The load: a process of its own, told what to do on standard input, telling what it saw on output.

`python -m tests.bench.client` reads one Load as JSON and writes one Seen.
"""

import asyncio
import sys
import time
from random import Random

import msgspec
import uvloop
from msgspec import Struct

from tests.bench.buyer import Buyer, Notes, Pace


class Load(Struct, frozen=True, kw_only=True):
    """How many buy what, for how long."""

    api_port: int
    sandbox_port: int
    clients: int
    seconds: float
    skus: list[str]
    seed: int
    rate: float | None = None
    """Purchases begun a second, evenly; None is as many as there can be."""


class Seen(Struct, frozen=True, kw_only=True):
    """What the buyers saw; `begun` and `ended` frame the time in which they began to buy."""

    begun: float
    ended: float
    orders: int
    looks: int
    cpu_seconds: float
    seconds: dict[str, list[float]]
    """How long each answer of an endpoint took."""
    failures: list[str]


async def run(load: Load) -> Seen:
    """Buy."""
    notes, chance, pace = Notes(), Random(load.seed), Pace(load.rate)
    begun, used, end = time.time(), time.process_time(), time.monotonic() + load.seconds
    buyers = [
        Buyer(f"b{load.seed}-{number}", load.skus, Random(chance.random()), notes, pace)
        for number in range(load.clients)
    ]
    await asyncio.gather(
        *(each.shop_until(end, load.api_port, load.sandbox_port) for each in buyers)
    )
    return Seen(
        begun=begun,
        ended=begun + load.seconds,
        orders=notes.orders,
        looks=notes.looks,
        cpu_seconds=time.process_time() - used,
        seconds=dict(notes.seconds),
        failures=notes.failures,
    )


if __name__ == "__main__":
    wanted = msgspec.json.decode(sys.stdin.buffer.read(), type=Load)
    sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(run(wanted))))
