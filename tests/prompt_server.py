"""A server for a test, in a thread of its own: uvicorn, but it ends when it is told to.

By itself uvicorn looks ten times a second whether it shall end, and then waits a tenth of a
second more, and there are hundreds of tests.
"""

import asyncio
import socket
from typing import Any

import uvicorn

ONE_TURN = 0
"""A closed connection is forgotten when the loop turns."""


class PromptServer(uvicorn.Server):
    def __init__(self, app: Any) -> None:  # noqa: ANN401  # any ASGI application
        super().__init__(uvicorn.Config(app, log_level="warning", lifespan="on"))
        self._told = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def tell(self) -> None:
        """Have it end; from any thread."""
        self.should_exit = True
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._told.set)

    async def main_loop(self) -> None:
        self._loop = asyncio.get_running_loop()
        if not await self.on_tick(0):  # it makes the headers that every answer has
            await self._told.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for each in sockets or []:
            each.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        await asyncio.sleep(ONE_TURN)
        await self._wait_tasks_to_complete()
        await self.lifespan.shutdown()
