"""Letters that wait, in memory; it passes the same tests as the rows in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from src.events.letter import LETTERS_WAITING_MAX, Letter, LetterKind, Outcome
from src.events.letter_rows import LEASE


class MemoryLetters:
    """One process's memory."""

    def __init__(self, waiting_max: int = LETTERS_WAITING_MAX) -> None:
        self._waiting_max = waiting_max
        self._letters: dict[UUID, tuple[datetime, Letter]] = {}
        self.outcomes: dict[tuple[LetterKind, Outcome], int] = {}

    async def add(self, letter: Letter) -> bool:
        if len(self._letters) >= self._waiting_max:
            return False
        if not any(_same(letter, known) for _, known in self._letters.values()):
            self._letters[letter.letter_id] = (letter.asked_at, letter)
        return True

    async def take(self, at: datetime, letters_max: int) -> Sequence[Letter]:
        due = sorted(
            ((next_at, letter) for next_at, letter in self._letters.values() if next_at <= at),
            key=lambda each: (each[0], each[1].letter_id),
        )[:letters_max]
        for _, letter in due:
            self._letters[letter.letter_id] = (at + LEASE, replace(letter, tries=letter.tries + 1))
        return sorted((letter for _, letter in due), key=lambda letter: letter.asked_at)

    async def note_offered(self, letter: Letter) -> None:
        next_at, known = self._letters[letter.letter_id]
        self._letters[letter.letter_id] = (next_at, replace(known, is_offered=True))

    async def put_back(self, letter: Letter, next_at: datetime) -> None:
        _, known = self._letters[letter.letter_id]
        self._letters[letter.letter_id] = (next_at, known)

    async def remove(self, letter: Letter, outcome: Outcome) -> None:
        if self._letters.pop(letter.letter_id, None):
            key = (letter.kind, outcome)
            self.outcomes[key] = self.outcomes.get(key, 0) + 1

    async def forget(self, mailboxes: Sequence[str]) -> None:
        kept = self._letters.items()
        self._letters = {name: each for name, each in kept if each[1].mailbox not in mailboxes}

    async def close(self) -> None:
        """Nothing to close."""


def _same(one: Letter, other: Letter) -> bool:
    return (one.mailbox, one.kind, one.about) == (other.mailbox, other.kind, other.about)
