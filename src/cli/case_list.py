"""The list of cases, one line each: what it is about, for how long, and why."""

import asyncio

from src.bootstrap.moments import now
from src.bootstrap.parts import BOOK, Parts, open_parts
from src.cli.engines_here import with_engines
from src.cli.printing import put, put_all, put_line
from src.projections.cases import OPEN
from src.queries.amounts import written
from src.queries.cases import CaseAnswer, list_cases
from src.queries.page import LIMIT_MAX, Cursors
from src.settings import Settings

Cells = tuple[str, ...]

HEADER: Cells = ("case", "kind", "waits", "amount", "about", "why")
NOTHING_WAITS = "nothing waits for a person"
_AGES = ((86_400, "d"), (3_600, "h"), (60, "min"))
_CURSORS = Cursors(b"khata cases")
"""Its cursors never leave this process."""


def show_cases(settings: Settings, *, every: bool) -> None:
    """Print the open cases, or all of them."""
    with with_engines(settings) as addressed:
        found = asyncio.run(_found(addressed, every=every))
    if found:
        put(_table([HEADER, *map(_cells, found)]))
    else:
        put_line(NOTHING_WAITS)
    put_all()


async def _found(settings: Settings, *, every: bool) -> list[CaseAnswer]:
    parts = await open_parts(settings)
    try:
        # The worker does the same; there may be none.
        await parts.runner.catch_up()
        return await _all_pages(parts, None if every else OPEN)
    finally:
        await parts.close()


async def _all_pages(parts: Parts, status: str | None) -> list[CaseAnswer]:
    found: list[CaseAnswer] = []
    cursor, more, at = None, True, now()
    while more:
        page = await list_cases(
            parts.reads, BOOK, _CURSORS, now=at, status=status, cursor=cursor, limit=LIMIT_MAX
        )
        found += page.items
        cursor, more = page.next_cursor, page.next_cursor is not None
    return found


def _cells(case: CaseAnswer) -> Cells:
    about = case.razorpay_payment_id or case.stream
    amount = "" if case.amount is None else written(case.amount)
    waits = age(case.age_seconds) if case.status == OPEN else case.status
    why = case.reason if case.note is None else f"{case.reason} - {case.note}"
    return case.case_id, case.kind, waits, amount, about, " ".join(why.split())


def age(seconds: int) -> str:
    """Say in the largest unit how long something waits."""
    for length, unit in _AGES:
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


def _table(rows: list[Cells]) -> str:
    """Write rows in columns as wide as they need to be; one line a case, also in a pipe."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(HEADER))]
    return "".join(f"{'  '.join(map(str.ljust, row, widths)).rstrip()}\n" for row in rows)
