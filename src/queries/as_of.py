"""How things stood at a moment: what the facts of a stream had added up to by then."""

from collections.abc import Iterable
from datetime import datetime
from functools import reduce
from typing import Any

import msgspec
from immutables import Map
from msgspec import Struct

from src.events.catalogue import fold_of
from src.events.codec import recorded
from src.events.envelope import Recorded
from src.events.identifiers import ORDER, PAYMENT, PRODUCT, STOCK, Stream, category_of, stream
from src.events.order import (
    NO_ORDER,
    Cancelled,
    Fulfilled,
    NoOrder,
    Order,
    OrderPlaced,
    Placed,
    evolve,
)
from src.events.ports import Book
from src.events.stock import NO_STOCK, Stock
from src.queries.history import Moment, had_come, pages
from src.queries.order_refunds import OrderRefund, order_refunds
from src.queries.stock import StockAnswer, stock_answer


class Standing(Struct, frozen=True, kw_only=True):
    """A state, and the last of the facts that it was added up from."""

    stream: Stream
    version: int
    position: int
    recorded_at: datetime
    begun_at: datetime
    """When the first fact was recorded."""
    state: Any
    """As the stream's own module declares it."""


class StandingOrder(Struct, frozen=True, kw_only=True):
    """An order that had been placed, and how far it had come."""

    state: Placed | Fulfilled | Cancelled
    refunds: tuple[OrderRefund, ...]
    placed_at: datetime
    version: int

    @property
    def order(self) -> OrderPlaced:
        """The order as it was placed."""
        return self.state.order


async def state_at(source: Book, name: Stream, up_to: Moment | None = None) -> Standing | None:
    """Return what a stream's facts had added up to, None before the first of them."""
    fold = fold_of(name)
    state, begun_at, last = fold.nothing_yet, None, None
    async for page in pages(source, name, up_to):
        for each in page:
            state = fold.evolve(state, recorded(each).event)
        begun_at, last = begun_at or page[0].recorded_at, page[-1]
    if last is None or begun_at is None:
        return None
    return Standing(
        stream=name,
        version=last.version,
        position=last.position,
        recorded_at=last.recorded_at,
        begun_at=begun_at,
        state=state,
    )


async def order_as_of(
    source: Book, order_id: str, up_to: Moment | None = None
) -> StandingOrder | None:
    """Return an order as it stood, straight from the book; None before it was placed.

    What became of it and of its money is read at once, and so at one moment.
    """
    name = stream(ORDER, order_id)
    begun = [recorded(each) for each in await source.read_stream(name, up_to=1)]
    if not begun or not had_come(begun[0], up_to):
        return None
    placed: OrderPlaced = begun[0].event
    facts = await _order_and_money(source, name, placed, up_to)
    own = [fact for fact in facts if fact.stream == name]
    money = [fact for fact in facts if fact.stream != name]
    paid = placed.payment
    return StandingOrder(
        state=_standing(own),
        refunds=() if paid is None else order_refunds(money, paid.razorpay_payment_id),
        placed_at=begun[0].recorded_at,
        version=own[-1].version,
    )


async def _order_and_money(
    source: Book, name: Stream, placed: OrderPlaced, up_to: Moment | None
) -> list[Recorded]:
    paid = placed.payment
    names = [name] if paid is None else [name, stream(PAYMENT, paid.razorpay_order_id)]
    read = await source.read_streams(dict.fromkeys(names, 0))
    return [recorded(each) for each in read if had_come(each, up_to)]


def _standing(facts: Iterable[Recorded]) -> Placed | Fulfilled | Cancelled:
    order: Order = reduce(evolve, (fact.event for fact in facts), NO_ORDER)
    if isinstance(order, NoOrder):
        raise AssertionError("an order begins with being placed")
    return order


async def stock_as_of(
    source: Book, sku: str, up_to: Moment | None = None
) -> tuple[StockAnswer, int] | None:
    """Return a stock as it stood, and the version of its last count; None before it was listed."""
    listed = await source.read_stream(stream(PRODUCT, sku), up_to=1)
    if not any(had_come(each, up_to) for each in listed):
        return None
    then = await state_at(source, stream(STOCK, sku), up_to)
    stock: Stock = NO_STOCK if then is None else then.state
    return stock_answer(sku, stock), stock.counted_at


def shown(then: Standing) -> dict[str, Any]:
    """Write a state down as plain JSON: always in the same order, and sealed where it is sealed."""
    state = then.state
    return {
        "stream": then.stream,
        "version": then.version,
        "position": then.position,
        "recorded_at": _plain(then.recorded_at),
        "type": type(state).__name__ if isinstance(state, Struct) else category_of(then.stream),
        "state": _plain(state) | _reckoned(state),
    }


def _reckoned(state: object) -> dict[str, Any]:
    """Return what a state says of itself beyond its fields, such as the units available."""
    members = vars(type(state)).items() if isinstance(state, Struct) else ()
    names = [name for name, member in members if isinstance(member, property)]
    return {name: _plain(getattr(state, name)) for name in names}


def _plain(value: object) -> Any:  # noqa: ANN401  # any part of JSON
    return msgspec.to_builtins(value, enc_hook=_entries, order="deterministic")


def _entries(value: object) -> dict[Any, Any]:
    if isinstance(value, Map):
        return dict(value)  # pyright: ignore[reportUnknownArgumentType]  # whatever a state maps
    raise NotImplementedError(f"a state holds a {type(value).__name__}")
