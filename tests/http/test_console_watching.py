"""The live book, the book, stock, read models, proofs and the glance, without any script."""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import msgspec
import pytest

from tests.http.staff_browser import Form, StaffBrowser, ravi, staffed
from tests.shop import ShopUnderTest

__all__ = ["ravi", "staffed"]

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def events(
    shop: ShopUnderTest, after: int, **headers: str
) -> AsyncGenerator[AsyncIterator[tuple[int, dict[str, Any]]]]:
    """Watch the book, and yield each message's id and what it says."""
    path = f"/console/live/events?after={after}"
    lines = {**shop.bearer("operator"), **headers}
    async with shop.client.stream("GET", path, headers=lines) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield _messages(answer)


async def _messages(answer: httpx.Response) -> AsyncIterator[tuple[int, dict[str, Any]]]:
    said: dict[str, str] = {}
    async for line in answer.aiter_lines():
        name, _, value = line.partition(": ")
        if line:
            said[name] = value
        elif said.get("event") == "facts":
            yield int(said["id"]), msgspec.json.decode(said["data"])
            said = {}


async def test_facts_are_told_as_they_come_and_name_no_person(staffed: ShopUnderTest) -> None:
    head = await staffed.parts.book.head()
    async with asyncio.timeout(30), events(staffed, head) as messages:
        await staffed.stocked("LIVE-1", units=7)
        told: list[dict[str, Any]] = []
        async for position, said in messages:
            told += said["facts"]
            assert position == told[-1]["position"]
            if any("LIVE-1 came in" in each["text"] for each in told):
                break
    assert [each["position"] for each in told] == [head + 1 + n for n in range(len(told))]
    assert set(told[0]) == {"position", "at", "time", "event", "text"}


async def test_who_comes_back_goes_on_behind_the_last_event_that_they_saw(
    staffed: ShopUnderTest,
) -> None:
    await staffed.stocked("LIVE-2")
    head = await staffed.parts.book.head()
    back = {"Last-Event-ID": str(head - 2)}
    async with asyncio.timeout(30), events(staffed, 0, **back) as messages:
        _, said = await anext(messages)
    assert [each["position"] for each in said["facts"]] == [head - 1, head]


async def test_the_book_is_read_by_stream_by_type_and_by_position(
    staffed: ShopUnderTest, ravi: StaffBrowser
) -> None:
    await staffed.stocked("BOOK-1")
    await ravi.logs_in("auditor")
    of_stream = await ravi.sees("/console/book?stream=stock-BOOK-1")
    assert len(re.findall('id="position-', of_stream)) == 1
    assert "100 units of BOOK-1 came in." in of_stream
    of_type = await ravi.sees("/console/book?type=StockReceived&after=0")
    assert set(re.findall("<strong>([^<]+)</strong>", of_type)) == {"StockReceived"}
    head = await staffed.parts.book.head()
    last = await ravi.sees(f"/console/book?after={head - 1}")
    assert re.findall('id="position-([0-9]+)"', last) == [str(head)]
    assert (await ravi.opens("/console/book?after=x")).status_code == 422


async def test_a_count_that_is_sent_twice_is_one_count(
    staffed: ShopUnderTest, ravi: StaffBrowser
) -> None:
    await staffed.stocked("ONCE-1", units=10)
    await ravi.logs_in("operator")
    fields = await form_of(ravi, "/console/stock/ONCE-1", "/console/stock/ONCE-1/receipts")
    sent = [
        await ravi.sends("/console/stock/ONCE-1/receipts", {**fields, "quantity": "5"})
        for _ in range(3)
    ]
    assert {each.headers["location"] for each in sent} == {"/console/stock/ONCE-1?done=received"}
    assert on_hand(await ravi.sees("/console/stock/ONCE-1")) == "15"


@pytest.mark.parametrize(
    ("action", "said", "status"),
    [
        ("receipts", {"quantity": "0"}, 422),
        ("receipts", {"quantity": "-4"}, 422),
        ("receipts", {"quantity": "many"}, 422),
        ("receipts", {"quantity": "9999999999"}, 422),
        ("adjustments", {"delta": "0", "reason": "counted"}, 422),
        ("adjustments", {"delta": "3"}, 422),
        ("adjustments", {"delta": "-11", "reason": "counted"}, 409),
    ],
)
async def test_a_count_that_cannot_be_is_refused_in_words(
    staffed: ShopUnderTest, ravi: StaffBrowser, action: str, said: dict[str, str], status: int
) -> None:
    await staffed.stocked("REFUSED-1", units=10)
    await ravi.logs_in("operator")
    path = "/console/stock/REFUSED-1"
    before = on_hand(await ravi.sees(path))
    fields = await form_of(ravi, path, f"{path}/{action}")
    delta = {"delta": f"-{int(before) + 1}"} if status == 409 else {}
    answer = await ravi.sends(f"{path}/{action}", {**fields, **said, **delta})
    assert answer.status_code == status
    assert on_hand(await ravi.sees(path)) == before


async def test_a_sku_that_is_not_sold_here_is_not_found(ravi: StaffBrowser) -> None:
    await ravi.logs_in("operator")
    assert (await ravi.opens("/console/stock/NOWHERE-1")).status_code == 404


async def test_stock_is_found_by_a_part_of_its_name_and_a_sign_is_a_sign(
    staffed: ShopUnderTest, ravi: StaffBrowser
) -> None:
    await staffed.stocked("FOUND-1")
    await staffed.work()
    await staffed.parts.analysts_runner.catch_up()
    await ravi.logs_in("operator")
    assert 'href="/console/stock/FOUND-1"' in await ravi.sees("/console/stock?q=product%20found")
    assert "No SKU has" in await ravi.sees("/console/stock?q=%25")


async def test_read_models_say_how_far_they_are_and_what_to_do_about_one_that_stopped(
    staffed: ShopUnderTest, ravi: StaffBrowser
) -> None:
    await staffed.work()
    await staffed.parts.analysts_runner.catch_up()
    await ravi.logs_in("auditor")
    page = await ravi.sees("/console/models")
    assert "All read models have seen the whole book." in page
    assert {"model-orders", "model-sales"} <= set(re.findall('id="(model-[^"]+)"', page))


async def test_a_checkpoint_that_somebody_keeps_is_compared(
    staffed: ShopUnderTest, ravi: StaffBrowser
) -> None:
    await staffed.stocked("PROOF-1")
    await staffed.notarise()
    size = await staffed.parts.book.head()
    await staffed.stocked("PROOF-2")
    await staffed.notarise()
    await ravi.logs_in("auditor")
    page = await ravi.sees(f"/console/proofs?older={size}")
    assert f"The book begins with what was signed at {size}" in page
    assert "begins with the one before it" in page
    assert "No checkpoint of size 1 was signed" in await ravi.sees("/console/proofs?older=1")
    head = await staffed.parts.book.head()
    assert f"Proven: the fact at position {head} " in await ravi.sees(
        f"/console/proofs?position={head}"
    )
    assert "the book ends at" in await ravi.sees(f"/console/proofs?position={head + 1}")
    for wrong in ("0", "-1", "x", "9" * 20):
        assert (await ravi.opens(f"/console/proofs?position={wrong}")).status_code == 422


@pytest.mark.parametrize(
    ("role", "sees", "not_sees"),
    [
        ("operator", {"Waits for a person", "The newest orders", "Read models"}, {"Sold today"}),
        ("analyst", {"Sold today"}, {"Waits for a person", "The newest orders"}),
        ("auditor", {"Read models"}, {"Sold today", "The newest orders"}),
        ("admin", {"Sold today", "Waits for a person", "The newest orders"}, set[str]()),
    ],
)
async def test_the_front_page_shows_everybody_what_is_theirs(
    ravi: StaffBrowser, role: str, sees: set[str], not_sees: set[str]
) -> None:
    await ravi.logs_in(role)
    page = await ravi.sees("/console")
    titles = {re.sub("<[^>]+>", "", each) for each in re.findall("<h2[^>]*>(.*?)</h2>", page)}
    assert sees <= titles
    assert not titles & not_sees


async def form_of(ravi: StaffBrowser, path: str, action: str) -> dict[str, str]:
    return Form(await ravi.sees(path)).to(action)


def on_hand(page: str) -> str:
    [found] = re.findall(r"<dt>On hand</dt><dd>([^<]+)</dd>", page)
    return str(found)
