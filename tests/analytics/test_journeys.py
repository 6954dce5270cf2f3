"""Whatever carts and sessions go through: every figure is what its definition makes of it."""

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import count
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from src.events.connection import Connection
from src.events.envelope import Recorded
from src.projections import journeys
from src.projections.pages import hand_out
from src.projections.places import LIVE, stay_in
from src.projections.projection import Projection
from src.projections.published.journeys import VIEWS
from src.queries.analytics.abandonment import abandonment
from src.queries.analytics.funnel import funnel
from src.queries.analytics.scope import Scope
from src.queries.expected_rows import carts as cart_rows
from src.queries.expected_rows import checkout_sessions as session_rows
from src.queries.expected_rows.table import Fact, Stood, Table
from tests.analytics.independent_journeys import abandonment_of, cohort, funnel_of
from tests.analytics.journeys_at_random import BEGINNING, PAUSES_SECONDS, History, Move
from tests.databases import BookDatabase, connected

BOOKS = count(1)
"""Each example has a book of its own, in one database."""
EXAMPLES_MAX = 60
MOVES_MIN, MOVES_MAX = 12, 80
ZONES = ("Asia/Kolkata", "UTC", "Europe/London", "Pacific/Apia")
OURS: tuple[Projection, ...] = (journeys,)

moves = st.lists(
    st.builds(Move, st.sampled_from(PAUSES_SECONDS), st.integers(0, 10**6), st.integers(0, 20)),
    min_size=MOVES_MIN,
    max_size=MOVES_MAX,
)


class Asked(msgspec.Struct, frozen=True):
    """A question; the days count from the one before the first fact."""

    zone: str
    first: int
    days: int
    currency: str
    back: int | None
    """So many positions before the end; None for everything there is."""


questions = st.builds(
    Asked,
    zone=st.sampled_from(ZONES),
    first=st.integers(0, 3),
    days=st.integers(1, 40),
    currency=st.sampled_from(["INR", "INR", "USD"]),
    back=st.none() | st.integers(0, 150),
)


@given(told=moves, page=st.integers(1, 50), asked=st.lists(questions, min_size=1, max_size=8))
@settings(
    max_examples=EXAMPLES_MAX,
    # The database is shared by the examples on purpose: each feeds a book of its own.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_every_figure_is_what_its_definition_makes_of_the_facts(
    shared_database: BookDatabase, told: list[Move], page: int, asked: list[Asked]
) -> None:
    history = History()
    history.play(told)

    async def work(db: Connection) -> None:
        book = next(BOOKS)
        await feed(db, book, history.facts, page)
        await _compare_rows(db, book, history)
        for question in asked:
            await _ask(db, book, history.facts, question)

    asyncio.run(connected(shared_database.app_url, work))


async def feed(db: Connection, book: int, facts: Sequence[Recorded], page: int) -> None:
    """Let the read models take the facts in, page by page."""
    await stay_in(db, LIVE)
    for projection in OURS:
        await db.execute(projection.DDL)
    for view in VIEWS:
        await db.execute(f"create or replace view read.{view.name} as {view.query}")
    for at in range(0, len(facts), page):
        await hand_out(facts[at : at + page], OURS, db, book)


async def _ask(db: Connection, book: int, facts: Sequence[Recorded], asked: Asked) -> None:
    first = BEGINNING.date() + timedelta(days=asked.first - 1)
    days = (first, first + timedelta(days=asked.days - 1))
    head = len(facts)
    as_of = None if asked.back is None else max(0, head - asked.back)
    scope = _scope(book, asked, days, as_of)
    carts_then = cohort(facts, days, asked.zone, asked.currency, head if as_of is None else as_of)
    about = {
        "currency": asked.currency,
        "time_zone": asked.zone,
        "from": days[0].isoformat(),
        "to": days[1].isoformat(),
    }
    assert _written(await funnel(db, scope)) == about | funnel_of(carts_then)
    assert _written(await abandonment(db, scope)) == about | abandonment_of(carts_then)


def _scope(book: int, asked: Asked, days: tuple[date, date], as_of: int | None) -> Scope:
    return Scope(
        book=book,
        currency=asked.currency,
        zone=asked.zone,
        first_day=days[0],
        last_day=days[1],
        as_of=as_of,
    )


def _written(document: msgspec.Struct) -> dict[str, Any]:
    written: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(document))
    return written


async def _compare_rows(db: Connection, book: int, history: History) -> None:
    """See every row beside what an auditor makes of the same stream."""
    for table in (cart_rows.TABLE, session_rows.SESSIONS, session_rows.STEPS):
        states = history.carts if table is cart_rows.TABLE else history.sessions
        expected = {
            (key, inner): values
            for key, state in states.items()
            for inner, values in table.expected(_stood(history, table, key, state)).items()
        }
        assert await _stored(db, book, table) == expected


def _stood(history: History, table: Table, key: str, state: object) -> Stood:
    [category] = table.categories
    facts = [
        Fact(each.position, each.recorded_at, each.event)
        for each in history.facts
        if each.stream == f"{category}-{key}"
    ]
    return Stood(table.stream_of(key), len(facts), facts[-1].position, state, facts)


async def _stored(
    db: Connection, book: int, table: Table
) -> dict[tuple[str, str], tuple[Any, ...]]:
    inner = f"{table.inner_key}::text" if table.inner_key else "''"
    rows = await db.fetch(
        f"select {table.key}, {inner}, {', '.join(table.columns)} from {table.name}"  # noqa: S608  # our own names
        " where book = $1",
        book,
    )
    return {(row[0], row[1]): table.read(tuple(row)[2:]) for row in rows}
