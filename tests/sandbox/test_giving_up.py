"""A sandbox that could only seem to go on ends, so that whoever started it starts another."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from src.http.sandbox.account import Account
from src.http.sandbox.lifespan import Lifespan
from tests.sandbox.shop import settings_for

pytestmark = pytest.mark.anyio
GIVEN_UP_SECONDS_MAX = 30.0


class Server:
    """What runs the sandbox: it says when to begin and when to end."""

    def __init__(self, state: Path) -> None:
        self.gave_up = asyncio.Event()
        self.said: asyncio.Queue[str] = asyncio.Queue()
        self._tells: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        settings = settings_for(state)
        self.lifespan = Lifespan(
            lambda: Account(settings, wall=lambda: 1_800_000_000.0), self.gave_up.set
        )
        self._running = asyncio.create_task(self.lifespan(self._tells.get, self._hear))

    async def _hear(self, message: Any) -> None:  # noqa: ANN401 - ASGI messages have no closer type
        self.said.put_nowait(message["type"])

    async def tell(self, what: str) -> str:
        """Tell it, and return what it answers."""
        self._tells.put_nowait({"type": f"lifespan.{what}"})
        return await self.said.get()

    async def end(self) -> None:
        assert await self.tell("shutdown") == "lifespan.shutdown.complete"
        await self._running


@pytest.fixture
async def server(tmp_path: Path) -> Server:
    server = Server(tmp_path / "sandbox.db")
    assert await server.tell("startup") == "lifespan.startup.complete"
    return server


async def test_when_time_can_no_longer_pass_the_sandbox_gives_up(server: Server) -> None:
    server.lifespan.account.store.db.execute("drop table entities")
    async with asyncio.timeout(GIVEN_UP_SECONDS_MAX):
        await server.gave_up.wait()
    await server.end()


async def test_whoever_is_told_to_stop_has_not_given_up(server: Server) -> None:
    await server.end()
    assert not server.gave_up.is_set()
