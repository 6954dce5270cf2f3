"""Back in time: histories, states and replays as of any moment, held against the bare rows."""

import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from src.events.cart import OpenCart, OrderedCart
from src.events.codec import encode
from src.events.envelope import Cause, Entry, Expected, NewEvent, StoredEvent
from src.events.identifiers import CART, ORDER, SHIPPING, STOCK, Stream, stream
from src.events.money import Money
from src.events.shipping import ShippingMethodDefined, ShippingRate
from src.events.stock import StockReceived
from src.queries.as_of import order_as_of, shown, state_at, stock_as_of
from src.queries.history import (
    PAGE_EVENTS,
    BadMoment,
    HistoricFact,
    Moment,
    history,
    moment,
)
from src.queries.replay import Span, Wanted, replay, span
from src.queries.stock import StockAnswer
from tests.memory import MemoryBook
from tests.projections.facts import SECRET_BOX, begun, bought, expired, opening, sku
from tests.projections.shop import Shop

MICROSECOND = timedelta(microseconds=1)
LONG = PAGE_EVENTS * 2 + 10


def test_a_moment_is_a_position_or_a_time_with_its_zone() -> None:
    assert moment("17") == 17
    assert moment("2030-01-01T05:30:00+05:30") == datetime(2030, 1, 1, tzinfo=UTC)
    assert moment("2030-01-01T00:00:00Z") == datetime(2030, 1, 1, tzinfo=UTC)
    for bad in ("", "-1", "2030-01-01T00:00:00", "yesterday", "9" * 17, "٣", "0001-01-01T00+14:00"):
        with pytest.raises(BadMoment):
            moment(bad)


@pytest.fixture
async def busy(shop: Shop) -> Shop:
    """A shop with a past: a hundred checkouts, each in appends of its own, ended in any order."""
    await shop.write(opening(2))
    open_ones: list[str] = []
    for n in range(60):
        if open_ones and random.random() < 0.4:
            await shop.write(expired(open_ones.pop(random.randrange(len(open_ones))), [0]))
        name = f"n{n}"
        if random.random() < 0.5:
            await shop.write(begun(name, [0]))
            open_ones.append(name)
        else:
            await shop.write(bought(name, [0, 1]))
    return shop


def counted(rows: Sequence[StoredEvent], up_to: Moment) -> StockAnswer | None:
    """Count the stock of the first product from bare rows and JSON alone."""
    sums: Counter[str] = Counter()
    listed = False
    for row in rows:
        if (row.position if isinstance(up_to, int) else row.recorded_at) > up_to:  # type: ignore[operator]  # both are positions, or both are times
            continue
        listed |= row.stream == f"product-{sku(0)}"
        if row.stream != f"stock-{sku(0)}":
            continue
        fact = json.loads(bytes(row.payload))
        sums[row.type] += fact.get("quantity", 0) + fact.get("delta", 0)
    received = sums["StockReceived"] + sums["StockAdjusted"]
    ended = sums["StockCommitted"] + sums["StockReleased"] + sums["StockReservationExpired"]
    reserved = sums["StockReserved"] - ended
    return (
        StockAnswer(
            sku=sku(0),
            received=received,
            reserved=reserved,
            committed=sums["StockCommitted"],
            available=received - reserved - sums["StockCommitted"],
        )
        if listed
        else None
    )


def moments(rows: Sequence[StoredEvent]) -> list[Moment]:
    """Give moments everywhere: at, just before, just after and between what was recorded."""
    times = sorted({row.recorded_at for row in rows})
    chosen = [times[0], times[-1], *random.sample(times, 25)]
    found: list[Moment] = [0, 1, 2, len(rows), len(rows) + 1, 2**53 - 1]
    found += [random.randrange(len(rows)) for _ in range(40)]
    for time in chosen:
        found += [time, time - MICROSECOND, time + MICROSECOND]
        found.append(time + (times[-1] - times[0]) * random.random() / len(times))
    return found


@pytest.mark.anyio
async def test_a_stock_at_any_moment_is_what_the_bare_rows_say(busy: Shop) -> None:
    rows = await busy.book.read_page(0, await busy.book.head())
    for at in moments(rows):
        found = await stock_as_of(busy.book, sku(0), at)
        assert (None if found is None else found[0]) == counted(rows, at), at


@pytest.mark.anyio
async def test_a_stock_has_the_version_of_its_last_count_by_then(shop: Shop) -> None:
    await shop.write(opening(1))
    position = await shop.write(begun("a", [0]))
    await shop.write([(stream(STOCK, sku(0)), StockReceived(sku=sku(0), quantity=5))])
    versions = [await stock_as_of(shop.book, sku(0), at) for at in (1, 2, position, None)]
    assert [each and each[1] for each in versions] == [0, 1, 1, 3]
    assert await stock_as_of(shop.book, "NEVER-LISTED") is None


async def whole_history(
    shop: Shop, name: Stream, up_to: Moment | None = None
) -> list[HistoricFact]:
    return [fact async for page in history(shop.book, name, up_to) for fact in page]


@pytest.mark.anyio
async def test_history_shows_facts_as_json_up_to_a_moment(shop: Shop) -> None:
    await shop.write(opening(1))
    position = await shop.write(begun("a", [0]))
    await shop.write(expired("a", [0]))
    name = stream(STOCK, sku(0))
    facts = await whole_history(shop, name)
    assert [each.type for each in facts] == [
        "StockReceived",
        "StockReserved",
        "StockReservationExpired",
    ]
    assert facts[1].fact == {"sku": sku(0), "checkout_session_id": "chk_a", "quantity": 2}
    assert len(await whole_history(shop, name, position)) == 2
    assert len(await whole_history(shop, name, facts[0].recorded_at)) == 1
    assert await whole_history(shop, name, facts[0].recorded_at - MICROSECOND) == []


@pytest.mark.anyio
async def test_a_state_is_what_the_facts_added_up_to_at_a_moment(shop: Shop) -> None:
    await shop.write(opening())
    position = await shop.write(begun("a")[:2])
    cart = stream(CART, "cart_a")
    then = await state_at(shop.book, cart, position)
    assert then is not None
    assert isinstance(then.state, OpenCart)
    assert (then.version, then.position) == (2, position)
    assert await state_at(shop.book, cart, then.begun_at - MICROSECOND) is None


@pytest.mark.anyio
async def test_an_order_before_it_was_placed_does_not_exist(shop: Shop) -> None:
    await shop.write(opening())
    await shop.write(bought("a"))
    [placed] = await whole_history(shop, stream(ORDER, "ord_a"))
    assert await order_as_of(shop.book, "ord_a", placed.position - 1) is None
    order = await order_as_of(shop.book, "ord_a", placed.position)
    assert order is not None
    assert (order.placed_at, order.version) == (placed.recorded_at, 1)
    assert await order_as_of(shop.book, "ord_nobody") is None
    cart = await state_at(shop.book, stream(CART, "cart_a"))
    assert cart is not None
    assert isinstance(cart.state, OrderedCart)


@pytest.mark.anyio
async def test_a_state_is_shown_as_json_with_what_follows_from_it_and_sealed(shop: Shop) -> None:
    await shop.write(opening(1))
    await shop.write(begun("b", [0]))
    await shop.write(begun("a", [0]))
    await shop.write(bought("c", [0]))
    stock = await state_at(shop.book, stream(STOCK, sku(0)))
    assert stock is not None
    told = shown(stock)
    assert json.loads(json.dumps(told)) == told
    assert told["type"] == "Stock"
    assert told["state"]["available"] == 1_000_000 - 2 - 2 - 2
    assert list(told["state"]["holds"]) == ["chk_a", "chk_b"]
    order = await state_at(shop.book, stream(ORDER, "ord_c"))
    assert order is not None
    assert shown(order)["state"]["order"]["contact"] == {"key_id": "person-1", "box": SECRET_BOX}


@pytest.mark.anyio
async def test_a_state_that_is_a_table_is_shown_as_one(shop: Shop) -> None:
    rates = (ShippingRate(price=Money(1, "INR")),)
    methods = stream(SHIPPING, "methods")
    await shop.write([(methods, ShippingMethodDefined(code="post", name="Post", rates=rates))])
    then = await state_at(shop.book, methods)
    assert then is not None
    assert (shown(then)["type"], list(shown(then)["state"])) == ("shipping", ["post"])


class WatchedBook(MemoryBook):
    """A book that remembers how much was read of it at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.lengths: list[int] = []

    async def read_stream(
        self, stream: Stream, *, after: int = 0, up_to: int | None = None
    ) -> Sequence[StoredEvent]:
        found = await super().read_stream(stream, after=after, up_to=up_to)
        self.lengths.append(len(found))
        return found


@pytest.fixture
async def long() -> WatchedBook:
    """A book with one long stream, in which each receipt brings one unit."""
    book, name = WatchedBook(), stream(STOCK, "A")
    command = uuid4()
    cause = Cause(command_id=command, correlation_id=command, actor="khata:test")
    payload = encode(StockReceived(sku="A", quantity=1))
    events = [
        NewEvent(
            stream=name,
            version=version,
            type="StockReceived",
            schema_version=1,
            event_id=uuid4(),
            payload=payload,
        )
        for version in range(1, LONG + 1)
    ]
    await book.append([Entry(cause=cause, expected=[Expected(name, 0)], events=events)])
    return book


@pytest.mark.anyio
async def test_a_long_stream_is_read_page_by_page_and_no_further_than_the_moment(
    long: WatchedBook,
) -> None:
    name = stream(STOCK, "A")
    for at, reads in ((1, 1), (PAGE_EVENTS, 2), (PAGE_EVENTS + 1, 2), (LONG, 3), (None, 3)):
        long.lengths.clear()
        then = await state_at(long, name, at)
        assert then is not None
        assert then.state.received == (at or LONG)
        assert len(long.lengths) == reads
        assert max(long.lengths) == PAGE_EVENTS


async def replayed(
    shop: Shop,
    begin: Moment | None = None,
    end: Moment | None = None,
    wanted: Wanted | None = None,
) -> AsyncIterator[StoredEvent]:
    within = await span(shop.book, begin, end)
    async for part in replay(shop.book, within, wanted or Wanted()):
        for event in part.events:
            yield event


@pytest.mark.anyio
async def test_a_replay_is_every_fact_between_two_moments_in_order(busy: Shop) -> None:
    rows = await busy.book.read_page(0, await busy.book.head())
    assert [each async for each in replayed(busy)] == list(rows)
    for begin in random.sample(moments(rows), 12):
        for end in random.sample(moments(rows), 3):
            expected = [
                row
                for row in rows
                if (row.position if isinstance(begin, int) else row.recorded_at) >= begin  # type: ignore[operator]  # as above
                and (row.position if isinstance(end, int) else row.recorded_at) <= end  # type: ignore[operator]  # as above
            ]
            assert [each async for each in replayed(busy, begin, end)] == expected, (begin, end)


@pytest.mark.anyio
async def test_a_replay_can_be_of_some_kinds_and_of_one_stream(busy: Shop) -> None:
    rows = await busy.book.read_page(0, await busy.book.head())
    kinds = frozenset({"StockReserved", "OrderPlaced"})
    name = stream(STOCK, sku(0))
    begin, end = len(rows) // 3, len(rows) // 3 * 2
    for types, of in ((kinds, None), (frozenset[str](), name), (kinds, name)):
        expected = [
            row.position
            for row in rows[begin - 1 : end]
            if (not types or row.type in types) and (of is None or row.stream == of)
        ]
        found = replayed(busy, begin, end, Wanted(types=types, stream=of))
        assert [each.position async for each in found] == expected
        assert expected


@pytest.mark.anyio
async def test_a_replay_knows_how_far_it_has_come(busy: Shop) -> None:
    head = await busy.book.head()
    for wanted in (Wanted(), Wanted(stream=stream(STOCK, sku(0)))):
        parts = [part async for part in replay(busy.book, Span(1, head), wanted)]
        assert parts[-1].position == head
    assert [part async for part in replay(busy.book, Span(5, 4), Wanted())] == []


@pytest.mark.anyio
async def test_an_empty_book_has_no_past(shop: Shop) -> None:
    now = datetime.now(UTC)
    for begin, end in ((None, None), (now, now), (1, 9), (datetime.min.replace(tzinfo=UTC), None)):
        assert (await span(shop.book, begin, end)).length == 0
        assert [each async for each in replayed(shop, begin, end)] == []
