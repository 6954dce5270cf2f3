"""Runs scenarios: most of them at once, and those that move what all share one by one."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial

import aiohttp
from msgspec import Struct

from src.cli.conformance.command import khata
from src.cli.conformance.finding import Findings, Verdict
from src.cli.conformance.razorpay_side import Place, RazorpaySide
from src.cli.conformance.row import Row
from src.cli.conformance.stage import Khata, Stage
from src.cli.demo.polling import NotSeenError
from src.cli.demo.shop import RefusedError, Shop, visited
from src.cli.demo.throw_away import ThrowAwayShop
from src.settings import Settings

AT_ONCE_MAX = 6
REQUEST_SECONDS_MAX = 60.0
UNEXPECTED = (
    NotSeenError,
    RefusedError,
    aiohttp.ClientError,
    AssertionError,
    LookupError,
    TimeoutError,
    TypeError,
    ValueError,
)
"""What ends one scenario, and not the others: somebody did not answer as they do."""

Told = Callable[[Row, Verdict], None]


class Visit(Struct, frozen=True):
    """A shop and Razorpay beside it, while scenarios run."""

    shop: Shop
    razorpay: RazorpaySide
    khata: Khata


@asynccontextmanager
async def visit(place: ThrowAwayShop, webhook_secrets: tuple[str, ...]) -> AsyncGenerator[Visit]:
    """Open the connections to a shop and to its sandbox."""
    account = Settings.from_environ({"KHATA_HOME": str(place.home)}).razorpay
    known = Place(
        api_url=place.api_url,
        sandbox_url=place.sandbox_url,
        key_id=account.key_id,
        key_secret=account.key_secret,
        webhook_secrets=webhook_secrets,
    )
    timeout = aiohttp.ClientTimeout(total=REQUEST_SECONDS_MAX)
    async with visited(place) as shop, aiohttp.ClientSession(timeout=timeout) as http:
        yield Visit(shop, RazorpaySide(shop, known, http), partial(khata, place))


async def run_rows(rows: Sequence[Row], visits: Mapping[bool, Visit], told: Told) -> None:
    """Run scenarios, each in the shop that it is about: taking promised money itself, or not."""
    free = asyncio.Semaphore(AT_ONCE_MAX)

    async def run(row: Row) -> None:
        async with free:
            told(row, await run_row(row, visits[row.manual]))

    async with asyncio.TaskGroup() as together:
        for row in rows:
            if not row.alone:
                together.create_task(run(row))
    for row in rows:
        if row.alone:
            await run(row)


async def run_row(row: Row, visit: Visit) -> Verdict:
    """Run one scenario to its end, or to the end of our patience."""
    findings, since = Findings(), time.monotonic()
    stage = Stage(row.id, visit.shop, visit.razorpay, findings, visit.khata)
    stopped = None
    try:
        async with asyncio.timeout(row.seconds_max):
            await row.steps(stage)
    except UNEXPECTED as error:
        stopped = f"{type(error).__name__}: {error}"
    return findings.verdict(time.monotonic() - since, stopped)
