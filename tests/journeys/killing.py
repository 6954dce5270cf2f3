"""A shop of real processes on durable engines, which are killed again and again."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import httpx

from src.embedded import Engines, EnginesSettings, find_running, start_engines
from src.embedded.processes import free_port
from src.events.migrations import migrate
from src.settings import Settings
from tests.databases import role_of

READY_SECONDS_MAX = 30.0
POLL_SECONDS = 0.05
ROOT = Path(__file__).parents[2]


class RealShop:
    """Engines, sandbox, API and worker, each a process of its own."""

    def __init__(self, settings: Settings, engines: Engines, environment: dict[str, str]) -> None:
        self.settings = settings
        self.engines = engines
        self.log = settings.home / "parts.log"
        self._environment = environment
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, part: str) -> None:
        """Start `khata serve`, `worker` or `sandbox`."""
        command = [sys.executable, "-P", "-m", "src", part]
        with self.log.open("ab") as said:
            self._processes[part] = subprocess.Popen(
                command, cwd=ROOT, env=self._environment, stdout=said, stderr=said
            )

    def kill(self, part: str) -> None:
        """Kill a part in the middle of whatever it does."""
        process = self._processes.pop(part)
        process.kill()
        process.wait()

    def restart(self, part: str) -> None:
        """Kill a part and start it again."""
        self.kill(part)
        self.start(part)

    def revive(self) -> None:
        """Start what has ended by itself, as a supervisor does: a part without its database."""
        for part, process in list(self._processes.items()):
            if process.poll() is not None:
                self.start(part)

    def crash_postgres(self) -> None:
        """Let PostgreSQL stop at once, as if it had crashed; its supervisor starts it again."""
        os.kill(self.postgres_pid(), signal.SIGQUIT)

    def postgres_pid(self) -> int:
        """Return who plays PostgreSQL at present."""
        found = find_running(self.settings.home)
        assert found is not None
        assert found.postgres_pid is not None
        return found.postgres_pid

    def stop(self) -> None:
        """End every part."""
        for part in list(self._processes):
            self.kill(part)

    async def ready(self) -> None:
        """Wait until the API and its engines answer; parts that gave up are started again."""
        end = time.monotonic() + READY_SECONDS_MAX
        async with httpx.AsyncClient(base_url=self.settings.api_url, trust_env=False) as client:
            while True:
                self.revive()
                with suppress(httpx.HTTPError):
                    if (await client.get("/health/ready")).status_code == httpx.codes.OK:
                        return
                assert time.monotonic() < end, self.log.read_text()[-3_000:]
                await asyncio.sleep(POLL_SECONDS)


@contextmanager
def real_shop(place: Path) -> Iterator[RealShop]:
    """Start everything but the parts' load; stop all of it on every way out."""
    with ExitStack() as stopping:
        engines = stopping.enter_context(start_engines(EnginesSettings(home=place / "home")))
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "PYTHONPATH": str(ROOT),
            "KHATA_HOME": str(place / "home"),
            "KHATA_PORT": str(free_port()),
            "KHATA_SANDBOX_PORT": str(free_port()),
            "DATABASE_URL": engines.app_url,
            "KHATA_OWNER_DATABASE_URL": engines.owner_url,
            "REDIS_URL": engines.redis_url,
        }
        settings = Settings.from_environ(environment)
        asyncio.run(migrate(engines.owner_url, role_of(engines.app_url)))
        shop = RealShop(settings, engines, environment)
        stopping.callback(shop.stop)
        for part in ("sandbox", "serve", "worker"):
            shop.start(part)
        yield shop
