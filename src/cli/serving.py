"""The parts as servers: the API, the sandbox and the worker, each until it is told to stop."""

import asyncio
import signal
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import uvicorn
import uvloop

from src.cli.bounded_http import CONNECTIONS_MAX, BoundedHttp
from src.cli.descriptors import descriptors_for
from src.cli.memory import settle_down
from src.cli.ports import BACKLOG_CONNECTIONS
from src.cli.proxies import behind
from src.http.stopping import Stopping
from src.settings import Settings

GRACE_SECONDS = 5
"""So long may a request, or a stream of events, go on after a stop is asked for."""
KEEP_ALIVE_SECONDS = 65
"""Longer than the pools of common clients and proxies, so that they close first."""


def serve_api(settings: Settings, listening: socket.socket, opened: Callable[[], None]) -> None:
    """Answer clients; everything acknowledged is finished before this returns."""
    from src.bootstrap import open_api  # noqa: PLC0415 - the sandbox does without a whole shop

    async def serve() -> None:
        stopping = Stopping()
        async with open_api(settings, stopping) as app:
            opened()
            served = behind(app, settings.http.trusted_proxies)
            await _serve(served, listening, stopping, settings.drain_seconds)

    uvloop.run(serve())


def serve_sandbox(settings: Settings, listening: socket.socket) -> None:
    """Play Razorpay."""
    from src.http.sandbox import build_sandbox  # noqa: PLC0415 - the API does without a sandbox

    uvloop.run(_serve(build_sandbox(settings.sandbox), listening))


def work(settings: Settings) -> None:
    """Keep the read models, the deadlines and the inbox."""
    from src.bootstrap import run_worker  # noqa: PLC0415 - the sandbox does without a whole shop

    async def run() -> None:
        stop = asyncio.Event()
        _on_stop(stop.set)
        settle_down()
        await run_worker(settings, stop)

    uvloop.run(run())


async def _serve(
    app: Any,  # noqa: ANN401 - ASGI applications have no common type
    listening: socket.socket,
    stopping: Stopping | None = None,
    drain_seconds: int = 0,
) -> None:
    BoundedHttp.connections_max = descriptors_for(CONNECTIONS_MAX)
    config = uvicorn.Config(
        app,
        http=BoundedHttp,
        ws="none",
        lifespan="on",
        interface="asgi3",
        access_log=False,
        log_config=None,
        server_header=False,
        # An address that a client may write itself must not open the sandbox's control calls.
        proxy_headers=False,
        backlog=BACKLOG_CONNECTIONS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = _Server(config, stopping or Stopping(), drain_seconds)
    _on_stop(server.leave)
    settle_down()
    await server.serve(sockets=[listening])


class _Server(uvicorn.Server):
    """uvicorn's own, but stopping is ours: it would raise the signal again before we tidied up."""

    def __init__(self, config: uvicorn.Config, stopping: Stopping, drain_seconds: int) -> None:
        super().__init__(config)
        self._stopping = stopping
        self._drain_seconds = drain_seconds

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield

    def leave(self) -> None:
        """Stop gently, once nobody sends requests here any more; asked a second time, at once."""
        self.force_exit = self.should_exit
        if self._stopping.is_asked or not self._drain_seconds:
            self._end()
        else:
            self._stopping.ask()
            asyncio.get_running_loop().call_later(self._drain_seconds, self._end)

    def _end(self) -> None:
        self._stopping.end_streams()
        self.should_exit = True


def _on_stop(leave: Callable[[], object]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, leave)
