"""Letters in PostgreSQL: many workers share them, and each row goes to one.

Whoever takes a row takes it for a lease. A worker that dies leaves it as it is:
it is due again when the lease ends. These connections wait for the disk: what
was asked for is sent, also if the server loses its power the moment after.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from src.events.connection import Connection, Row, connecting
from src.events.letter import LETTERS_WAITING_MAX, Letter, LetterKind, Outcome
from src.events.lines import Line, read_until_answered

LEASE = timedelta(minutes=2)
"""So long nobody else sends what was taken; handing over has to end well before."""

T = TypeVar("T")


class LetterRows:
    """`edge.letters` of one book."""

    def __init__(self, dsn: str, book: int = 1, *, waiting_max: int = LETTERS_WAITING_MAX) -> None:
        self._line = Line(connecting(dsn, "khata letters"))
        self._book = book
        self._waiting_max = waiting_max

    async def add(self, letter: Letter) -> bool:
        """Keep a letter unless the same one waits already; False when there is no room."""
        waiting: int = await self._run(
            lambda db: db.fetchval(
                _ADD,
                self._book,
                letter.letter_id,
                letter.kind.value,
                letter.mailbox,
                letter.about,
                letter.address,
                letter.asked_at,
                self._waiting_max,
            )
        )
        return waiting < self._waiting_max

    async def take(self, at: datetime, letters_max: int) -> Sequence[Letter]:
        """Take what is due for a lease, the longest due first."""
        rows = await self._run(lambda db: db.fetch(_TAKE, self._book, at, at + LEASE, letters_max))
        return sorted((_letter(row) for row in rows), key=lambda letter: letter.asked_at)

    async def note_offered(self, letter: Letter) -> None:
        """Say that the book knows the letter's proof."""
        await self._run(lambda db: db.execute(_OFFERED, self._book, letter.letter_id))

    async def put_back(self, letter: Letter, next_at: datetime) -> None:
        """Say when to try again."""
        await self._run(lambda db: db.execute(_PUT_BACK, self._book, letter.letter_id, next_at))

    async def remove(self, letter: Letter, outcome: Outcome) -> None:
        """Say what became of it: forget it and count it, both or neither."""
        about = (self._book, letter.letter_id, outcome.value)
        await self._run(lambda db: db.execute(_REMOVE, *about))

    async def forget(self, mailboxes: Sequence[str]) -> None:
        """Forget every letter to these mailboxes."""
        await self._run(lambda db: db.execute(_FORGET, self._book, list(mailboxes)))

    async def close(self) -> None:
        """Close the connection."""
        await self._line.close()

    async def _run(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        return await read_until_answered(lambda: self._line.run(work))


def _letter(row: Row) -> Letter:
    return Letter(
        letter_id=row["letter_id"],
        kind=LetterKind(row["kind"]),
        mailbox=row["mailbox"],
        about=row["about"],
        address=row["address"],
        asked_at=row["asked_at"],
        tries=row["tries"],
        is_offered=row["is_offered"],
    )


_ADD = """
with room as (
    select count(*) as waiting
    from (select from edge.letters where book = $1 limit $8) as known
), added as (
    insert into edge.letters (book, letter_id, kind, mailbox, about, address, asked_at, next_at)
    select $1, $2, $3, $4, $5, $6, $7, $7 from room where waiting < $8
    on conflict do nothing
)
select waiting from room
"""
_TAKE = """
with due as materialized (
    select letter_id from edge.letters
    where book = $1 and next_at <= $2 order by next_at, letter_id limit $4
    for update skip locked
)
update edge.letters as taken set next_at = $3, tries = taken.tries + 1
from due where taken.book = $1 and taken.letter_id = due.letter_id
returning taken.letter_id, taken.kind, taken.mailbox, taken.about, taken.address, taken.asked_at,
    taken.tries - 1 as tries, taken.is_offered
"""
_OFFERED = "update edge.letters set is_offered = true where book = $1 and letter_id = $2"
_PUT_BACK = "update edge.letters set next_at = $3 where book = $1 and letter_id = $2"
_REMOVE = """
with gone as (
    delete from edge.letters where book = $1 and letter_id = $2 returning kind
)
insert into edge.letter_outcomes as known (book, kind, outcome, letters)
select $1, kind, $3, 1 from gone
on conflict (book, kind, outcome) do update set letters = known.letters + 1
"""
_FORGET = "delete from edge.letters where book = $1 and mailbox = any($2::text[])"
