"""Tells every story in a throw-away shop; 0 only if every promise held."""

import asyncio
import signal
import sys
import time
from collections.abc import Mapping
from types import FrameType

import aiohttp
from rich.console import Console

from src.cli.demo.page import Page
from src.cli.demo.polling import NotSeenError
from src.cli.demo.shop import RefusedError, Shop, visited
from src.cli.demo.stories.book import STORIES
from src.cli.demo.story import Story
from src.cli.demo.telling import Telling
from src.cli.demo.throw_away import ThrowAwayShop, throw_away_shop

UNEXPECTED = (NotSeenError, RefusedError, aiohttp.ClientError, LookupError, TimeoutError)
"""What ends one story, and not the others: the shop did not answer as a shop does."""


def demo(environ: Mapping[str, str]) -> int:
    """Open a shop, tell the stories, close it; return the exit code."""
    signal.signal(signal.SIGTERM, _interrupt)
    page, since = Page(Console(file=sys.stdout, highlight=False)), time.monotonic()
    page.say("Opening a throw-away shop: PostgreSQL, Valkey, sandbox, API, worker …")
    with throw_away_shop(environ) as place:
        page.say(f"open after {time.monotonic() - since:.1f} s at {place.api_url}")
        broken, kept = asyncio.run(_told(place, page))
    page.say("")
    seconds = f"in {time.monotonic() - since:.0f} s; the shop is closed and gone"
    if broken:
        page.say(f"{broken} of {broken + kept} checks broke, {seconds}", "bold red")
        return 1
    page.say(f"{len(STORIES)} stories, {kept} checks, every promise held, {seconds}", "bold green")
    return 0


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


async def _told(place: ThrowAwayShop, page: Page) -> tuple[int, int]:
    """Tell all stories; return how many checks broke, and how many held."""
    broken, kept = 0, 0
    async with visited(place) as shop:
        for number, story in enumerate(STORIES, start=1):
            page.title(number, story)
            telling = Telling(page)
            broken += await _tell(story, shop, telling, page)
            kept += telling.kept
    return broken, kept


async def _tell(story: Story, shop: Shop, telling: Telling, page: Page) -> int:
    try:
        await story.tell(shop, telling)
    except UNEXPECTED as error:
        page.stopped(f"{type(error).__name__}: {error}")
        return len(telling.broken) + 1
    if not telling.broken:
        page.showed(story)
    return len(telling.broken)
