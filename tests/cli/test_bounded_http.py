"""What never becomes a request costs little and not for long: over real sockets."""

import asyncio
import resource
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from src.cli import bounded_http, descriptors, one_write
from src.cli.bounded_http import BoundedHttp
from src.http.settings import HttpSettings
from tests.http.tiny import Shop

pytestmark = pytest.mark.anyio

PATIENCE_SECONDS = 20.0
LARGE_BYTES = 16 << 20
PART_BYTES = 65_536
REQUEST = b"GET / HTTP/1.1\r\nhost: shop\r\n\r\n"
Dial = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


class Slow:
    """An application whose answer waits until the test lets it go."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, _: Any, __: Any, send: Any) -> None:  # noqa: ANN401  # as ASGI hands them over
        self.begun.set()
        await self.gate.wait()
        await send(
            {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]}
        )
        await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
def app(anyio_backend: str) -> Slow:
    assert anyio_backend == "asyncio"
    return Slow()


@pytest.fixture
async def dial(app: Slow) -> AsyncIterator[Dial]:
    """Open a connection to a server that bounds it."""
    async with dialling(app) as connect:
        yield connect


@asynccontextmanager
async def dialling(
    app: Any,  # noqa: ANN401  # ASGI applications have no common type
    keep_alive_seconds: int = 65,
    protocol: type[BoundedHttp] = BoundedHttp,
) -> AsyncIterator[Dial]:
    """Serve an application, and yield what connects to it."""
    config = uvicorn.Config(
        app,
        http=BoundedHttp,
        ws="none",
        log_config=None,
        lifespan="off",
        timeout_keep_alive=keep_alive_seconds,
    )
    config.load()
    state = ServerState()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: protocol(config, state, {}), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    opened: list[asyncio.StreamWriter] = []

    async def connect() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        opened.append(writer)
        return reader, writer

    yield connect
    for writer in opened:
        writer.close()
    for connection in list(state.connections):
        connection.transport.abort()
    server.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the server wait for a head for a moment only."""
    monkeypatch.setattr(bounded_http, "HEAD_SECONDS", 0.05)


async def rest(reader: asyncio.StreamReader) -> bytes:
    """Everything that is said until the connection ends."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        return await reader.read()


async def rest_while_writing(reader: asyncio.StreamReader) -> bytes:
    """The same; what the other end has not read when it closes makes that a reset."""
    said = bytearray()
    async with asyncio.timeout(PATIENCE_SECONDS):
        with suppress(ConnectionResetError):
            while part := await reader.read(PART_BYTES):
                said += part
    return bytes(said)


async def answered(reader: asyncio.StreamReader) -> bytes:
    """One whole answer of the application."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        return await reader.readuntil(b"\r\n\r\nok")


@pytest.mark.usefixtures("impatient")
async def test_a_connection_that_says_nothing_ends_without_a_word(dial: Dial) -> None:
    reader, _ = await dial()
    assert await rest(reader) == b""


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "sent", [b"G", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nhost: shop\r\nx"]
)
async def test_a_head_that_does_not_arrive_is_408(dial: Dial, sent: bytes) -> None:
    reader, writer = await dial()
    writer.write(sent)
    assert (await rest(reader)).startswith(b"HTTP/1.1 408 ")


@pytest.mark.usefixtures("impatient")
async def test_a_head_that_dribbles_gets_no_longer(dial: Dial) -> None:
    reader, writer = await dial()
    writer.write(b"GET / HTTP/1.1\r\n")

    async def dribble() -> None:
        while not reader.at_eof():
            writer.write(b"x: y\r\n")
            await asyncio.sleep(0.005)

    dribbling = asyncio.create_task(dribble())
    said = await rest_while_writing(reader)
    dribbling.cancel()
    assert said.startswith(b"HTTP/1.1 408 ")


@pytest.mark.usefixtures("impatient")
async def test_empty_lines_after_an_answer_do_not_hold_the_connection(dial: Dial) -> None:
    reader, writer = await dial()
    writer.write(REQUEST)
    await answered(reader)
    writer.write(b"\r\n")
    assert await rest(reader) == b""


@pytest.mark.usefixtures("impatient")
async def test_an_answer_that_takes_long_is_given_also_with_half_a_head_behind_it(
    app: Slow, dial: Dial
) -> None:
    app.gate.clear()
    reader, writer = await dial()
    writer.write(REQUEST + b"GET / HT")
    await app.begun.wait()
    asyncio.get_running_loop().call_later(4 * bounded_http.HEAD_SECONDS, app.gate.set)
    assert (await answered(reader)).startswith(b"HTTP/1.1 200 ")
    assert (await rest(reader)).startswith(b"HTTP/1.1 408 ")


async def test_a_connection_is_kept_for_so_long_after_an_answer_and_no_longer(app: Slow) -> None:
    async with dialling(app, keep_alive_seconds=0) as dial:
        reader, writer = await dial()
        writer.write(REQUEST)
        await answered(reader)
        assert await rest(reader) == b""


@pytest.mark.parametrize("sent", [b"", b'{"quantity"'])
async def test_a_body_that_does_not_arrive_is_408(tmp_path: Path, sent: bytes) -> None:
    settings = HttpSettings(access_log=False, body_timeout_seconds=0.05)
    async with dialling(Shop(tmp_path, settings=settings).app) as dial:
        reader, writer = await dial()
        writer.write(b"POST /things HTTP/1.1\r\nhost: shop\r\ncontent-length: 99\r\n\r\n" + sent)
        async with asyncio.timeout(PATIENCE_SECONDS):
            head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 408 ")
    assert b"application/problem+json" in head


@pytest.mark.usefixtures("impatient")
async def test_a_body_that_goes_on_dribbling_after_its_refusal_ends_the_connection(
    tmp_path: Path,
) -> None:
    settings = HttpSettings(access_log=False, body_timeout_seconds=0.01)
    async with dialling(Shop(tmp_path, settings=settings).app) as dial:
        reader, writer = await dial()
        writer.write(b"POST /things HTTP/1.1\r\nhost: shop\r\ncontent-length: 99999\r\n\r\n")
        async with asyncio.timeout(PATIENCE_SECONDS):
            await reader.readuntil(b"\r\n\r\n")
        writer.write(b"{")
        await rest(reader)


async def much(_: Any, __: Any, send: Any) -> None:  # noqa: ANN401  # as ASGI hands them over
    """Answer with more than two kernels' buffers hold."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"x" * LARGE_BYTES})


class Noted(BoundedHttp):
    """Notes that it has ended."""

    ended: asyncio.Event

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.ended.set()


class Roomy(Noted):
    """Takes everything at once, so that the answer is over before it is read."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn declares it
        transport.set_write_buffer_limits(high=2 * LARGE_BYTES)
        super().connection_made(transport)


@pytest.mark.parametrize(("kind", "keep_alive_seconds"), [(Noted, 65), (Roomy, 0)])
async def test_whoever_asks_and_never_reads_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, kind: type[Noted], keep_alive_seconds: int
) -> None:
    monkeypatch.setattr(one_write, "UNREAD_SECONDS", 0.05)
    kind.ended = asyncio.Event()
    async with dialling(much, keep_alive_seconds, kind) as dial:
        _, writer = await dial()
        writer.write(REQUEST)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await kind.ended.wait()


async def test_whoever_reads_gets_all_of_a_large_answer() -> None:
    async with dialling(much, keep_alive_seconds=0) as dial:
        reader, writer = await dial()
        writer.write(REQUEST)
        assert (await rest(reader)).count(b"x") >= LARGE_BYTES


async def test_a_head_in_pieces_and_one_request_after_another_are_answered(dial: Dial) -> None:
    reader, writer = await dial()
    for _ in range(3):
        for piece in (REQUEST[:5], REQUEST[5:20], REQUEST[20:]):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        assert (await answered(reader)).startswith(b"HTTP/1.1 200 ")


async def test_a_connection_too_many_is_told_to_come_back_at_once(
    dial: Dial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BoundedHttp, "connections_max", 2)
    first, second = await dial(), await dial()
    for reader, writer in (first, second):
        writer.write(REQUEST)
        await answered(reader)
    reader, _ = await dial()
    said = await rest(reader)
    assert said.startswith(b"HTTP/1.1 503 ")
    assert b"retry-after: 2\r\n" in said
    first[1].write(REQUEST)
    assert (await answered(first[0])).startswith(b"HTTP/1.1 200 "), "the others are served on"


async def test_a_head_that_only_ever_grows_is_431(dial: Dial) -> None:
    reader, writer = await dial()
    writer.write(b"GET / HTTP/1.1\r\nx: " + b"y" * (bounded_http.HEAD_BYTES_MAX + 1))
    assert (await rest(reader)).startswith(b"HTTP/1.1 431 ")


def test_a_process_takes_the_descriptors_that_its_connections_need(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found: list[tuple[int, int]] = []
    limits = {"now": (1_024, 20_000)}
    monkeypatch.setattr(resource, "getrlimit", lambda _: limits["now"])
    monkeypatch.setattr(resource, "setrlimit", lambda _, to: found.append(to))
    assert descriptors.descriptors_for(4_096) == 4_096
    assert found == [(4_096 + descriptors.OWN_MAX, 20_000)]
    limits["now"] = (1_024, 2_048)
    assert descriptors.descriptors_for(4_096) == 2_048 - descriptors.OWN_MAX
    limits["now"] = (256, 256)
    assert descriptors.descriptors_for(4_096) == 128
    limits["now"] = (100_000, 100_000)
    assert descriptors.descriptors_for(4_096) == 4_096
    assert found[-1] == (256, 256), "who has enough asks for nothing"
