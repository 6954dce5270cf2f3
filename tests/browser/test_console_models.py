"""A rebuild is watched in the console, from begun to served, by a page that keeps itself up."""

import asyncio
import re
import threading
from collections.abc import Iterator

import pytest
from playwright.async_api import Locator, expect

from src.projections import orders
from src.projections.rebuild import copy
from src.projections.rebuild.work import rebuild
from tests.browser.accessibility import violations
from tests.browser.console import Staff, Work, work
from tests.browser.visitor import Visitor

__all__ = ["work"]

pytestmark = pytest.mark.anyio
PAGE_POSITIONS = 10
GATE_SECONDS_MAX = 120.0


class HeldRebuild:
    """A rebuild of the orders on a thread of its own, which stops after its first page."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._goes_on = threading.Event()
        self.has_begun = threading.Event()
        self.thread = threading.Thread(target=self._run)

    def go_on(self) -> None:
        self._goes_on.set()

    def _run(self) -> None:
        asyncio.run(rebuild(self._url, [orders], self._told))

    def _told(self, _done: int, _total: int) -> None:
        self.has_begun.set()
        assert self._goes_on.wait(GATE_SECONDS_MAX)


@pytest.fixture
def rebuilding(work: Work, monkeypatch: pytest.MonkeyPatch) -> Iterator[HeldRebuild]:
    monkeypatch.setattr(copy, "PAGE_POSITIONS", PAGE_POSITIONS)
    held = HeldRebuild(work.shop.settings.app_url)
    yield held
    held.go_on()
    if held.thread.ident is not None:
        held.thread.join()


async def test_a_rebuild_is_watched_from_begun_to_served(
    work: Work, visitor: Visitor, rebuilding: HeldRebuild
) -> None:
    ravi = await _before_the_models(work, visitor)
    row, said = ravi.page.locator("#model-orders"), ravi.page.locator("[data-say]")
    await expect(said).to_have_text("All read models have seen the whole book.")
    await expect(row).to_contain_text("at the head")
    await expect(row.get_by_role("progressbar")).to_have_count(0)

    rebuilding.thread.start()
    assert await asyncio.to_thread(rebuilding.has_begun.wait, GATE_SECONDS_MAX)
    await expect(said).to_have_text("orders is being rebuilt; serving goes on meanwhile.")
    head = await work.shop.parts.book.head()
    await expect(row).to_contain_text(f"being built: {PAGE_POSITIONS} of {head}")
    await expect(row).to_contain_text("at the head")
    assert await _progress(row) == (PAGE_POSITIONS, head)
    assert await violations(ravi.page) == []

    rebuilding.go_on()
    await asyncio.to_thread(rebuilding.thread.join)
    await expect(row).to_contain_text(re.compile(f"the one before is kept, at {head}"))
    await expect(row.get_by_role("progressbar")).to_have_count(0)
    await expect(said).to_have_text("All read models have seen the whole book.")


async def test_a_read_model_that_is_behind_says_since_when(work: Work, visitor: Visitor) -> None:
    ravi = await _before_the_models(work, visitor)
    await work.shop.stocked("LATE-1")  # The worker of these tests only works when it is told to.
    said = ravi.page.locator("[data-say]")
    await expect(said).to_have_text(re.compile(r"is \d+ facts behind; the oldest came "))
    await expect(ravi.page.locator("#model-stock")).to_contain_text("behind")


async def test_a_page_that_keeps_itself_up_says_when_its_session_is_over(
    work: Work, visitor: Visitor
) -> None:
    ravi = await _before_the_models(work, visitor)
    visitor.expected.append("status of 401")
    await ravi.page.context.clear_cookies()
    said = ravi.page.locator("[data-say]")
    await expect(said).to_have_text("Your session is over: refresh, and log in again.")
    await ravi.page.get_by_role("link", name="Refresh").click()
    await expect(ravi.page.get_by_label("Staff token")).to_be_visible()


async def _before_the_models(work: Work, visitor: Visitor) -> Staff:
    await work.shop.work()
    await work.shop.parts.analysts_runner.catch_up()
    ravi = Staff(work, await visitor.window())
    await ravi.logs_in("operator")
    await ravi.link("Read models").click()
    await ravi.sees("Read models")
    return ravi


async def _progress(row: Locator) -> tuple[int, int]:
    bar = row.get_by_role("progressbar")
    value: float = await bar.evaluate("it => it.value")
    most: float = await bar.evaluate("it => it.max")
    return int(value), int(most)
