"""A letter that somebody asked for: to which mailbox, what about, and since when it waits."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from msgspec import Struct

LETTERS_WAITING_MAX = 10_000
"""So many letters of a book wait at once; whoever asks for one more is told to come back."""


class LetterKind(StrEnum):
    """What a letter is about."""

    CLAIM = "claim"
    """How to be known as who bought as a guest."""
    RESET = "reset"
    """How to choose another password."""
    ORDER = "order"
    """Where one order is to be seen."""
    PASSWORD_CHANGED = "password-changed"  # noqa: S105 - a kind of letter, not a password
    """That another password was chosen."""


class Outcome(StrEnum):
    """What became of a letter."""

    SENT = "sent"
    NOBODY = "nobody"
    """There was nothing to write to this mailbox."""
    REFUSED = "refused"
    """The mail server will never take it."""
    GIVEN_UP = "given_up"
    """It could not be handed over while it was still worth reading."""


class Letter(Struct, frozen=True, kw_only=True):
    """A letter that waits."""

    letter_id: UUID
    kind: LetterKind
    mailbox: str
    """The keyed hash by which the book knows the address."""
    about: str
    """An order's number, or nothing."""
    address: bytes
    """The e-mail address, sealed."""
    asked_at: datetime
    tries: int = 0
    """So often was it taken to be sent before."""
    is_offered: bool = False
    """The book knows the proof that it carries."""


class LetterStore(Protocol):
    """Keeps letters until they are sent, for all processes of one installation."""

    async def add(self, letter: Letter) -> bool:
        """Keep a letter unless the same one waits already; False when there is no room."""
        ...

    async def take(self, at: datetime, letters_max: int) -> Sequence[Letter]:
        """Take what is due for a lease, the longest due first; nobody else has it meanwhile."""
        ...

    async def note_offered(self, letter: Letter) -> None:
        """Say that the book knows the letter's proof."""
        ...

    async def put_back(self, letter: Letter, next_at: datetime) -> None:
        """Say when to try again."""
        ...

    async def remove(self, letter: Letter, outcome: Outcome) -> None:
        """Say what became of it; the letter is forgotten, and its end is counted."""
        ...

    async def forget(self, mailboxes: Sequence[str]) -> None:
        """Forget every letter to these mailboxes."""
        ...

    async def close(self) -> None:
        """Let go of everything."""
        ...
