"""What runs as long as the sandbox does: its account, its deliveries, and time itself."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from src.http.sandbox.account import Account
from src.http.sandbox.bank import sweep
from src.http.sandbox.edge import Receive, Send

SWEEP_SECONDS = 1.0


class Lifespan:
    def __init__(self, open_account: Callable[[], Account]) -> None:
        self._open_account = open_account
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
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await _stop(account, tasks)
        await send({"type": "lifespan.shutdown.complete"})


async def _age(account: Account) -> None:
    """Let banks time out and capture windows close, on the sandbox's clock."""
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        sweep(account)
        await account.store.settle()


async def _stop(account: Account, tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task
    account.store.close()
