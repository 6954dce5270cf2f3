"""Erasing persons: first the facts, then their keys; what a crash leaves over, the worker does.

The facts are the wish, durable before anything is destroyed. Destroying follows
at once where the wish was made, and once more, whatever was done already, where
the worker follows the book: it also meets the deliveries that are settled, and
the Razorpay orders that are recorded, after their buyer was erased.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from msgspec import Struct

from src.bootstrap.catching_up import caught_up
from src.bootstrap.moments import now
from src.bootstrap.parts import BOOK, Parts
from src.commands.decisions.erasure import (
    erase_account,
    erase_mailbox,
    persons_of_account,
    persons_of_mailbox,
)
from src.commands.decisions.preconditions import at_version
from src.commands.view import Decide, Fact, View
from src.commands.wish import Held
from src.events.customer import Account, CustomerErased
from src.events.envelope import Cause
from src.events.identifiers import CHECKOUT, CUSTOMER, stream
from src.projections import buyers, open_checkouts, webhooks
from src.projections.projection import Projection
from src.queries.traces import (
    Delivery,
    deliveries_about,
    erased_deliveries,
    open_sessions,
    orders_of,
    reasons,
)
from src.queries.waiting import reached

READ_MODELS: tuple[Projection, ...] = (buyers, open_checkouts, webhooks)
"""Where a person's checkouts and deliveries are found."""
POSITIONS_PER_PAGE = 5_000
REACTION = "erasure"


class Found(Struct, frozen=True, kw_only=True):
    """What a mailbox has here, in numbers alone."""

    has_account: bool
    guests: int
    orders: int
    open_checkouts: int
    deliveries: int


async def erase_customer(
    parts: Parts, cause: Cause, customer_id: str, expected_version: int | None
) -> Held:
    """Erase an account with its proven guests; raises Unknown, VersionMoved."""
    persons = await parts.ledger.look(lambda view: persons_of_account(view, customer_id))
    mailboxes = await parts.ledger.look(lambda view: _mailboxes_of(view, customer_id))
    sessions, at = await _open_sessions(parts, persons), now()
    rule = at_version(
        stream(CUSTOMER, customer_id),
        expected_version,
        lambda view: erase_account(view, customer_id, sessions, at),
    )
    async with _without_letters(parts, mailboxes):
        return await _erase(parts, cause, rule, persons, sessions)


async def erase_everybody_of(parts: Parts, cause: Cause, mailbox: str) -> Held:
    """Erase the account and all guests of a mailbox, for whoever has shown that it is theirs."""
    persons = await parts.ledger.look(lambda view: persons_of_mailbox(view, mailbox))
    sessions, at = await _open_sessions(parts, persons), now()

    def rule(view: View) -> list[Fact]:
        return erase_mailbox(view, mailbox, sessions, at)

    async with _without_letters(parts, (mailbox,)):
        return await _erase(parts, cause, rule, persons, sessions)


async def look_for(parts: Parts, mailbox: str) -> Found:
    """Count what an erasure of this mailbox would be about."""

    def question(view: View) -> tuple[tuple[str, ...], bool]:
        return persons_of_mailbox(view, mailbox), view.mailbox(mailbox).account is not None

    persons, has_account = await parts.ledger.look(question)
    sessions = await _open_sessions(parts, persons)
    return Found(
        has_account=has_account,
        guests=len(persons) - has_account,
        orders=await orders_of(parts.reads, BOOK, persons),
        open_checkouts=len(sessions),
        deliveries=len(await deliveries_about(parts.reads, BOOK, persons)),
    )


async def finish_erasures(parts: Parts) -> None:
    """Destroy what the book says is to be destroyed, as far as the read models have seen it."""
    after = await parts.bookmarks.position(REACTION)
    seen = await reached(parts.reads, BOOK, READ_MODELS)
    while after < seen:
        up_to = min(after + POSITIONS_PER_PAGE, seen)
        why = await reasons(parts.reads, BOOK, after, up_to)
        await _destroy_persons(parts, why.persons)
        await destroy_deliveries(
            parts,
            [
                *await deliveries_about(parts.reads, BOOK, why.persons),
                *await erased_deliveries(parts.reads, BOOK, why.razorpay_orders),
            ],
        )
        await parts.bookmarks.move(REACTION, up_to)
        after = up_to


async def destroy_deliveries(parts: Parts, deliveries: Sequence[Delivery]) -> None:
    """Destroy the keys of bodies, and forget the answers that showed them to staff."""
    if deliveries:
        await parts.destruction.destroy([each.key_id for each in deliveries])
        await parts.answers.forget([each.webhook_id for each in deliveries])


async def _erase(
    parts: Parts, cause: Cause, rule: Decide, persons: Sequence[str], sessions: Sequence[str]
) -> Held:
    erased: list[str] = []

    def decide(view: View) -> list[Fact]:
        facts = rule(view)
        erased[:] = [fact.customer_id for _, fact in facts if isinstance(fact, CustomerErased)]
        return facts

    needs = [stream(CUSTOMER, each) for each in persons]
    needs += [stream(CHECKOUT, each) for each in sessions]
    held = await parts.ledger.transact(cause, decide, needs=needs)
    everybody = sorted({*persons, *erased})
    await _destroy_persons(parts, everybody)
    # What the read models show only later, the worker erases.
    await caught_up(parts, READ_MODELS, held.position)
    await destroy_deliveries(parts, await deliveries_about(parts.reads, BOOK, everybody))
    for session in sessions:
        await parts.snapshots.keep(session, held.position)
    return held


def _mailboxes_of(view: View, customer_id: str) -> tuple[str, ...]:
    person = view.customer(customer_id)
    return (person.mailbox,) if isinstance(person, Account) else ()


@asynccontextmanager
async def _without_letters(parts: Parts, mailboxes: Sequence[str]) -> AsyncGenerator[None]:
    """Forget the letters to somebody before they are erased, and those written meanwhile.

    Before, because nobody knows the mailbox of the erased any more: a process
    that dies in between leaves nothing that another one would have to find.
    """
    await _forget_letters(parts, mailboxes)
    yield
    await _forget_letters(parts, mailboxes)


async def _forget_letters(parts: Parts, mailboxes: Sequence[str]) -> None:
    await parts.letterbox.forget(mailboxes)
    await parts.mailer.forget(mailboxes)


async def _destroy_persons(parts: Parts, persons: Sequence[str]) -> None:
    """Destroy a person's keys, log them out, and forget the answers that tell of them."""
    if persons:
        await parts.destruction.destroy(persons)
        await parts.families.forget(persons)
        await parts.answers.forget(persons)


async def _open_sessions(parts: Parts, persons: Sequence[str]) -> list[str]:
    await caught_up(parts, READ_MODELS, await parts.book.head())
    return await open_sessions(parts.reads, BOOK, persons)
