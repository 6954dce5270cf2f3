"""One stage: so many buyers for so long, and what that cost every process."""

import asyncio
import subprocess
import sys
import time
from pathlib import Path

import msgspec
from msgspec import Struct

from tests.bench.book import orders_between
from tests.bench.client import Load, Seen
from tests.bench.shop import BenchShop
from tests.bench.statements import begin_counting, counted
from tests.bench.usage import busy_seconds, cpu_seconds

SPARE_SECONDS = 60.0
"""So much longer than its stage may the client take; every wait in it has its own limit."""


class Stage(Struct, frozen=True, kw_only=True):
    """What is bought."""

    clients: int
    skus: str
    """`spread`, `shared`, or `paced`: spread, and begun at an even rate."""
    rate: float | None = None
    """Purchases begun a second."""


class Run(Struct, frozen=True, kw_only=True):
    """What came of a stage."""

    stage: Stage
    seen: Seen
    ordered: int
    """Orders written into the book while the buyers began to buy."""
    cpu: dict[str, float]
    """Seconds by process, for all of the orders seen."""
    statements: dict[str, int]
    elsewhere: float
    """How many cores were busy meanwhile with what is not of this benchmark."""

    @property
    def rate(self) -> float:
        """Orders a second."""
        return self.ordered / (self.seen.ended - self.seen.begun)

    @property
    def statements_per_order(self) -> float:
        """SQL statements, the worker's polling included."""
        return sum(self.statements.values()) / max(1, self.seen.orders)


def run_stage(shop: BenchShop, stage: Stage, skus: list[str], seconds: float, seed: int) -> Run:
    """Let the client buy, and count."""
    load = Load(
        api_port=shop.settings.port,
        sandbox_port=shop.settings.sandbox_port,
        clients=stage.clients,
        seconds=seconds,
        skus=skus,
        seed=seed,
        rate=stage.rate,
    )
    asyncio.run(begin_counting(shop.engines))
    begun, busy, before = time.monotonic(), busy_seconds(), cpu_seconds(shop.pids)
    seen = _bought(load)
    after, busy, lasted = cpu_seconds(shop.pids), busy_seconds() - busy, time.monotonic() - begun
    statements = asyncio.run(counted(shop.engines))
    ordered = asyncio.run(orders_between(shop.engines.superuser_url, seen.begun, seen.ended))
    cpu = {name: after[name] - before[name] for name in before} | {"client": seen.cpu_seconds}
    return Run(
        stage=stage,
        seen=seen,
        ordered=ordered,
        cpu=cpu,
        statements=statements,
        elsewhere=max(0.0, busy - sum(cpu.values())) / lasted,
    )


def _bought(load: Load) -> Seen:
    said = subprocess.run(
        [sys.executable, "-P", "-m", "tests.bench.client"],
        input=msgspec.json.encode(load),
        stdout=subprocess.PIPE,
        timeout=load.seconds + SPARE_SECONDS,
        check=True,
        cwd=Path(__file__).parents[2],
        env={"PYTHONPATH": str(Path(__file__).parents[2])},
    )
    return msgspec.json.decode(said.stdout, type=Seen)
