"""Who stands behind an e-mail address, which the book knows only by its keyed hash.

The names and fields of the events are the storage format. Nothing here is
renamed or removed: a changed shape gets a new version, and upcasters.py lifts
the old one.
"""

from typing import assert_never

from msgspec import Struct
from msgspec.structs import replace


class AccountOpened(Struct, frozen=True, kw_only=True):
    """The mailbox has an account; there is never a second one."""

    customer_id: str


class GuestSeen(Struct, frozen=True, kw_only=True):
    """A guest gave this mailbox as theirs; nothing proves it yet."""

    customer_id: str


MailboxEvent = AccountOpened | GuestSeen


class Mailbox(Struct, frozen=True, kw_only=True):
    """A mailbox's account, if any, and its guests."""

    account: str | None = None
    guests: tuple[str, ...] = ()


EMPTY = Mailbox()


def evolve(mailbox: Mailbox, event: MailboxEvent) -> Mailbox:
    """Facts are not argued with: evolve never rejects, and an impossible fact is a bug."""
    match event:
        case AccountOpened():
            if mailbox.account is not None:
                raise AssertionError("a mailbox has one account")
            return replace(mailbox, account=event.customer_id)
        case GuestSeen():
            return replace(mailbox, guests=(*mailbox.guests, event.customer_id))
        case _:
            assert_never(event)
