"""A throw-away shop that is durable: real engines that sync, every part its own process."""

import asyncio
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import Struct

from src.embedded import Engines, EnginesSettings, start_engines
from src.embedded.processes import free_port
from src.events.migrations import migrate
from src.settings import Settings
from tests.bench.seed import seed
from tests.databases import role_of
from tests.shop import MANY

READY_SECONDS_MAX, STOP_SECONDS_MAX, POLL_SECONDS = 30.0, 20.0, 0.05
PARTS = {"sandbox": "sandbox", "api": "serve", "worker": "worker"}
"""Each part, and the command of `khata` that runs it."""


class BenchShop(Struct, frozen=True, kw_only=True):
    """A running shop."""

    settings: Settings
    engines: Engines
    processes: dict[str, subprocess.Popen[bytes]]
    place: Path
    environment: dict[str, str]

    @property
    def pids(self) -> dict[str, int]:
        """Every process whose cost is counted, by the name of its part."""
        postgres, valkey = self.engines.postgres_pid, self.engines.valkey_pid
        assert postgres is not None
        assert valkey is not None
        parts = {name: process.pid for name, process in self.processes.items()}
        return {**parts, "PostgreSQL": postgres, "Valkey": valkey}

    def stop_part(self, name: str) -> None:
        """Ask one part to finish what it does and end."""
        process = self.processes.pop(name)
        process.terminate()
        process.wait(STOP_SECONDS_MAX)

    def restart_part(self, name: str) -> None:
        """Let one part begin anew, and wait until the shop answers again."""
        self.stop_part(name)
        log = self.place / f"{name}.log"
        self.processes[name] = started(name, self.environment, log)
        _wait_until_ready(self)


@contextmanager
def running_shop() -> Iterator[BenchShop]:
    """Start everything, seeded; stop and remove it at the end, on every way out."""
    with TemporaryDirectory(prefix="khata-bench-") as directory, ExitStack() as stopping:
        place = Path(directory)
        place.chmod(0o711)  # as root, PostgreSQL runs as somebody else
        engines = stopping.enter_context(start_engines(EnginesSettings(home=place / "home")))
        environment = _environment(engines, place / "home")
        settings = Settings.from_environ(environment)
        asyncio.run(migrate(engines.owner_url, role_of(engines.app_url)))
        asyncio.run(seed(settings))
        processes: dict[str, subprocess.Popen[bytes]] = {}
        shop = BenchShop(
            settings=settings,
            engines=engines,
            processes=processes,
            place=place,
            environment=environment,
        )
        stopping.callback(_stop_all, shop)
        for name in PARTS:
            processes[name] = started(name, environment, place / f"{name}.log")
        _wait_until_ready(shop)
        yield shop


def _environment(engines: Engines, home: Path) -> dict[str, str]:
    return {
        "KHATA_HOME": str(home),
        "KHATA_PORT": str(free_port()),
        "KHATA_SANDBOX_PORT": str(free_port()),
        "DATABASE_URL": engines.app_url,
        "KHATA_OWNER_DATABASE_URL": engines.owner_url,
        "REDIS_URL": engines.redis_url,
        # The buyers all come from one address. They are counted, as everybody is.
        **MANY,
    }


def started(name: str, environment: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    """Start one part as a process of its own."""
    command = [sys.executable, "-P", "-m", "src", PARTS[name]]
    roots = [str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])]
    path = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": os.pathsep.join(roots)}
    with log.open("wb") as said:
        return subprocess.Popen(command, env={**path, **environment}, stdout=said, stderr=said)


def _wait_until_ready(shop: BenchShop) -> None:
    end = time.monotonic() + READY_SECONDS_MAX
    waiting = [
        f"{shop.settings.api_url}/health/ready",
        f"{shop.settings.sandbox_url}/_sandbox/webhooks",
    ]
    while waiting:
        for name, process in shop.processes.items():
            if process.poll() is not None:
                raise RuntimeError((shop.place / f"{name}.log").read_text())
        if time.monotonic() > end:
            raise RuntimeError(f"{waiting[0]} did not answer within {READY_SECONDS_MAX:g} s")
        if _answers(waiting[0]):
            waiting.pop(0)
        else:
            time.sleep(POLL_SECONDS)


def _answers(url: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=1) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _stop_all(shop: BenchShop) -> None:
    for name in list(shop.processes):
        shop.stop_part(name)
