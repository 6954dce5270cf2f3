"""Blocking calls in threads of their own: a bounded number under way, a bounded number waiting."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import TypeVar

from src.commands.gateway import GatewayUnavailableError

T = TypeVar("T")


class Calls:
    """Threads that only talk to Razorpay, so that its slowness never holds up anything else."""

    def __init__(self, threads: int, waiting_max: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="razorpay")
        self._room = BoundedSemaphore(threads + waiting_max)

    async def run(self, call: Callable[[], T]) -> T:
        """Run the call in a thread; raise GatewayUnavailableError at once when there is no room.

        Whoever stops waiting takes back a call that has not begun. One that has begun keeps its
        thread, and its room, until its own timeouts end it.
        """
        if not self._room.acquire(blocking=False):
            raise GatewayUnavailableError("too many questions to Razorpay are waiting already")
        return await asyncio.wrap_future(self._started(call))

    def close(self) -> None:
        """Take back what has not begun, and wait for nothing."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _started(self, call: Callable[[], T]) -> Future[T]:
        try:
            future = self._pool.submit(call)
        except RuntimeError as closed:
            self._room.release()
            raise GatewayUnavailableError("Khata is stopping") from closed
        future.add_done_callback(lambda _: self._room.release())
        return future
