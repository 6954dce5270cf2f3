"""Nothing is waited for in vain: Razorpay is asked about whatever nobody told us the end of.

A lost webhook, a browser that was closed, an answer that died with its process:
what began is found in the book, and asked about until it is settled. The answer
goes the way of every webhook.
"""

import asyncio
from datetime import datetime, timedelta
from http import HTTPStatus

from src.bootstrap.moments import new_id
from src.bootstrap.parts import Parts
from src.bootstrap.settling import keep_session_of
from src.bootstrap.spans import span_about
from src.bootstrap.troubles import WAITING
from src.commands.decisions.inquiries import LADDER, is_open, next_inquiry
from src.commands.gateway import GatewayRefusedError, GatewayUnavailableError
from src.events.envelope import Cause
from src.events.identifiers import CHECKOUT, PAYMENT, Stream, named, stream
from src.events.inquiry import Inquiry, InquiryKind, Outcome
from src.events.payment import Payment
from src.telemetry import logger, places
from src.tracing import current

BOOKMARK = "inquiries"
ACTOR = "khata:reconciler"
POSITIONS_PER_PAGE = 5_000
AT_ONCE_MAX = 8
"""Questions under way at the same time; the gateway has threads for twice as many."""
INQUIRIES_PER_ROUND = 200
LOOK_BACK = timedelta(days=7)
"""A worker that was away for longer leaves what is older to `khata reconcile`."""

log = logger("reconciler")


async def inquire_due(parts: Parts, at: datetime) -> int:
    """Ask about everything that is due at this time; return how much it was."""
    await _enrol(parts, at)
    asked = 0
    while asked < INQUIRIES_PER_ROUND:
        due = await parts.inquiries.take(at, AT_ONCE_MAX)
        outcomes = await asyncio.gather(*(_inquire_and_note(parts, each, at) for each in due))
        asked += len(due)
        if all(outcome is Outcome.UNANSWERED for outcome in outcomes):
            break  # There is nothing, or nobody answers: the next round tries again.
    return asked


async def _enrol(parts: Parts, at: datetime) -> None:
    """Take in what the book has begun long enough ago and not ended."""
    after = await parts.bookmarks.position(BOOKMARK)
    while True:
        up_to = await parts.inquiries.old_enough(after, after + POSITIONS_PER_PAGE, at - LADDER[0])
        if up_to is None:
            return
        found = await parts.inquiries.enrol(after, up_to, at - LOOK_BACK, LADDER[0])
        await parts.bookmarks.move(BOOKMARK, up_to)
        after = up_to
        if found:
            log.info("nobody has told the end of", inquiries=found)


async def _inquire_and_note(parts: Parts, inquiry: Inquiry, at: datetime) -> Outcome:
    """Ask about one thing and say when to ask again; what fails stops no other."""
    outcome = await _outcome(parts, inquiry)
    next_at = next_inquiry(inquiry.kind, inquiry.began_at, at)
    if outcome is Outcome.SETTLED:
        await parts.inquiries.remove(inquiry)
    elif outcome is Outcome.UNANSWERED:
        pass  # Its lease ends in a minute, and then it is due again.
    elif next_at is None:
        outcome = Outcome.GIVEN_UP if outcome is Outcome.OPEN else outcome
        await parts.inquiries.remove(inquiry)
    else:
        await parts.inquiries.put_back(inquiry, next_at)
    await parts.inquiries.note(inquiry, outcome)
    _tell(inquiry, outcome, next_at)
    return outcome


async def _outcome(parts: Parts, inquiry: Inquiry) -> Outcome:
    try:
        is_settled = not await _is_open(parts, inquiry) or await _inquire(parts, inquiry)
    except WAITING:
        raise
    except GatewayUnavailableError:
        return Outcome.UNANSWERED
    except GatewayRefusedError as no:
        _warn(inquiry, "Razorpay does not say", status=no.status)
        # A wrong key can be put right; until then nothing was said about this money.
        is_about_key = no.status == HTTPStatus.UNAUTHORIZED
        return Outcome.UNANSWERED if is_about_key else Outcome.REFUSED
    except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the others go on
        _warn(inquiry, "an answer is of no use", error=type(error).__name__, places=places(error))
        return Outcome.FAILED
    return Outcome.SETTLED if is_settled else Outcome.OPEN


async def _is_open(parts: Parts, inquiry: Inquiry) -> bool:
    return await parts.ledger.look(lambda view: is_open(view, inquiry))


async def _inquire(parts: Parts, inquiry: Inquiry) -> bool:
    """Ask about one thing and settle the answer; return whether nothing is left to ask."""
    with await span_about(parts, "ask what became of it", _stream_of(inquiry)) as span:
        span.note("khata.about", inquiry.kind.value)
        return await _ask(parts, inquiry)


def _stream_of(inquiry: Inquiry) -> Stream:
    if inquiry.kind is InquiryKind.INTENT:
        return stream(CHECKOUT, inquiry.key)
    return stream(PAYMENT, inquiry.razorpay_order_id)


async def _ask(parts: Parts, inquiry: Inquiry) -> bool:
    match inquiry.kind:
        case InquiryKind.INTENT:
            return await _look_for_order(parts, inquiry.key)
        case InquiryKind.PAYMENT:
            await _ask_payments(parts, inquiry.razorpay_order_id)
        case InquiryKind.REFUND:
            await _ask_refunds(parts, inquiry)
    return not await _is_open(parts, inquiry)


async def _look_for_order(parts: Parts, checkout_session_id: str) -> bool:
    held = await parts.intents.recover(_cause(checkout_session_id), checkout_session_id)
    if held is not None:
        await parts.snapshots.keep(checkout_session_id, held.position)
    return held is not None


async def _ask_payments(parts: Parts, razorpay_order_id: str) -> None:
    payment = await _payment(parts, razorpay_order_id)
    held = await parts.news.ask(_cause_of(payment), razorpay_order_id)
    await keep_session_of(parts, razorpay_order_id, held.position)


async def _ask_refunds(parts: Parts, inquiry: Inquiry) -> None:
    order = inquiry.razorpay_order_id
    payment = await _payment(parts, order)
    paid = payment.refunds[inquiry.refund_id].razorpay_payment_id
    held = await parts.news.ask_refunds(_cause_of(payment), order, paid)
    await keep_session_of(parts, order, held.position)


async def _payment(parts: Parts, razorpay_order_id: str) -> Payment:
    return await parts.ledger.glance(lambda view: view.payment(razorpay_order_id))


def _cause_of(payment: Payment) -> Cause:
    if payment.opened is None:
        raise AssertionError("only what is known to be ours is asked about")
    return _cause(payment.opened.checkout_session_id)


def _cause(checkout_session_id: str) -> Cause:
    correlation = current().trace or named("checkout", checkout_session_id)
    return Cause(command_id=new_id(), correlation_id=correlation, actor=ACTOR)


def _warn(inquiry: Inquiry, event: str, **why: object) -> None:
    log.warning(event, kind=inquiry.kind.value, key=inquiry.key, **why)


def _tell(inquiry: Inquiry, outcome: Outcome, next_at: datetime | None) -> None:
    """What ends without an end is worth a second look; all else is a matter of course."""
    tell = log.warning if outcome is Outcome.GIVEN_UP else log.info
    tell(
        "asked Razorpay",
        kind=inquiry.kind.value,
        key=inquiry.key,
        outcome=outcome.value,
        asked=inquiry.asked + 1,
        next_at=None if outcome is Outcome.SETTLED or next_at is None else next_at.isoformat(),
    )
