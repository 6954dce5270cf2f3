"""The worker process: read models, live events, outbox, notary, deadlines, letters, leftovers."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from typing import Any

from src.bootstrap.erasing import finish_erasures
from src.bootstrap.errands import ErrandRounds
from src.bootstrap.inbox_keeping import destroy_unmatched
from src.bootstrap.letters import send_letters
from src.bootstrap.moments import new_id, now
from src.bootstrap.notary import notarise
from src.bootstrap.outbox import publish
from src.bootstrap.parts import BOOK, Parts, open_parts
from src.bootstrap.process_figures import ProcessFigures
from src.bootstrap.reconciling import inquire_due
from src.bootstrap.settling import settle
from src.bootstrap.spans import span_about
from src.bootstrap.troubles import WAITING
from src.commands.decisions.endings import expire
from src.events.envelope import Cause
from src.events.identifiers import CHECKOUT, named, stream
from src.events.session_publisher import SessionPublisher
from src.http.family_rows import FamilyRows
from src.http.idempotency_rows import IdempotencyRows
from src.queries.open_checkouts import due
from src.queries.webhooks import list_parked_of_ours, list_unsettled
from src.settings import Settings
from src.telemetry import logger, places

DEADLINES_SECONDS = 0.5
"""How often the worker looks for sessions whose time is over."""
INBOX_SECONDS = 1.0
"""How often the worker looks for deliveries that nobody finished."""
INBOX_GRACE = timedelta(seconds=2)
"""The API process settles what it received; only what it left behind is the worker's."""
PARKED_LOOK_BACK = timedelta(days=1)
"""So long after a Razorpay order became ours, news of it that had come before is looked for."""
INQUIRIES_SECONDS = 5.0
"""How often the worker looks for what Razorpay is to be asked about."""
ERRANDS_SECONDS = 1.0
"""How often the worker looks for what Razorpay is still to be asked for."""
LETTERS_SECONDS = 0.5
"""How often the worker looks for letters that are to be sent."""
ERASURE_SECONDS = 1.0
"""How often the worker looks for keys that are to be destroyed; most are destroyed already."""
PURGE_SECONDS = 600.0
WORKER = "khata:worker"

log = logger("worker")


async def run_worker(settings: Settings, stop: asyncio.Event) -> None:
    """Work until told to stop."""
    parts = await open_parts(settings)
    errands = ErrandRounds(parts)
    publisher = SessionPublisher(parts.book, parts.session_stream)
    work: list[Coroutine[Any, Any, None]] = [
        parts.channels.listen(),
        parts.runner.follow(parts.wake.follower().wait),
        parts.analysts_runner.follow(parts.wake.follower().wait),
        publisher.follow(parts.wake.follower().wait),
        publish(parts),
        notarise(settings, parts.wake.follower().wait),
        _every(DEADLINES_SECONDS, lambda: expire_due(parts)),
        _every(INBOX_SECONDS, lambda: settle_left_behind(parts)),
        _every(INQUIRIES_SECONDS, lambda: inquire_due(parts, now())),
        _every(ERRANDS_SECONDS, lambda: errands.round(now())),
        _every(LETTERS_SECONDS, lambda: send_letters(parts, now)),
        _every(ERASURE_SECONDS, lambda: finish_erasures(parts)),
        _every(PURGE_SECONDS, lambda: destroy_unmatched(parts)),
        _every(PURGE_SECONDS, lambda: _purge(parts.answers, "answers")),
        _every(PURGE_SECONDS, lambda: _purge(parts.families, "logins")),
    ]
    try:
        async with ProcessFigures(parts.registry, settings.home, "worker").shared():
            await _until(stop, [asyncio.create_task(each) for each in work])
    finally:
        await parts.close()


async def _until(stop: asyncio.Event, tasks: list[asyncio.Task[None]]) -> None:
    """Let the tasks run until told to stop; one that fails ends them all, for a fresh start."""
    everything = [asyncio.create_task(_told(stop)), *tasks]
    try:
        done, _ = await asyncio.wait(everything, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in everything:
            task.cancel()
        await asyncio.gather(*everything, return_exceptions=True)


async def _told(stop: asyncio.Event) -> None:
    await stop.wait()


async def _every(seconds: float, work: Callable[[], Awaitable[object]]) -> None:
    """Do some work again and again; while the database is away there is none."""
    while True:
        try:
            await work()
        except WAITING as error:
            log.warning("waiting for the database", error=type(error).__name__)
        await asyncio.sleep(seconds)


async def expire_due(parts: Parts) -> int:
    """Let every session end whose time is over; return how many were due."""
    at = now()
    sessions = await due(parts.reads, BOOK, at)
    await asyncio.gather(*(_expire_or_tell(parts, each.checkout_session_id) for each in sessions))
    return len(sessions)


async def _expire_or_tell(parts: Parts, checkout_session_id: str) -> None:
    """Let one session end; one that cannot is told to operators and stops no other."""
    try:
        await _expire(parts, checkout_session_id)
    except WAITING:
        raise
    except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the others go on
        log.warning(
            "a session cannot expire",
            checkout_session_id=checkout_session_id,
            error=type(error).__name__,
            places=places(error),
        )


async def _expire(parts: Parts, checkout_session_id: str) -> None:
    with await span_about(parts, "expire a session", stream(CHECKOUT, checkout_session_id)) as span:
        cause = Cause(
            command_id=new_id(),  # A session that late money brings to life again ends once more.
            correlation_id=span.trace or named("checkout", checkout_session_id),
            actor=WORKER,
        )
        at = now()
        held = await parts.ledger.transact(
            cause, lambda view: expire(view, checkout_session_id, at)
        )
        await parts.snapshots.keep(checkout_session_id, held.position)


async def settle_left_behind(parts: Parts) -> int:
    """Settle deliveries whose process died, and those that came before their Razorpay order.

    Returns how many there were.
    """
    at = now()
    left = await list_unsettled(parts.reads, BOOK, before=at - INBOX_GRACE)
    early = await list_parked_of_ours(parts.reads, BOOK, opened_since=at - PARKED_LOOK_BACK)
    for webhook in (*left, *early):
        await _settle_or_park(parts, webhook)
    return len(left) + len(early)


async def _settle_or_park(parts: Parts, webhook: str) -> None:
    """Settle one delivery; one that cannot be settled becomes a case and stops no other."""
    try:
        await settle(parts, webhook)
    except WAITING:
        raise
    except Exception as error:  # noqa: BLE001 - whatever is wrong with it, a person has to look
        log.warning("a delivery is stuck", webhook=webhook, error=type(error).__name__)
        await parts.inbox.give_up(webhook, f"Settling it fails: {type(error).__name__}.")


async def _purge(rows: IdempotencyRows | FamilyRows, what: str) -> None:
    """Forget what is old; the store says how many a round takes, and none is the last round."""
    while await rows.purge():
        log.info("old rows forgotten", of=what)
