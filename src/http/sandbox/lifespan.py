"""What runs as long as the sandbox does: its account, its deliveries, and time itself."""

import asyncio
from collections.abc import Callable

from src.http.sandbox.account import Account
from src.http.sandbox.bank import sweep
from src.http.sandbox.edge import Receive, Send
from src.telemetry import logger, places

SWEEP_SECONDS = 1.0

log = logger("sandbox")


class Lifespan:
    """Begins and ends with the server, and gives up where it would only seem to go on."""

    def __init__(self, open_account: Callable[[], Account], give_up: Callable[[], None]) -> None:
        self._open_account = open_account
        self._give_up = give_up
        self._account: Account | None = None

    @property
    def account(self) -> Account:
        assert self._account is not None, "run the sandbox with the lifespan protocol on"
        return self._account

    async def __call__(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            account = self._account = self._open_account()
        except Exception as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            raise
        tasks = [asyncio.create_task(account.deliveries.run()), asyncio.create_task(_age(account))]
        for task in tasks:
            task.add_done_callback(self._look_at)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await _stop(account, tasks)
        await send({"type": "lifespan.shutdown.complete"})

    def _look_at(self, ended: asyncio.Task[None]) -> None:
        """Neither task ends by itself: without it nothing is delivered, or no time passes."""
        if ended.cancelled():
            return
        why = ended.exception()
        found = [] if why is None else places(why)
        log.error("the sandbox cannot go on", error=type(why).__name__, places=found)
        self._give_up()


async def _age(account: Account) -> None:
    """Let banks time out and capture windows close, on the sandbox's clock."""
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        sweep(account)
        await account.store.settle()


async def _stop(account: Account, tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    account.store.close()
