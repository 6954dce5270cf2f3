"""What the notary reads and keeps in the database."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from src.events.connection import Connection
from src.events.hashed_page import AppendRow, Asking
from src.events.merkle import Kept

NOTES_PER_PAGE = 1_000


class Head(Struct, frozen=True, kw_only=True):
    """Where the book stands, by its head row and by its events, as one snapshot saw both."""

    position: int
    chain: bytes
    last_event: int


class NotaryHealth(Struct, frozen=True, kw_only=True):
    """How far the signed checkpoints are behind the book, and why they stand still if they do."""

    head: int
    size: int
    """The last position under a signed checkpoint; 0 if there is none."""
    kept_at: datetime | None
    stopped_at: int | None = None
    """The position of what the notary would not sign."""
    reason: str | None = None


async def head(db: Asking, book: int) -> Head:
    """Return where the book stands."""
    row = (await db.fetch(_HEAD, book))[0]
    return Head(position=row[0], chain=row[1], last_event=row[2])


async def append_at(db: Asking, book: int, position: int) -> AppendRow | None:
    """Return the append that a position lies in."""
    rows = await db.fetch(_APPEND, book, position)
    return AppendRow(*(rows[0][n] for n in range(4))) if rows else None


async def newest_note(db: Asking, book: int) -> str | None:
    """Return the newest checkpoint's note; nobody has checked its signature yet."""
    rows = await db.fetch(_NEWEST, book)
    return rows[0][0] if rows else None


async def notes(db: Asking, book: int, after: int, to: int) -> list[tuple[int, str]]:
    """Return the sizes and notes of at most a page of checkpoints above `after`, up to `to`."""
    rows = await db.fetch(_NOTES, book, after, to, NOTES_PER_PAGE)
    return [(row[0], row[1]) for row in rows]


async def keep(db: Connection, book: int, size: int, note: str, kept: Sequence[Kept]) -> None:
    """Keep a checkpoint and the subtrees that it completed, or neither."""
    columns = [each.level for each in kept], [each.place for each in kept]
    await db.execute(_KEEP, book, size, note, *columns, [each.hash for each in kept])


async def alarm(db: Connection, book: int, position: int, reason: str) -> None:
    """Remember that the notary has stopped, for whoever asks how it is."""
    await db.execute("select notary.alarm($1, $2, $3)", book, position, reason)


async def health(db: Asking, book: int) -> NotaryHealth:
    """Return how the notary is, from any process."""
    row = (await db.fetch(_HEALTH, book))[0]
    return NotaryHealth(
        head=row[0], size=row[1] or 0, kept_at=row[2], stopped_at=row[3], reason=row[4]
    )


_HEAD = """
select position, chain,
    coalesce((select max(position) from khata.events where book = $1), 0)
from khata.books where book = $1
"""
_APPEND = """
select first_position, last_position, root, chain from khata.appends
where book = $1 and first_position <= $2 order by first_position desc limit 1
"""
_NEWEST = "select note from khata.checkpoints where book = $1 order by size desc limit 1"
_NOTES = """
select size, note from khata.checkpoints
where book = $1 and size > $2 and size <= $3 order by size limit $4
"""
_KEEP = "select notary.keep($1, $2, $3, $4::smallint[], $5::bigint[], $6::bytea[])"
# An alarm counts until the notary has signed again.
_HEALTH = """
select books.position, newest.size, newest.kept_at, alarm.position, alarm.reason
from khata.books
left join lateral (select size, kept_at from khata.checkpoints
                   where book = $1 order by size desc limit 1) as newest on true
left join lateral (select position, reason from khata.notary_alarms
                   where book = $1 and raised_at > coalesce(newest.kept_at, '-infinity')
                   order by raised_at desc limit 1) as alarm on true
where books.book = $1
"""
