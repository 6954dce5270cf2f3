"""How paying works and how late money ends: as the book says, at every position, in every zone."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import count
from random import Random
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from src.events.connection import Connection, connecting
from src.events.envelope import StoredEvent
from src.projections import case_steps, checkpoints, payment_steps, refund_steps, runner
from src.projections.projection import Projection
from src.projections.runner import Runner
from src.projections.tables import prepare
from src.queries.analytics.late_money import LateEnd, LateMoney, late_money
from src.queries.analytics.payments import payment_success
from src.queries.analytics.scope import Scope
from tests.analytics.expected_money import Asked, Money, ends_of
from tests.analytics.money_histories import BEGIN, MoneyHistory
from tests.databases import BookDatabase

ZONES = ("UTC", "Asia/Kolkata", "Europe/Berlin", "America/Los_Angeles")
NAMES = [end.value for end in LateEnd]
STEPS = 90
MONEY: tuple[Projection, ...] = (payment_steps, refund_steps, case_steps)
PAGES = (1, 7, 1_000)
TURNS = {
    *("PaymentOrderOpened", "OrderPlaced", "RefundRequested", "RefundFailed", "RefundProcessed"),
    *("CaseOpened", "CaseResolved", "PaymentCaptured"),
}
SPANS = ((0, 400), (0, 400), (0, 0), (1, 3))
"""Days after the beginning, the last counted in."""
_books = count(1_001)

slowly = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


class Told:
    """A history, and the database that was fed with it."""

    def __init__(self, db: Connection, number: int, history: MoneyHistory) -> None:
        self.db, self.number, self.history = db, number, history

    def scope(self, asked: Asked, *, is_now: bool) -> Scope:
        return Scope(
            book=self.number,
            currency=asked.currency,
            zone=asked.zone,
            first_day=asked.first,
            last_day=asked.last,
            as_of=None if is_now else asked.as_of,
        )


@asynccontextmanager
async def told(database: BookDatabase, history: MoneyHistory) -> AsyncIterator[Told]:
    """Feed the real read models with a history, under a number of its own."""
    connect, number = connecting(database.app_url, "khata test"), next(_books)
    feeding, db = Runner(history.book, connect, number, MONEY), await connect()
    try:
        await prepare(db, number)
        await feeding.catch_up()
        places = await checkpoints.load(db, number)
        seen = {places[each.NAME, each.VERSION].position for each in MONEY}
        assert seen == {await history.book.head()}
        yield Told(db, number, history)
    finally:
        await feeding.close()
        await db.close()


def questions(
    chance: Random, history: MoneyHistory, events: Sequence[StoredEvent]
) -> list[tuple[Asked, bool]]:
    """Ask of now, of ends of appends, and of any positions, best just before something turns."""
    turns = [0, *(event.position - 1 for event in events if event.type in TURNS)]
    at = [
        len(events),
        *chance.choices(history.ends_of_appends, k=4),
        *chance.choices(turns, k=6),
        chance.randint(0, len(events)),
    ]
    asked = []
    for number, position in enumerate(at):
        zone = chance.choice(ZONES)
        begin = BEGIN.astimezone(ZoneInfo(zone)).date()
        first, last = chance.choice(SPANS) if number else SPANS[0]
        currency = chance.choice(["INR", "INR", "INR", "USD"])
        days = (begin + timedelta(days=first), begin + timedelta(days=last))
        asked.append((Asked(currency, zone, *days, position), number == 0))
    return asked


@given(
    seed=some.integers(0, 2**32),
    steps=some.integers(STEPS // 2, STEPS),
    page=some.sampled_from(PAGES),
)
@slowly
def test_every_figure_is_what_the_book_says(
    shared_database: BookDatabase, seed: int, steps: int, page: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runner, "PAGE_EVENTS", page)
        asyncio.run(_agree(shared_database, Random(seed), steps))


async def _agree(database: BookDatabase, chance: Random, steps: int) -> None:
    history = MoneyHistory(chance)
    await history.live(steps)
    events = await history.events()
    async with told(database, history) as shop:
        for asked, is_now in questions(chance, history, events):
            scope = shop.scope(asked, is_now=is_now)
            await _agrees(shop, scope, Money(events, asked))


async def _agrees(shop: Told, scope: Scope, book: Money) -> None:
    success = msgspec.to_builtins(await payment_success(shop.db, scope))
    assert {name: success[name] for name in ("items", "failures", "total")} == book.tries()
    answer = await late_money(shop.db, scope)
    late = book.late()
    assert [msgspec.structs.asdict(each) for each in answer.items] == late[: len(answer.items)]
    assert [msgspec.to_builtins(each) for each in answer.ends] == ends_of(late, NAMES)
    assert (answer.total.payments, answer.total.amount) == (
        len(late),
        sum(each["amount"] for each in late),
    )
    if book.asked.as_of in shop.history.ends_of_appends:
        _adds_up(answer)


def _adds_up(answer: LateMoney) -> None:
    """Promise 2: whatever came late is an order, a refund, or a case that a person sees or saw."""
    nothing_yet = {each.end: each.payments for each in answer.ends}[LateEnd.NOTHING_YET]
    assert nothing_yet == 0


def test_no_read_model_is_believed_beyond_the_slowest(shared_database: BookDatabase) -> None:
    """Refunds and cases that have not been seen are not missing: the payment is not seen either."""

    async def work() -> None:
        history = MoneyHistory(Random(SLOW_SEED))
        await history.live(STEPS)
        async with told(shared_database, history) as shop:
            asked = Asked("INR", "UTC", BEGIN.date(), BEGIN.date() + timedelta(days=400), 0)
            now = shop.scope(asked, is_now=True)
            for slow in (refund_steps, case_steps):
                for position in history.ends_of_appends[::SLOW_EVERY]:
                    await shop.db.execute(STAND, position, shop.number, slow.NAME)
                    then = msgspec.structs.replace(now, as_of=position)
                    assert await late_money(shop.db, now) == await late_money(shop.db, then)

    asyncio.run(work())


SLOW_SEED, SLOW_EVERY = 6, 7
STAND = "update models.checkpoints set position = $1 where book = $2 and projection = $3"
