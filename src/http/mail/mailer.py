"""What hands a letter over, and the two ways in which that can fail."""

from collections.abc import Sequence
from email.message import EmailMessage
from typing import Protocol

from msgspec import Struct


class MailUnavailableError(Exception):
    """Nobody took the letter this time; `reason` names no address. Later it may be taken."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class MailRefusedError(Exception):
    """The letter will never be taken; `reason` names no address."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Envelope(Struct, frozen=True, kw_only=True):
    """A finished letter, and what it is called where letters are kept in files."""

    name: str
    """Sorts by the time at which it was asked for; the same letter has the same name."""
    mailbox: str
    """The keyed hash by which the book knows the address."""
    message: EmailMessage


class Mailer(Protocol):
    """Hands letters over."""

    async def hand_over(self, envelope: Envelope) -> None:
        """Hand one letter over; raises MailUnavailableError, MailRefusedError."""
        ...

    async def forget(self, mailboxes: Sequence[str]) -> None:
        """Forget the letters to these mailboxes, as far as they are still ours."""
        ...
