"""One part of the shop: `python -m tests.bench.part api|worker|sandbox`."""

import asyncio
import os
import signal
import sys

import uvicorn
import uvloop

from src.bootstrap import open_api, run_worker
from src.http.sandbox import build_sandbox
from src.settings import Settings
from src.telemetry import configure_logging


async def api(settings: Settings) -> None:
    async with open_api(settings) as app:
        config = uvicorn.Config(
            app, port=settings.port, log_level="warning", access_log=False, lifespan="off"
        )
        await uvicorn.Server(config).serve()


async def worker(settings: Settings) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await run_worker(settings, stop)


async def sandbox(settings: Settings) -> None:
    app = build_sandbox(settings.sandbox)
    config = uvicorn.Config(
        app, port=settings.sandbox_port, log_level="warning", access_log=False, lifespan="on"
    )
    await uvicorn.Server(config).serve()


if __name__ == "__main__":
    configure_logging()
    part = {"api": api, "worker": worker, "sandbox": sandbox}[sys.argv[1]]
    uvloop.run(part(Settings.from_environ(os.environ)))
