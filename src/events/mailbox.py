"""Who stands behind an e-mail address, which the book knows only by its keyed hash.

The names and fields of the events are the storage format. Nothing here is
renamed or removed: a changed shape gets a new version, and upcasters.py lifts
the old one.
"""

from datetime import datetime
from enum import StrEnum
from typing import assert_never

from immutables import Map
from msgspec import Struct
from msgspec.structs import replace


class Purpose(StrEnum):
    """What a letter's secret may be used for."""

    CLAIM = "claim"
    RESET = "reset"


class AccountOpened(Struct, frozen=True, kw_only=True):
    """The mailbox has an account; there is never a second one beside it."""

    customer_id: str


class GuestSeen(Struct, frozen=True, kw_only=True):
    """A guest gave this mailbox as theirs; nothing proves it yet."""

    customer_id: str


class GuestsClaimed(Struct, frozen=True, kw_only=True):
    """The owner of the account proved the mailbox: these guests were the same person."""

    customer_id: str
    guests: tuple[str, ...]


class AccountClosed(Struct, frozen=True, kw_only=True):
    """The account and the guests that belonged to it are erased; another may be opened."""

    customer_id: str


class ProofOffered(Struct, frozen=True, kw_only=True):
    """A letter goes to the mailbox with a secret, which only its owner can bring back."""

    proof: str
    """The secret's SHA-256 in hex, never the secret."""
    purpose: Purpose
    expires_at: datetime


class MailboxProven(Struct, frozen=True, kw_only=True):
    """The secret came back in time: it is used up, and the mailbox is whose it was said to be."""

    proof: str
    purpose: Purpose


MailboxEvent = (
    AccountOpened | GuestSeen | GuestsClaimed | AccountClosed | ProofOffered | MailboxProven
)


class Mailbox(Struct, frozen=True, kw_only=True):
    """A mailbox's account, if any, and its guests."""

    account: str | None = None
    guests: tuple[str, ...] = ()
    """Whom nothing proves to be the account's owner."""
    claimed: tuple[str, ...] = ()
    """Who was proven to be the account's owner."""
    offers: Map[Purpose, ProofOffered] = Map()
    """The secrets that may come back, the newest of each purpose."""


EMPTY = Mailbox()


def evolve(mailbox: Mailbox, event: MailboxEvent) -> Mailbox:
    """Facts are not argued with: evolve never rejects, and an impossible fact is a bug."""
    match event:
        case AccountOpened():
            return _opened(mailbox, event)
        case GuestSeen():
            return replace(mailbox, guests=(*mailbox.guests, event.customer_id))
        case GuestsClaimed():
            return _claimed(mailbox, event)
        case AccountClosed():
            if mailbox.account != event.customer_id:
                raise AssertionError("only the mailbox's own account is closed")
            return replace(mailbox, account=None, claimed=())
        case ProofOffered():
            return replace(mailbox, offers=mailbox.offers.set(event.purpose, event))
        case MailboxProven():
            return _proven(mailbox, event)
        case _:
            assert_never(event)


def _opened(mailbox: Mailbox, event: AccountOpened) -> Mailbox:
    """Let no claim go on whose letter could not say that there is an account already.

    Somebody else may have opened it in the meantime, and would get the orders
    of whoever thinks that the letter opens an account of their own.
    """
    if mailbox.account is not None:
        raise AssertionError("a mailbox has one account")
    offers = mailbox.offers
    if Purpose.CLAIM in offers:
        offers = offers.delete(Purpose.CLAIM)
    return replace(mailbox, account=event.customer_id, offers=offers)


def _claimed(mailbox: Mailbox, event: GuestsClaimed) -> Mailbox:
    if mailbox.account != event.customer_id or not set(event.guests) <= set(mailbox.guests):
        raise AssertionError("an account claims guests of its own mailbox, each once")
    left = tuple(guest for guest in mailbox.guests if guest not in event.guests)
    return replace(mailbox, guests=left, claimed=(*mailbox.claimed, *event.guests))


def _proven(mailbox: Mailbox, event: MailboxProven) -> Mailbox:
    offer = mailbox.offers.get(event.purpose)
    if offer is None or offer.proof != event.proof:
        raise AssertionError("only the newest secret of its purpose proves a mailbox, and once")
    return replace(mailbox, offers=mailbox.offers.delete(event.purpose))
