"""Erasing a person: the facts that come before their keys are destroyed.

An account takes along the guests that were proven to be its owner, and nobody
else: whoever registers with another's e-mail must not erase that person's
orders. Only an operator, to whom somebody has shown who they are, erases all
guests of a mailbox.
"""

from collections.abc import Iterable
from datetime import datetime

from src.commands.decisions.endings import cancel
from src.commands.decisions.people import account
from src.commands.rejections import Unknown
from src.commands.view import Fact, View
from src.events.checkout import AwaitingPayment, IntentRequested, Started
from src.events.customer import Account, CustomerErased, Erased, Guest, Nobody
from src.events.identifiers import CUSTOMER, MAILBOX, stream
from src.events.mailbox import AccountClosed

REASON = "the customer was erased"


def persons_of_account(view: View, customer_id: str) -> tuple[str, ...]:
    """Return the account and its proven guests; an erased one is alone, and nobody is Unknown."""
    customer = view.customer(customer_id)
    match customer:
        case Erased():
            return (customer_id,)
        case Account():
            return (customer_id, *view.mailbox(customer.mailbox).claimed)
        case Guest() | Nobody():
            raise Unknown("customer", customer_id)


def persons_of_mailbox(view: View, mailbox: str) -> tuple[str, ...]:
    """Return everybody who gave this mailbox as theirs and is not erased yet."""
    found = view.mailbox(mailbox)
    account_id = () if found.account is None else (found.account,)
    everybody = (*account_id, *found.claimed, *found.guests)
    return tuple(each for each in everybody if not isinstance(view.customer(each), Erased))


def erase_account(
    view: View, customer_id: str, sessions: Iterable[str], now: datetime
) -> list[Fact]:
    """Erase an account and its proven guests; again changes nothing."""
    if isinstance(view.customer(customer_id), Erased):
        return []
    mailbox = account(view, customer_id).mailbox
    return _erase(view, mailbox, persons_of_account(view, customer_id), sessions, now)


def erase_mailbox(view: View, mailbox: str, sessions: Iterable[str], now: datetime) -> list[Fact]:
    """Erase everybody who gave this mailbox as theirs; again changes nothing."""
    return _erase(view, mailbox, persons_of_mailbox(view, mailbox), sessions, now)


def _erase(
    view: View, mailbox: str, persons: tuple[str, ...], sessions: Iterable[str], now: datetime
) -> list[Fact]:
    facts = _given_up(view, sessions, now)
    owner = view.mailbox(mailbox).account
    if owner is not None and owner in persons:
        facts.append((stream(MAILBOX, mailbox), AccountClosed(customer_id=owner)))
    for person in persons:
        if isinstance(view.customer(person), Account | Guest):
            facts.append((stream(CUSTOMER, person), CustomerErased(customer_id=person)))
    return facts


def _given_up(view: View, sessions: Iterable[str], now: datetime) -> list[Fact]:
    """Cancel what is open, so that its stock is free; money that still comes is late money.

    A session whose money is being taken becomes an order, or expires.
    """
    facts: list[Fact] = []
    for session in sessions:
        after = view.assuming(facts)
        match after.checkout(session):
            case AwaitingPayment(securing=str()):
                continue
            case Started() | IntentRequested() | AwaitingPayment():
                facts += cancel(after, session, REASON, now)
            case _:
                continue
    return facts
