"""Crowds: whoever finds no room is told so at once, and no kind of work takes another's room."""

import asyncio
import io
from pathlib import Path

import httpx
import pytest

from src.http.asgi import Message, Scope
from src.http.room import Rooms
from src.http.settings import HttpSettings
from tests.http.tiny import Shop

pytestmark = pytest.mark.anyio


def crowded(directory: Path, **places: int) -> Shop:
    """The tiny shop with so many places."""
    settings = {"access_log": False, **places}
    return Shop(directory, settings=HttpSettings(**settings))  # type: ignore[arg-type]  # names of whole numbers


async def test_a_read_too_many_is_busy_and_nothing_else_is(tmp_path: Path) -> None:
    shop = crowded(tmp_path, reads_at_once_max=0)
    async with shop.client() as client:
        read, page = await client.get("/things"), await client.get("/docs")
        write, health = await client.post("/things"), await client.get("/health/live")
        staff = await client.get("/admin/things", headers=shop.bearer("admin"))
        delivery = await client.post("/webhooks/razorpay", content=b"{}")
    assert (read.status_code, read.json()["code"], read.headers["retry-after"]) == (
        503,
        "busy",
        "1",
    )
    others = (page, write, health, staff, delivery)
    assert [answer.status_code for answer in others] == [200, 201, 200, 200, 200]


@pytest.mark.parametrize("path", ["/admin/things", "//admin//things", "/analytics/sales"])
async def test_staffs_reads_have_few_places_and_take_none_of_the_shoppers(
    tmp_path: Path, path: str
) -> None:
    shop = crowded(tmp_path, staff_reads_at_once_max=0)
    async with shop.client(**shop.bearer("admin")) as client:
        staff, shopper = await client.get("http://shop" + path), await client.get("/things")
    assert (staff.status_code, shopper.status_code) == (503, 200)


async def test_a_place_is_given_back_after_each_read(tmp_path: Path) -> None:
    async with crowded(tmp_path, reads_at_once_max=1).client() as client:
        paths = ["/things", "/things/CHAI", "/things?limit=x", "/nothing"] * 2
        statuses = [(await client.get(path)).status_code for path in paths]
    assert statuses == [200, 200, 422, 404] * 2


def test_a_stream_of_events_takes_no_place_of_a_read() -> None:
    rooms = Rooms(HttpSettings(reads_at_once_max=0))
    assert not rooms.are_full("GET", "/checkout/cs_1/events")
    assert rooms.are_full("GET", "/checkout/cs_1")
    assert rooms.are_full("HEAD", "/orders/events")


def test_what_a_page_of_the_console_is_drawn_with_takes_no_place_of_a_report() -> None:
    rooms = Rooms(HttpSettings(staff_reads_at_once_max=0))
    for path in ("/console/files/0/console.css", "/console/login"):
        assert not rooms.are_full("GET", path)
    for path in ("/console", "/console/orders", "/console/charts/sales", "/console/filesystem"):
        assert rooms.are_full("GET", path)


async def test_a_no_for_want_of_room_is_a_problem_like_any_other(tmp_path: Path) -> None:
    shop = crowded(tmp_path, writes_at_once_max=0)
    async with shop.client() as client:
        busy = await client.post("/things", headers={"X-Request-Id": "r1"})
        figures = (await client.get("/metrics")).text
    assert busy.headers["content-type"] == "application/problem+json"
    assert busy.headers["x-request-id"] == "r1"
    assert busy.headers["x-content-type-options"] == "nosniff"
    assert busy.json()["instance"] == "urn:khata:request:r1"
    assert 'khata_http_requests_total{method="POST",route="shed",status="503"} 1.0' in figures


async def test_it_costs_no_line_in_the_log(tmp_path: Path, log: io.StringIO) -> None:
    shop = Shop(tmp_path, settings=HttpSettings(reads_at_once_max=0))
    async with shop.client() as client:
        assert (await client.get("/things")).status_code == 503
    assert log.getvalue() == ""


async def test_bodies_that_dribble_keep_nobody_else_out(tmp_path: Path) -> None:
    shop = crowded(tmp_path, writes_at_once_max=1)
    begun = asyncio.Event()

    async def dribble() -> Message:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError("it never goes on")

    slow = [asyncio.create_task(shop.app(_post(), dribble, _ignored)) for _ in range(10)]
    await begun.wait()
    async with shop.client() as client:
        answer = await client.post("/things")
    await _end(slow)
    assert answer.status_code == 201


async def test_deliveries_that_dribble_keep_razorpay_out_of_nothing(tmp_path: Path) -> None:
    shop = crowded(tmp_path, webhooks_at_once_max=1, large_bodies_at_once_max=2)

    async def dribble() -> Message:
        await asyncio.Event().wait()
        raise AssertionError("it never goes on")

    lengths = [b"9"] * 10 + [None] * 10  # Who does not say how much it is may send the most.
    slow = [
        asyncio.create_task(shop.app(_post("/webhooks/razorpay", each), dribble, _ignored))
        for each in lengths
    ]
    await asyncio.wait(slow[12:])
    async with shop.client() as client:
        usual = await client.post("/webhooks/razorpay", content=b"{}")
        large = await client.post("/webhooks/razorpay", content=b" " * 100_000)
    await _end(slow)
    assert (usual.status_code, usual.json()) == (200, 2)
    assert large.status_code == 503
    async with shop.client() as client:
        large = await client.post("/webhooks/razorpay", content=b" " * 100_000)
    assert (large.status_code, large.json()) == (200, 100_000), "the places were given back"


async def test_a_browser_hears_what_it_may_send_however_many_read(tmp_path: Path) -> None:
    settings = HttpSettings(
        access_log=False, reads_at_once_max=0, cors_origins=("https://a.example",)
    )
    headers = {"Origin": "https://a.example", "Access-Control-Request-Method": "POST"}
    async with Shop(tmp_path, settings=settings).client(**headers) as client:
        asked, written = await client.options("/things"), await client.post("/things")
    assert (asked.status_code, written.status_code) == (204, 201)


async def test_of_many_writes_at_once_as_many_are_worked_on_as_there_are_places(
    tmp_path: Path,
) -> None:
    shop = crowded(tmp_path, writes_at_once_max=3)
    shop.counter.gate = asyncio.Event()
    async with shop.client() as client:
        answers = [asyncio.create_task(client.post("/things")) for _ in range(10)]
        refused = await _first(answers, 7)
        shop.counter.gate.set()
        statuses = [(await each).status_code for each in answers]
    assert {(await each).status_code for each in refused} == {503}
    assert sorted(statuses) == [201] * 3 + [503] * 7
    assert len(shop.counter.effects) == 3


async def _first(
    answers: list[asyncio.Task[httpx.Response]], count: int
) -> list[asyncio.Task[httpx.Response]]:
    """Wait until so many are there."""
    pending = set(answers)
    while len(answers) - len(pending) < count:
        _, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
    return [each for each in answers if each.done()]


async def _end(slow: list[asyncio.Task[None]]) -> None:
    for each in slow:
        each.cancel()
    await asyncio.gather(*slow, return_exceptions=True)


def _post(path: str = "/things", length: bytes | None = None) -> Scope:
    return {
        "type": "http",
        "method": "POST",
        "path": path,
        "query_string": b"",
        "headers": [] if length is None else [(b"content-length", length)],
        "client": ("192.0.2.1", 1),
    }


async def _ignored(_: Message) -> None:
    """Nobody reads it."""
