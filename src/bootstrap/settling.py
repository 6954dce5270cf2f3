"""Settling deliveries after their sender has its answer, and showing what came of it."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from src.bootstrap.delivery_figures import DeliveryFigures
from src.bootstrap.moments import now
from src.bootstrap.parts import Parts
from src.bootstrap.spans import link_to, span_about
from src.commands.webhook_inbox import Settled
from src.events.identifiers import PAYMENT, WEBHOOK, stream
from src.telemetry import logger

AT_ONCE_MAX = 64
"""Deliveries thought about at the same time; the others wait, on disk already."""
FINISH_SECONDS = 2.0
"""So long is waited at the end for what is under way; the rest is the worker's."""
WAITING_MAX = 1_000
"""So many wait in this process, each with its body in memory; the rest is the worker's."""

log = logger("inbox")


class Settling:
    """The deliveries that this process is thinking about."""

    def __init__(
        self,
        parts: Parts,
        carry_out_soon: Callable[[str], None] | None = None,
        figures: DeliveryFigures | None = None,
    ) -> None:
        self._parts = parts
        self._carry_out_soon = carry_out_soon
        self._figures = figures
        self._turns = asyncio.Semaphore(AT_ONCE_MAX)
        self._tasks: set[asyncio.Task[None]] = set()

    def soon(self, webhook: str, body: bytes | None) -> None:
        """Settle a stored delivery; what this process does not get to, the worker finds."""
        if len(self._tasks) >= WAITING_MAX:
            log.warning("a delivery is left to the worker", webhook=webhook)
            return
        task = asyncio.create_task(self._settle(webhook, body, now()))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self) -> None:
        """Wait a moment for what was begun; on disk it is already, where the worker finds it."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=FINISH_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _settle(self, webhook: str, body: bytes | None, stored_at: datetime) -> None:
        try:
            async with self._turns:
                settled = await settle(self._parts, webhook, body)
            if self._figures is not None:
                self._figures.settled(stored_at, now(), settled.occurred_at)
            if settled.razorpay_order_id is not None and self._carry_out_soon is not None:
                self._carry_out_soon(settled.razorpay_order_id)
        except Exception as error:  # noqa: BLE001 - it stays in the inbox, where the worker finds it
            log.warning("a delivery waits", webhook=webhook, error=type(error).__name__)


async def settle(parts: Parts, webhook: str, body: bytes | None = None) -> Settled:
    """Settle one delivery, and write down anew the session that it was about."""
    with await span_about(parts, "settle a delivery", stream(WEBHOOK, webhook)) as span:
        span.note("khata.webhook_id", webhook)
        settled = await parts.inbox.handle(webhook, body)
        if settled.razorpay_order_id is not None:
            await link_to(parts, span, stream(PAYMENT, settled.razorpay_order_id))
            await keep_session_of(parts, settled.razorpay_order_id, settled.held.position)
        return settled


async def keep_session_of(parts: Parts, razorpay_order_id: str, position: int) -> None:
    """Write down anew the session that a Razorpay order pays for, if it is ours."""
    payment = await parts.ledger.glance(lambda view: view.payment(razorpay_order_id))
    if payment.opened is not None:
        await parts.snapshots.keep(payment.opened.checkout_session_id, position)
