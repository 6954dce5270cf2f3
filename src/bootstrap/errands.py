"""Running the book's errands to Razorpay: at once where they are wished for, again elsewhere.

The process that wrote a wish carries it out straight away. What it did not get
to, and what Razorpay did not answer, the worker finds in the read models and
tries again, at growing intervals.
"""

import asyncio
from datetime import datetime, timedelta
from functools import partial

from msgspec import Struct

from src.bootstrap.moments import new_id, now
from src.bootstrap.parts import BOOK, Parts
from src.bootstrap.settling import keep_session_of
from src.bootstrap.spans import span_about
from src.bootstrap.troubles import WAITING
from src.commands.errands import Errand, Errands, GiveBack, Take
from src.commands.gateway import GatewayUnavailableError
from src.commands.shared_questions import SharedQuestions
from src.commands.wish import Held
from src.events.identifiers import PAYMENT, stream
from src.queries.errands import wanted_captures, wanted_refunds
from src.telemetry import logger, places

AT_ONCE_MAX = 8
"""Errands under way at the same time; the gateway has threads for twice as many."""
FINISH_SECONDS = 2.0
"""So long is waited at the end for Razorpay's answers; the worker asks again, and hears them."""
WAITING_MAX = 1_000
"""Razorpay orders that wait in this process for their turn; the rest is the worker's."""
GRACE = timedelta(seconds=2)
"""The process that made a wish carries it out; only what it left behind is the worker's."""
FIRST_PAUSE = timedelta(seconds=1)
"""How long an errand without an answer rests; twice as long after each further try."""
LONGEST_PAUSE = timedelta(minutes=5)

log = logger("errands")


class ErrandsUnderWay:
    """The errands that this process runs, each once at a time."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._errands = errands_of(parts)
        self._turns = asyncio.Semaphore(AT_ONCE_MAX)
        self._tasks: set[asyncio.Task[None]] = set()
        self._asking: SharedQuestions[tuple[str, str], Held | None] = SharedQuestions()

    def soon(self, razorpay_order_id: str) -> None:
        """Carry out what is wished for; what this process does not get to, the worker finds."""
        if len(self._tasks) >= WAITING_MAX:
            log.warning("an errand is left to the worker", razorpay_order_id=razorpay_order_id)
            return
        task = asyncio.create_task(self._all_of(razorpay_order_id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def take_promised(self, razorpay_order_id: str) -> Held | None:
        """Take what a bank has promised, if the book wants it; None when nothing came of it."""
        held = None
        for errand in await self._errands.left_of(razorpay_order_id):
            if isinstance(errand, Take):
                held = await self._once_or_tell(errand) or held
        return held

    async def finish(self) -> None:
        """Wait for the questions under way; whatever waits for its turn is the worker's."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._asking.finish(FINISH_SECONDS)

    async def _all_of(self, razorpay_order_id: str) -> None:
        async with self._turns:
            for errand in await self._errands.left_of(razorpay_order_id):
                await self._once_or_tell(errand)

    async def _once_or_tell(self, errand: Errand) -> Held | None:
        try:
            carry_out = partial(_carry_out, self._parts, self._errands, errand, now())
            return await self._asking.ask(_key(errand), carry_out)
        except GatewayUnavailableError as why:
            log.info("an errand waits for razorpay", **_named(errand), reason=str(why))
        except Exception as error:  # noqa: BLE001 - the wish stays in the book, where the worker finds it
            log.warning(
                "an errand waits",
                **_named(errand),
                error=type(error).__name__,
                places=places(error),
            )
        return None


def errands_of(parts: Parts) -> Errands:
    """Return what carries errands out for this process."""
    return Errands(parts.ledger, parts.gateway, new_id)


async def _carry_out(parts: Parts, errands: Errands, errand: Errand, at: datetime) -> Held | None:
    """Carry one errand out, and write down anew the session that it was about."""
    about = stream(PAYMENT, errand.razorpay_order_id)
    with await span_about(parts, "carry out an errand", about):
        held = await errands.carry_out(errand, at)
        if held is not None:
            await keep_session_of(parts, errand.razorpay_order_id, held.position)
        return held


class _Rest(Struct, frozen=True):
    """An errand that Razorpay did not answer, and when it is run again."""

    until: datetime
    pause: timedelta


class ErrandRounds:
    """The worker's rounds: whatever is left, as often as Razorpay's silence suggests."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._errands = errands_of(parts)
        self._rests: dict[tuple[str, str], _Rest] = {}

    async def round(self, at: datetime) -> int:
        """Run what is left and has rested long enough; return how much got its answer."""
        left = await self._left(at)
        keys = {_key(errand) for errand in left}
        self._rests = {key: rest for key, rest in self._rests.items() if key in keys}
        due = [errand for errand in left if self._has_rested(errand, at)]
        done = 0
        for begin in range(0, len(due), AT_ONCE_MAX):
            some = due[begin : begin + AT_ONCE_MAX]
            answered = await asyncio.gather(*(self._run(each, at) for each in some))
            done += sum(answered)
            if not any(answered):
                break  # Nobody answers: the others are spared, and are first in another round.
        return done

    async def _left(self, at: datetime) -> list[Errand]:
        captures = await wanted_captures(self._parts.reads, BOOK, at - GRACE)
        refunds = await wanted_refunds(self._parts.reads, BOOK, at - GRACE)
        return [
            *(Take(c.razorpay_order_id, c.razorpay_payment_id, c.promised_at) for c in captures),
            *(GiveBack(r.razorpay_order_id, r.refund_id) for r in refunds),
        ]

    def _has_rested(self, errand: Errand, at: datetime) -> bool:
        rest = self._rests.get(_key(errand))
        return rest is None or rest.until <= at

    async def _run(self, errand: Errand, at: datetime) -> bool:
        """Run one errand; one without an answer rests, and whatever is wrong stops no other."""
        try:
            await _carry_out(self._parts, self._errands, errand, at)
        except WAITING:
            raise
        except GatewayUnavailableError as why:
            self._rest(errand, at, str(why))
            return False
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the others go on
            self._rest(errand, at, type(error).__name__)
            log.warning("an errand fails", **_named(errand), places=places(error))
        return True

    def _rest(self, errand: Errand, at: datetime, reason: str) -> None:
        before = self._rests.get(_key(errand))
        pause = FIRST_PAUSE if before is None else min(before.pause * 2, LONGEST_PAUSE)
        self._rests[_key(errand)] = _Rest(at + pause, pause)
        seconds = pause.total_seconds()
        log.info("an errand rests", **_named(errand), reason=reason, seconds=seconds)


def _key(errand: Errand) -> tuple[str, str]:
    what = errand.refund_id if isinstance(errand, GiveBack) else errand.razorpay_payment_id
    return errand.razorpay_order_id, what


def _named(errand: Errand) -> dict[str, str]:
    order, what = _key(errand)
    name = "refund_id" if isinstance(errand, GiveBack) else "razorpay_payment_id"
    return {"razorpay_order_id": order, name: what}
