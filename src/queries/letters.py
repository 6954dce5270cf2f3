"""How many letters wait, since when, and what became of the others."""

from msgspec import Struct

from src.events.letter import LetterKind, Outcome
from src.queries.reading import Reading


class Letters(Struct, frozen=True, kw_only=True):
    """All that watchers want to know of letters."""

    waiting: int
    oldest_seconds: float
    """0 where none waits."""
    outcomes: dict[tuple[LetterKind, Outcome], int]


async def letters(db: Reading, book: int, counted_max: int) -> Letters:
    """Ask two small questions; the count ends at counted_max."""
    row = await db.fetchrow(_WAITING, book, counted_max)
    assert row is not None
    ended = await db.fetch(_OUTCOMES, book)
    return Letters(
        waiting=row["waiting"],
        oldest_seconds=float(row["oldest_seconds"]),
        outcomes={
            (LetterKind(each["kind"]), Outcome(each["outcome"])): each["letters"] for each in ended
        },
    )


_WAITING = """
select count(*) as waiting, greatest(0, coalesce(
    extract(epoch from clock_timestamp() - min(asked_at)), 0)) as oldest_seconds
from (select asked_at from edge.letters where book = $1 limit $2) as known
"""
_OUTCOMES = "select kind, outcome, letters from edge.letter_outcomes where book = $1"
