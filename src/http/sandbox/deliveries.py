"""Delivers webhooks: in time, again after a failure, and on after a restart.

A delivery never holds up the API: it runs in tasks of its own, a bounded number at
once. The queue's truth is in event_table.py; here is only who comes next.
"""

import asyncio

from src.http.sandbox.clock import Clock
from src.http.sandbox.endpoints import Endpoints
from src.http.sandbox.event_table import WAITING, Attempt, Delivery, Event, EventTable
from src.http.sandbox.line import Line, Turn
from src.http.sandbox.outgoing import AT_ONCE_MAX, Outgoing
from src.http.sandbox.retries import is_a_day_of_failing, is_spent, next_look_at
from src.http.sandbox.settings import SandboxSettings
from src.http.sandbox.store import Store
from src.http.sandbox.undelivered import Undelivered

ATTEMPTS_KEPT_MAX = 32
BACKLOG_GAP_SECONDS = 0.005
BACKLOG_GAP_SECONDS_MAX = 2.0


class Deliveries:
    def __init__(
        self,
        settings: SandboxSettings,
        store: Store,
        events: EventTable,
        endpoints: Endpoints,
        clock: Clock,
    ) -> None:
        self._settings, self._events = settings, events
        self._endpoints, self._clock = endpoints, clock
        self._undelivered = Undelivered(store, events)
        self._outgoing = Outgoing(clock)
        self._line = Line(clock)
        self._under_way: dict[int, asyncio.Future[None]] = {}
        """By the identity of the delivery: when its try is over."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._slots = asyncio.Semaphore(AT_ONCE_MAX)
        self._away: set[str] = set()
        """Endpoints that did not answer the latest try."""

    async def run(self) -> None:
        """Deliver until cancelled, beginning with what an earlier run left behind."""
        for event in self._events.waiting():
            self.accept(event)
        async with self._outgoing:
            try:
                await self._deliver_forever()
            finally:
                for task in self._tasks:
                    task.cancel()
                await asyncio.gather(*self._tasks, return_exceptions=True)

    def accept(self, event: Event, copies: int = 0) -> None:
        """Take an event that is committed; a copy is delivered once and never retried."""
        if event.is_waiting:
            self._undelivered.add(event)
        for delivery in event.deliveries:
            if delivery.state == "pending":
                self._line_up(event, delivery, copies)

    def wake(self) -> None:
        """The time was moved."""
        self._line.wake()

    def waiting(self, event_id: str) -> Event | None:
        return self._undelivered.find(event_id)

    async def flush(self) -> list[Event]:
        """Try everything that waits or is held, once and now."""
        errands = [each for each in self._undelivered.errands() if each[1].state in WAITING]
        await asyncio.gather(*(self._now_or_already(*each) for each in errands))
        return list({event.id: event for event, _ in errands}.values())

    async def deliver_now(
        self, event: Event, delivery: Delivery, *, is_replay: bool = False
    ) -> None:
        """Try at once, whatever became of it before; after the try that may be under way."""
        while (under_way := self._under_way.get(id(delivery))) is not None:
            await under_way
        delivery.state, delivery.due_at = "pending", self._clock.now()
        self._undelivered.add(event)
        if self._url(delivery) is not None:
            async with self._slots:
                await self._try(event, delivery, is_replay=is_replay)

    async def catch_up(self) -> None:
        """Return once everything that is due by now was tried."""
        now = self._clock.now()
        while due := [each for each in self._undelivered.errands() if self._is_due(each[1], now)]:
            await asyncio.gather(*(self._attend_to(*each) for each in due))

    def release(self, entity_id: str) -> None:
        """Somebody asked for it: let go what was held until then."""
        for event, delivery in self._undelivered.take_asked_for(entity_id):
            delivery.state, delivery.due_at = "pending", self._clock.now()
            self._undelivered.save(event)
            self._line_up(event, delivery)

    def stop(self, endpoint_id: str) -> None:
        """Its endpoint was disabled: what waits for it stays undelivered."""
        for event, delivery in self._undelivered.errands(endpoint_id):
            if delivery.state in WAITING:
                delivery.state = "undelivered"
                self._undelivered.save(event)

    def forget_everything(self) -> None:
        self._line.clear()
        self._undelivered.clear()
        self._away.clear()

    async def _now_or_already(self, event: Event, delivery: Delivery) -> None:
        if (under_way := self._under_way.get(id(delivery))) is not None:
            await under_way
        elif delivery.state in WAITING:  # Its endpoint may have been disabled just now.
            await self.deliver_now(event, delivery)

    def _is_due(self, delivery: Delivery, now: float) -> bool:
        has_url = self._url(delivery) is not None
        return delivery.state == "pending" and delivery.due_at <= now and has_url

    def _url(self, delivery: Delivery) -> str | None:
        endpoint = self._endpoints.find(delivery.endpoint)
        return None if endpoint is None else endpoint.url

    def _is_heard(self, delivery: Delivery) -> bool:
        endpoint = self._endpoints.find(delivery.endpoint)
        return endpoint is not None and endpoint.active

    def _line_up(self, event: Event, delivery: Delivery, copies: int = 0) -> None:
        if self._url(delivery) is None:
            return  # It waits for a sandbox that is told where the shop is.
        for is_copy in [False] + [True] * copies:
            self._line.join(event, delivery, is_copy=is_copy)

    async def _deliver_forever(self) -> None:
        while True:
            await self._slots.acquire()
            task = asyncio.create_task(self._deliver(await self._line.next()))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _deliver(self, turn: Turn) -> None:
        try:
            if turn.is_copy:
                await self._try_copy(turn.event, turn.delivery)
            elif self._is_current(turn):
                await self._attend_to(turn.event, turn.delivery)
        finally:
            self._slots.release()

    def _is_current(self, turn: Turn) -> bool:
        """A flush or a redelivery may have been there first."""
        is_next = turn.delivery.state == "pending" and turn.delivery.due_at == turn.due_at
        is_idle = id(turn.delivery) not in self._under_way
        return is_next and is_idle and turn.event in self._undelivered

    async def _attend_to(self, event: Event, delivery: Delivery) -> None:
        """What is due is tried, or given up once the day is over and no try is left."""
        if (under_way := self._under_way.get(id(delivery))) is not None:
            await under_way
        elif is_spent(event.name, event.tries(delivery.endpoint), self._settings):
            self._give_up(event, delivery)
            self._undelivered.save(event)
        else:
            await self._try(event, delivery)

    async def _try(self, event: Event, delivery: Delivery, *, is_replay: bool = False) -> None:
        over = self._under_way[id(delivery)] = asyncio.get_running_loop().create_future()
        try:
            attempt = await self._post(event, delivery, is_replay=is_replay)
            self._note(event, attempt)
            self._decide_what_next(event, delivery, attempt)
            self._notice_whether_the_shop_is_there(attempt)
            self._undelivered.save(event)
        finally:
            self._under_way.pop(id(delivery), None)
            over.set_result(None)

    async def _try_copy(self, event: Event, delivery: Delivery) -> None:
        attempt = await self._post(event, delivery)
        self._note(event, attempt)
        if attempt.is_acknowledged:
            delivery.state = "delivered"
        self._undelivered.save(event)

    async def _post(self, event: Event, delivery: Delivery, *, is_replay: bool = False) -> Attempt:
        url = str(self._url(delivery))
        return await self._outgoing.post(url, event.body, delivery, is_replay=is_replay)

    def _note(self, event: Event, attempt: Attempt) -> None:
        event.attempts.append(attempt)
        tries = event.tries(attempt.endpoint)
        if len(tries) > ATTEMPTS_KEPT_MAX:
            event.attempts.remove(tries[1])  # The first stays: the ladder depends on it.

    def _decide_what_next(self, event: Event, delivery: Delivery, attempt: Attempt) -> None:
        if attempt.is_acknowledged:
            delivery.state = "delivered"
        elif not self._is_heard(delivery):
            delivery.state = "undelivered"
        elif delivery.state == "pending" and event in self._undelivered:
            self._retry_or_give_up(event, delivery)

    def _retry_or_give_up(self, event: Event, delivery: Delivery) -> None:
        now = self._clock.now()
        tries = event.tries(delivery.endpoint)
        due_at = next_look_at(event.name, event.created_at, tries, now, self._settings)
        if due_at is None:
            self._give_up(event, delivery)
            return
        delivery.due_at = max(due_at, now + self._patience())
        self._line_up(event, delivery)

    def _patience(self) -> float:
        """Many events that wait for a shop that is down try less often each."""
        if self._settings.retry_gap_seconds_max is None:
            return 0.0
        return min(len(self._undelivered) * BACKLOG_GAP_SECONDS, BACKLOG_GAP_SECONDS_MAX)

    def _give_up(self, event: Event, delivery: Delivery) -> None:
        """A day has passed; an endpoint that failed all day long is disabled."""
        delivery.state = "abandoned"
        if is_a_day_of_failing(event.tries(delivery.endpoint)):
            self._endpoints.disable(delivery.endpoint)
            self.stop(delivery.endpoint)

    def _notice_whether_the_shop_is_there(self, attempt: Attempt) -> None:
        """Once a shop that was away answers, try at once whatever had failed meanwhile."""
        if attempt.status is None:
            self._away.add(attempt.endpoint)
            return
        was_away = attempt.endpoint in self._away
        self._away.discard(attempt.endpoint)
        if was_away and self._settings.retry_gap_seconds_max is not None:
            self._hurry(attempt.endpoint)

    def _hurry(self, endpoint_id: str) -> None:
        for event, delivery in self._undelivered.errands(endpoint_id):
            has_failed = delivery.state == "pending" and event.tries(endpoint_id)
            if has_failed and id(delivery) not in self._under_way:
                delivery.due_at = self._clock.now()
                self._line_up(event, delivery)
