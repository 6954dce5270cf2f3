"""Sales are what the facts say: in every zone, for every period, by SKU, and as of any position."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from src.projections.wall_clock import set_to
from src.queries.analytics import sales as asking
from src.queries.analytics.sales import Amounts, Sales, SalesItem, sales
from src.queries.analytics.scope import Scope, TooManyGroups
from tests.analytics.books import Moment, ToldBook, told_book
from tests.analytics.expected_sales import (
    Asked,
    Change,
    by_period,
    by_sku,
    changes,
    day_of,
    first_of,
    whole,
)
from tests.analytics.purchases import (
    BEGINNINGS,
    ENDS,
    Began,
    Bought,
    Deeds,
    Ended,
    Moved,
    deeds,
    purchase,
    told,
)
from tests.databases import BookDatabase
from tests.projections.facts import Fact

ZONES = (
    "Asia/Kolkata",
    "UTC",
    "Europe/Berlin",
    "Asia/Kathmandu",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
)
"""Of whole hours, half hours and quarters, with and without clocks that change."""
PERIODS = ("day", "week", "month")
EXAMPLES = 25
begins = some.sampled_from(BEGINNINGS)


@settings(max_examples=EXAMPLES)
@given(begin=begins, history=deeds, data=some.data())
def test_every_figure_is_what_the_facts_say(
    shared_database: BookDatabase, begin: datetime, history: Deeds, data: some.DataObject
) -> None:
    async def judged() -> None:
        async with told_book(shared_database.app_url) as book:
            await fed(book, list(told(begin, history)), data.draw)
            found = changes(await book.events())
            for zone in data.draw(some.sets(some.sampled_from(ZONES), min_size=2, max_size=3)):
                days = _days(begin, history, zone, data.draw)
                await judge(book, found, zone, days, data.draw)

    asyncio.run(judged())


async def fed(book: ToldBook, moments: Sequence[Moment], draw: Any) -> None:  # noqa: ANN401  # Hypothesis' own
    """Let the read models take the facts in pages of any length."""
    for moment in moments:
        await book.tell([moment])
        if draw(some.booleans()):
            await book.feed()
    await book.feed()


def _days(begin: datetime, history: Deeds, zone: str, draw: Any) -> tuple[date, date]:  # noqa: ANN401  # as above
    end = begin + timedelta(minutes=sum(passed for passed, _ in history))
    first = day_of(begin, zone) + timedelta(days=draw(some.integers(-2, 2)))
    last = day_of(end, zone) + timedelta(days=draw(some.integers(-2, 2)))
    return min(first, last), max(first, last)


async def judge(
    book: ToldBook,
    found: Sequence[Change],
    zone: str,
    days: tuple[date, date],
    draw: Any,  # noqa: ANN401  # as above
) -> None:
    head = len(await book.events())
    currency = draw(some.sampled_from(["INR", "INR", "USD"]))
    for as_of in (None, head, draw(some.integers(0, head))):
        asked = Asked(currency, zone, *days, as_of)
        for by in PERIODS:
            same_periods(await answer(book, asked, by), found, asked)
        same_skus(await answer(book, asked, "sku"), found, asked)


async def answer(book: ToldBook, asked: Asked, by: str) -> Sales:
    scope = Scope(
        book=book.number,
        currency=asked.currency,
        zone=asked.zone,
        first_day=asked.first,
        last_day=asked.last,
        as_of=asked.as_of,
    )
    return await sales(book.db, scope, by)


def figures(of: Amounts | SalesItem) -> dict[str, int]:
    return {name: getattr(of, name) for name in Amounts.__struct_fields__}


def same_periods(said: Sales, found: Sequence[Change], asked: Asked) -> None:
    """Every period has its item, in order; what is not nothing is what was expected."""
    days = range((asked.last - asked.first).days + 1)
    all_days = {first_of(asked.first + timedelta(days=n), said.by) for n in days}
    assert [item.period for item in said.items] == sorted(all_days)
    shown = {item.period: figures(item) for item in said.items if any(figures(item).values())}
    assert shown == by_period(found, asked, said.by)
    assert figures(said.total) == whole(found, asked)
    assert adds_up(said)


def same_skus(said: Sales, found: Sequence[Change], asked: Asked) -> None:
    *sold, rest = said.items
    assert {item.sku: figures(item) for item in sold} == by_sku(found, asked)
    assert rest.sku is None
    total = whole(found, asked)
    assert figures(said.total) == total
    assert (rest.shipping, rest.refunds) == (total["shipping"], total["refunds"])
    assert adds_up(said)


def adds_up(said: Sales) -> bool:
    """By SKU, an order with two of them is counted for both."""
    columns = set(Amounts.__struct_fields__) - ({"orders"} if said.by == "sku" else set())
    return all(
        sum(getattr(item, name) for item in said.items) == getattr(said.total, name)
        for name in columns
    )


@settings(max_examples=EXAMPLES)
@given(begin=begins, history=deeds, zone=some.sampled_from(ZONES), data=some.data())
def test_days_and_orders_and_payments_are_the_same_money(
    shared_database: BookDatabase, begin: datetime, history: Deeds, zone: str, data: some.DataObject
) -> None:
    async def judged() -> None:
        async with told_book(shared_database.app_url) as book:
            await set_to(book.db, book.number, zone)
            await fed(book, list(told(begin, history)), data.draw)
            found = changes(await book.events())
            for currency in ("INR", "USD"):
                asked = Asked(currency, zone, date.min, date.max)
                await same_money(book, found, asked)

    asyncio.run(judged())


async def same_money(book: ToldBook, found: Sequence[Change], asked: Asked) -> None:
    """To the paisa, row by row."""
    days = await rows(book, "daily_sales", asked, "day")
    assert {row.pop("day"): row for row in days} == by_period(found, asked, "day")
    orders = await rows(book, "orders", asked, "order_id", *ORDER_COLUMNS)
    assert {each.pop("order_id"): each for each in orders} == by_order(found, asked)
    captured = await book.db.fetchval(CAPTURED, book.number, asked.currency)
    paid = sum(row["gross"] - row["discounts"] + row["shipping"] for row in days)
    assert paid == captured == sum(order["net"] + order["refunds"] for order in orders)
    for view in ("sales", "quarter_hour_sales"):
        assert await sums(book, view, asked) == whole(found, asked)
    parts = await sums(book, "sales_by_quarter", asked)
    assert parts | {"orders": 0} == whole(found, asked) | {"orders": 0}


ORDER_COLUMNS = (
    "units",
    "gross_minor as gross",
    "discount_minor as discounts",
    "shipping_minor as shipping",
    "refunded_minor as refunds",
    "net_minor as net",
)
SUM_COLUMNS = (
    "orders",
    "units",
    *(f"{name}_minor as {name}" for name in ("gross", "discounts", "shipping", "refunds", "net")),
)
CAPTURED = """
select coalesce(sum(paid.amount_minor), 0)::bigint from models.payments as paid
join read.orders as sold
    on sold.book = paid.book and sold.razorpay_payment_id = paid.payment_id
    and sold.razorpay_order_id = paid.razorpay_order_id
where paid.book = $1 and paid.currency = $2 and paid.status = 'captured'
"""


async def rows(
    book: ToldBook, view: str, asked: Asked, key: str, *columns: str
) -> list[dict[str, Any]]:
    named = ", ".join([key, *(columns or SUM_COLUMNS)])
    query = f"select {named} from read.{view} where book = $1 and currency = $2"  # noqa: S608  # our own names
    found = [dict(row) for row in await book.db.fetch(query, book.number, asked.currency)]
    return [row for row in found if any(value for name, value in row.items() if name != key)]


async def sums(book: ToldBook, view: str, asked: Asked) -> dict[str, int]:
    added = ", ".join(
        f"coalesce(sum({name}), 0)::bigint as {shown}"
        for name, _, shown in (
            column.rpartition(" as ") if " as " in column else (column, "", column)
            for column in SUM_COLUMNS
        )
    )
    query = f"select {added} from read.{view} where book = $1 and currency = $2"  # noqa: S608  # our own names
    row = await book.db.fetchrow(query, book.number, asked.currency)
    assert row is not None
    return dict(row)


def by_order(found: Sequence[Change], asked: Asked) -> dict[str, dict[str, int]]:
    orders = {each.order_id for each in found if each.sku is None and asked.counts(each)}
    sold = {
        order: whole([each for each in found if each.order_id == order], asked) for order in orders
    }
    return {
        order: {name: amount for name, amount in figures.items() if name != "orders"}
        for order, figures in sold.items()
    }


TEA, CUP = Bought({"TEA": 1}), Bought({"CUP": 2})


async def day_by_day(
    book: ToldBook, zone: str, first: str, last: str
) -> dict[str, tuple[int, int]]:
    """Return orders and what went back, by day."""
    asked = Asked("INR", zone, date.fromisoformat(first), date.fromisoformat(last))
    said = await answer(book, asked, "day")
    return {str(item.period): (item.orders, item.refunds) for item in said.items}


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("zone", "day", "ends"),
    [
        ("Europe/Berlin", "2026-03-29", ("2026-03-28T23:00:00", "2026-03-29T21:59:59.999999")),
        ("Europe/Berlin", "2026-10-25", ("2026-10-24T22:00:00", "2026-10-25T22:59:59.999999")),
        ("Asia/Kathmandu", "2026-03-29", ("2026-03-28T18:15:00", "2026-03-29T18:14:59.999999")),
        ("Asia/Kolkata", "2026-03-29", ("2026-03-28T18:30:00", "2026-03-29T18:29:59.999999")),
        ("Australia/Lord_Howe", "2026-04-05", ("2026-04-04T13:00:00", "2026-04-05T13:29:59.9")),
    ],
)
async def test_a_day_is_as_long_as_its_zone_says(
    shared_database: BookDatabase, zone: str, day: str, ends: tuple[str, str]
) -> None:
    first, last = (datetime.fromisoformat(f"{each}+00:00") for each in ends)
    tick = timedelta(microseconds=1)
    moments = [first - tick, first, last, datetime.fromisoformat(f"{ends[1][:19]}+00:00")]
    moments[3] += timedelta(seconds=1)
    async with told_book(shared_database.app_url) as book:
        await book.tell(Moment(at, purchase(f"{n}", TEA)) for n, at in enumerate(moments))
        await book.feed()
        before, after = (date.fromisoformat(day) + timedelta(days=n) for n in (-1, 1))
        middle = date.fromisoformat(day)
        for as_of in (None, 1_000):
            asked = Asked("INR", zone, before, after, as_of)
            assert [each.orders for each in (await answer(book, asked, "day")).items] == [1, 2, 1]
            alone = asked._replace(first=middle, last=middle)
            assert (await answer(book, alone, "week")).total.orders == 2
            assert (await answer(book, alone, "sku")).total.orders == 2
            assert (await answer(book, alone, "sku")).items[0].orders == 2


@pytest.mark.anyio
async def test_a_refund_counts_from_its_first_word_on_the_day_of_each_word(
    shared_database: BookDatabase,
) -> None:
    begin, day = datetime.fromisoformat("2026-03-02T10:00:00+00:00"), 24 * 60
    history: Deeds = [
        (0, TEA),
        (day, Began(0, 500)),  # asked for: goes back
        (day, Moved(0, 2, 500)),  # filed: nothing new
        (day, Moved(0, 0, 500)),  # processed: nothing new
        (day, Moved(0, 0, 500)),  # failed: it stayed after all
        (day, Began(0, 70, of_order=False)),  # not of an order: no sale
    ]
    async with told_book(shared_database.app_url) as book:
        await book.tell(told(begin, history))
        await book.feed()
        days = await day_by_day(book, "UTC", "2026-03-02", "2026-03-07")
        assert [back for _, back in days.values()] == [0, 500, 0, 0, -500, 0]


@pytest.mark.anyio
async def test_an_order_tells_how_it_stands(shared_database: BookDatabase) -> None:
    begin = BEGINNINGS[0]
    history: Deeds = [
        (0, Bought({"TEA": 1, "CUP": 1}, percent_off=10)),
        (1, CUP),
        (1, Bought({"PIN": 1}, percent_off=100, shipping=0)),
        (1, Ended(0, ENDS[0])),
        (1, Ended(0, ENDS[0])),
        (1, Ended(1, ENDS[1])),
    ]
    async with told_book(shared_database.app_url) as book:
        await book.tell(told(begin, history))
        await book.feed()
        columns = "order_id, status, guest, coupon, payment_method, fulfilled_at, cancelled_at"
        query = f"select {columns} from read.orders where book = $1 order by position"  # noqa: S608  # our own names
        found = [tuple(row) for row in await book.db.fetch(query, book.number)]
        at = [begin + timedelta(minutes=n) for n in range(6)]
        assert found == [
            # A method that the order does not name is known from its payment.
            ("ord_0", "fulfilled", True, "LESS", "netbanking", at[3], None),
            ("ord_1", "cancelled", False, None, "card", None, at[5]),
            ("ord_2", "placed", False, "LESS", None, None, None),
        ]


@pytest.mark.anyio
async def test_a_product_goes_by_its_name_when_it_was_last_sold(
    shared_database: BookDatabase,
) -> None:
    moments = [
        Moment(BEGINNINGS[0], sold) for sold in (_tea("a", quantity=1), _tea("b", quantity=3))
    ]
    async with told_book(shared_database.app_url) as book:
        await book.tell(moments[:1])
        position = len(await book.events())
        await book.tell(moments[1:])
        await book.feed()
        day = day_of(BEGINNINGS[0], "UTC")
        names = [
            (await answer(book, Asked("INR", "UTC", day, day, as_of), "sku")).items[0].name
            for as_of in (None, position)
        ]
        assert names == ["Tea of 3", "Tea of 1"]


def _tea(name: str, quantity: int) -> list[Fact]:
    return purchase(name, Bought({"TEA": quantity}))


@pytest.mark.anyio
async def test_more_rows_than_an_answer_has_are_refused(
    shared_database: BookDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "GROUPS_MAX", 2)
    day = day_of(BEGINNINGS[0], "UTC")
    async with told_book(shared_database.app_url) as book:
        await book.tell([Moment(BEGINNINGS[0], purchase("a", Bought({"TEA": 1, "CUP": 1})))])
        await book.feed()
        two = Asked("INR", "UTC", day, day + timedelta(days=1))
        assert len((await answer(book, two, "day")).items) == 2
        assert len((await answer(book, two, "sku")).items) == 3
        await book.tell([Moment(BEGINNINGS[0], purchase("b", Bought({"PIN": 1})))])
        await book.feed()
        with pytest.raises(TooManyGroups):
            await answer(book, two, "sku")
        with pytest.raises(TooManyGroups):
            await answer(book, two._replace(last=day + timedelta(days=2)), "day")


@pytest.mark.anyio
async def test_the_document_says_from_and_to_and_leaves_out_what_does_not_apply(
    shared_database: BookDatabase,
) -> None:
    day = date(2026, 3, 2)
    nothing = dict.fromkeys(Amounts.__struct_fields__, 0)
    async with told_book(shared_database.app_url) as book:
        await book.feed()
        asked = Asked("INR", "Asia/Kolkata", day, day)
        by_day = msgspec.to_builtins(await answer(book, asked, "day"))
        skus = msgspec.to_builtins(await answer(book, asked, "sku"))
    about: dict[str, object] = {
        "currency": "INR",
        "time_zone": "Asia/Kolkata",
        "from": "2026-03-02",
    }
    about |= {"to": "2026-03-02", "total": nothing}
    assert by_day == about | {"by": "day", "items": [{"period": "2026-03-02"} | nothing]}
    assert skus == about | {"by": "sku", "items": [{"sku": None, "name": None} | nothing]}
