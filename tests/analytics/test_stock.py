"""Whatever happens to stock: every figure is what its definition makes of the facts themselves."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from itertools import count
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct

from src.events.connection import Connection
from src.events.envelope import Recorded
from src.projections import stock_movements
from src.projections.places import LIVE, stay_in
from src.projections.tables import prepare
from src.queries.analytics.scope import Scope
from src.queries.analytics.stock import StockItem, StockTurnover, StockUnits, stock_turnover
from tests.analytics.stock_history import Happened, history, recorded
from tests.databases import BookDatabase, connected

BOOKS = count(1)
"""Each example has a book of its own, in one database."""
EXAMPLES_MAX = 40
ENDS = {"sold": "committed", "released": "released", "expired": "expired"}
BEGUN = datetime(2026, 3, 27, 18, 30, tzinfo=UTC)
"""Midnight in India; in London an hour is left out two nights later."""
ZONES = ("Asia/Kolkata", "UTC", "Europe/London", "Pacific/Apia")


class Asked(Struct, frozen=True):
    """A question; the moment and the last fact are drawn from the history."""

    zone: str
    first: int
    days: int
    seen: float | None
    """How much of the book counts."""
    idle_seconds: int


questions = st.builds(
    Asked,
    zone=st.sampled_from(ZONES),
    first=st.integers(-1, 6),
    days=st.integers(1, 5),
    seen=st.none() | st.floats(0, 1),
    idle_seconds=st.sampled_from([0, 1, 86_400]),
)


@given(
    facts=history(BEGUN),
    page=st.integers(1, 20),
    asked=st.lists(questions, min_size=4, max_size=8),
)
@settings(
    max_examples=EXAMPLES_MAX,
    # The database is shared by the examples on purpose: each feeds a book of its own.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_every_figure_is_what_its_definition_makes_of_the_facts(
    shared_database: BookDatabase, facts: list[Happened], page: int, asked: list[Asked]
) -> None:
    async def work(db: Connection) -> None:
        book = next(BOOKS)
        await _feed(db, book, facts, page)
        await _check_rows(db, book, facts)
        for question in asked:
            await _ask(db, book, facts, question)

    asyncio.run(connected(shared_database.app_url, work))


async def _feed(db: Connection, book: int, facts: Sequence[Happened], page: int) -> None:
    await prepare(db, book)
    await stay_in(db, LIVE)
    rows: list[Recorded] = recorded(facts)
    for begin in range(0, len(rows), page):
        await stock_movements.project(rows[begin : begin + page], db, book)


async def _check_rows(db: Connection, book: int, facts: Sequence[Happened]) -> None:
    """Analysts who ask for single rows are told the same."""
    rows = await db.fetch(_MOVED, book)
    assert [tuple(row) for row in rows] == [
        _after([each for each in facts if each.sku == fact.sku and each.position <= fact.position])
        for fact in facts
    ]
    rows = await db.fetch(_PROMISED, book)
    assert [tuple(row) for row in rows] == [
        (made.position, made.sku, made.session, made.quantity, made.at, *_end(made, facts))
        for made in facts
        if made.kind == "reserved"
    ]


_MOVED = """
select position, sku, kind, quantity, on_hand_change, held_change, on_hand, reserved, available
from read.stock_movements where book = $1 order by position
"""
_PROMISED = """
select position, sku, checkout_session_id, quantity, reserved_at, ended_position, ended_as,
    held_seconds
from read.reservations where book = $1 order by position
"""


def _after(so_far: Sequence[Happened]) -> tuple[object, ...]:
    fact = so_far[-1]
    on_hand, held = sum(map(_change, so_far)), sum(map(_held_change, so_far))
    changes = (_change(fact), _held_change(fact))
    counts = (on_hand, held, on_hand - held)
    return (fact.position, fact.sku, fact.kind, fact.quantity, *changes, *counts)


def _end(made: Happened, facts: Sequence[Happened]) -> tuple[object, ...]:
    for fact in facts:
        is_its = (fact.sku, fact.session) == (made.sku, made.session)
        if is_its and fact.position > made.position and fact.kind in ENDS:
            return (fact.position, ENDS[fact.kind], _seconds(fact.at - made.at))
    return (None, None, None)


async def _ask(db: Connection, book: int, facts: Sequence[Happened], asked: Asked) -> None:
    first = BEGUN.date() + timedelta(days=asked.first)
    last = first + timedelta(days=asked.days - 1)
    head = facts[-1].position if facts else 0
    as_of = None if asked.seen is None else int(asked.seen * head)
    known = [fact for fact in facts if as_of is None or fact.position <= as_of]
    now = (known[-1].at if known else BEGUN) + timedelta(seconds=asked.idle_seconds)
    scope = Scope(
        book=book, currency="INR", zone=asked.zone, first_day=first, last_day=last, as_of=as_of
    )
    answer = await stock_turnover(db, scope, now)
    expected = _defined(known, asked.zone, first, last, now)
    assert answer.items == expected
    _adds_up(answer)
    some = sorted({fact.sku for fact in known})[:1]
    assert (await stock_turnover(db, scope, now, some)).items == expected[: len(some)]


def _adds_up(answer: StockTurnover) -> None:
    together: list[StockItem | StockUnits] = [*answer.items, answer.total]
    for each in together:
        moved = each.received + each.adjusted - each.sold + each.returned
        assert each.opening + moved == each.closing
        assert each.on_hand == each.held + each.available
    assert answer.total.sold == sum(each.sold for each in answer.items)


def _defined(
    known: Sequence[Happened], zone: str, first: date, last: date, now: datetime
) -> list[StockItem]:
    midnights = (first, last + timedelta(days=1))
    since, until = (datetime.combine(day, time(), ZoneInfo(zone)) for day in midnights)
    since, until = since.astimezone(UTC), until.astimezone(UTC)
    skus = sorted({fact.sku for fact in known})
    return [_item(sku, [f for f in known if f.sku == sku], since, until, now) for sku in skus]


def _item(
    sku: str, facts: Sequence[Happened], since: datetime, until: datetime, now: datetime
) -> StockItem:
    """Say it as the words of each field do, one fact after the other."""

    def moved(kind: str) -> int:
        return sum(f.quantity for f in facts if f.kind == kind and since <= f.at < until)

    def on_hand(moment: datetime) -> int:
        return sum(_change(fact) for fact in facts if fact.at < moment)

    made = [fact.at for fact in facts if fact.kind == "reserved" and _is_kept(fact, facts)]
    held = sum(map(_held_change, facts))
    now_on_hand = sum(map(_change, facts))
    passed, sold = _seconds(max(since, min(until, now)) - since), moved("sold")
    mean = _unit_seconds(facts, since, min(until, now)) / passed if passed else None
    per_day = sold / (passed / 86_400) if passed else Fraction(0)
    return StockItem(
        sku=sku,
        name=None,
        opening=on_hand(since),
        received=moved("received"),
        adjusted=moved("adjusted"),
        sold=sold,
        returned=moved("returned"),
        closing=on_hand(until),
        mean_on_hand=_rounded(mean),
        turnover=_rounded(sold / mean) if mean else None,
        on_hand=now_on_hand,
        held=held,
        available=now_on_hand - held,
        days_of_cover=_rounded((now_on_hand - held) / per_day) if per_day else None,
        oldest_hold_seconds=(now - min(made)) // timedelta(seconds=1) if made else None,
    )


_ON_HAND = {"received": 1, "adjusted": 1, "returned": 1, "sold": -1}
_HELD = {"reserved": 1, "sold": -1, "released": -1, "expired": -1}


def _change(fact: Happened) -> int:
    return _ON_HAND.get(fact.kind, 0) * fact.quantity


def _held_change(fact: Happened) -> int:
    return _HELD.get(fact.kind, 0) * fact.quantity


def _is_kept(made: Happened, facts: Sequence[Happened]) -> bool:
    """Whether nothing has ended a promise since it was made."""
    return _end(made, facts)[0] is None


def _unit_seconds(facts: Sequence[Happened], since: datetime, end: datetime) -> Fraction:
    """Each unit that came counts from then on, and each that went no more."""
    return sum(
        (_change(fact) * _seconds(end - max(fact.at, since)) for fact in facts if fact.at < end),
        Fraction(0),
    )


def _seconds(time_between: timedelta) -> Fraction:
    return Fraction(time_between // timedelta(microseconds=1), 1_000_000)


def _rounded(ratio: Fraction | None) -> float | None:
    return None if ratio is None else float(round(ratio, 4))
