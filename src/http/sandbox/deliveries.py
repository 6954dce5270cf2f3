"""Delivers webhooks: in time, again after a failure, and on after a restart.

A delivery never holds up the API: it runs in tasks of its own, a bounded number at
once. The queue's truth is in event_table.py; here is only who comes next.
"""

import asyncio
import time
from contextlib import suppress
from heapq import heappop, heappush
from itertools import count

import aiohttp

from src.http.sandbox.clock import Clock
from src.http.sandbox.event_table import Attempt, Event, EventTable
from src.http.sandbox.retries import gap_seconds
from src.http.sandbox.settings import SandboxSettings
from src.http.sandbox.store import Store

ANSWER_SECONDS_MAX = 5.0
AT_ONCE_MAX = 32
ATTEMPTS_KEPT_MAX = 32
BACKLOG_GAP_SECONDS = 0.005
BACKLOG_GAP_SECONDS_MAX = 2.0


class Deliveries:
    def __init__(
        self, settings: SandboxSettings, store: Store, events: EventTable, clock: Clock
    ) -> None:
        self._settings, self._store, self._events, self._clock = settings, store, events, clock
        self._queue: list[tuple[float, int, Event, bool]] = []
        self._turn = count()
        self._waiting: dict[str, Event] = {}
        self._in_flight: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._slots = asyncio.Semaphore(AT_ONCE_MAX)
        self._woken = asyncio.Event()
        self._is_away = False

    async def run(self) -> None:
        """Deliver until cancelled, beginning with what an earlier run left behind."""
        for event in self._events.undelivered():
            self.accept(event)
        if self._settings.webhook_url is None:
            return
        async with self._session() as self._http:
            try:
                await self._deliver_forever()
            finally:
                for task in self._tasks:
                    task.cancel()
                await asyncio.gather(*self._tasks, return_exceptions=True)

    def accept(self, event: Event, copies: int = 0) -> None:
        """Take an event that is committed; a copy is delivered once and never retried."""
        self._waiting[event.id] = event
        if event.state == "pending":
            for copied in [False] + [True] * copies:
                heappush(self._queue, (event.due_at, next(self._turn), event, copied))
            self.wake()

    def wake(self) -> None:
        """Look at the queue again: something came in, or the time was moved."""
        self._woken.set()

    def waiting(self, event_id: str) -> Event | None:
        return self._waiting.get(event_id)

    async def flush(self) -> list[Event]:
        """Try everything that waits or is held, once and now."""
        waiting = [event for event in self._waiting.values() if event.id not in self._in_flight]
        await asyncio.gather(*map(self.deliver_now, waiting))
        return waiting

    async def deliver_now(self, event: Event) -> None:
        event.state, event.due_at = "pending", self._clock.now()
        self._waiting[event.id] = event
        if self._settings.webhook_url is not None:
            async with self._slots:
                await self._try(event)

    def forget_everything(self) -> None:
        self._queue.clear()
        self._waiting.clear()

    async def _deliver_forever(self) -> None:
        while True:
            await self._slots.acquire()
            await self._until_something_is_due()
            due_at, _, event, copied = heappop(self._queue)
            task = asyncio.create_task(self._deliver(due_at, event, copied=copied))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _until_something_is_due(self) -> None:
        while not self._queue or self._queue[0][0] > self._clock.now():
            self._woken.clear()
            patience = self._queue[0][0] - self._clock.now() if self._queue else None
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), patience)

    async def _deliver(self, due_at: float, event: Event, *, copied: bool) -> None:
        try:
            if copied or self._is_current(event, due_at):
                await self._try(event)
        finally:
            self._slots.release()

    def _is_current(self, event: Event, due_at: float) -> bool:
        """A flush or a redelivery may have been there first."""
        return (
            event.id in self._waiting and event.due_at == due_at and event.id not in self._in_flight
        )

    async def _try(self, event: Event) -> None:
        self._in_flight.add(event.id)
        try:
            attempt = await self._post(event)
        finally:
            self._in_flight.discard(event.id)
        event.attempts.append(attempt)
        if len(event.attempts) > ATTEMPTS_KEPT_MAX:
            del event.attempts[1]  # The first stays: the ladder depends on it.
        self._decide_what_next(event, attempt)
        self._notice_whether_the_shop_is_there(attempt)
        self._events.save(event)
        self._store.settle_soon()

    def _decide_what_next(self, event: Event, attempt: Attempt) -> None:
        known = self._waiting.pop(event.id, None) is not None
        if attempt.status is not None and 200 <= attempt.status < 300:  # noqa: PLR2004 - the 2xx family
            event.state = "delivered"
        elif known and event.state == "pending":
            self._retry_or_give_up(event)

    def _retry_or_give_up(self, event: Event) -> None:
        gap = gap_seconds(event, self._clock.now(), self._settings)
        if gap is None:
            event.state = "abandoned"
            return
        if self._settings.retry_gap_seconds_max is not None:
            # Many events that wait for a shop that is down try less often each.
            backlog = len(self._waiting) * BACKLOG_GAP_SECONDS
            gap = max(gap, min(backlog, BACKLOG_GAP_SECONDS_MAX))
        event.due_at = self._clock.now() + gap
        self.accept(event)

    def _notice_whether_the_shop_is_there(self, attempt: Attempt) -> None:
        """Once a shop that was away answers, try at once whatever had failed meanwhile."""
        was_away, self._is_away = self._is_away, attempt.status is None
        if self._settings.retry_gap_seconds_max is None or not was_away or self._is_away:
            return
        for event in list(self._waiting.values()):
            if event.attempts and event.state == "pending" and event.id not in self._in_flight:
                event.due_at = self._clock.now()
                self.accept(event)

    async def _post(self, event: Event) -> Attempt:
        at, begun = self._clock.now(), time.monotonic()
        headers = {
            "Content-Type": "application/json",
            "Request-Id": event.id,
            "X-Razorpay-Event-Id": event.id,
            "X-Razorpay-Signature": event.signature,
        }
        url = str(self._settings.webhook_url)
        try:
            async with self._http.post(
                url, data=event.body, headers=headers, allow_redirects=False
            ) as answer:
                await answer.read()  # An unread answer would cost the connection.
                return Attempt(at, answer.status, seconds=time.monotonic() - begun)
        except TimeoutError:
            return Attempt(at, None, f"no answer within {ANSWER_SECONDS_MAX:g} s")
        except aiohttp.ClientError as error:
            return Attempt(at, None, f"{type(error).__name__}: {error}")

    @staticmethod
    def _session() -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS_MAX),
            connector=aiohttp.TCPConnector(limit=AT_ONCE_MAX),
            headers={"User-Agent": "Razorpay-Webhook/v1", "Accept-Encoding": "gzip"},
            skip_auto_headers=("Accept",),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
