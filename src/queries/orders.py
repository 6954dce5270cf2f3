"""Orders, newest first, for the customer they belong to and for staff."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from src.events.money import Money
from src.projections.order_document import OrderDocument
from src.queries.conditions import Conditions
from src.queries.page import LIMIT_DEFAULT, Cursors, Page, page_of, rows_wanted
from src.queries.reading import Reading

LIST = "orders"


class Place(Struct, frozen=True, array_like=True):
    """Where in the list an order stands."""

    placed_at: datetime
    position: int


async def list_orders(  # noqa: PLR0913  # each filter has its name
    db: Reading,
    book: int,
    cursors: Cursors,
    *,
    buyers: Sequence[str] | None = None,
    status: str | None = None,
    number: str | None = None,
    placed_from: datetime | None = None,
    placed_to: datetime | None = None,
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> Page[OrderDocument]:
    """Return orders placed at or after `placed_from` and before `placed_to`, of these buyers."""
    where = conditions_of(
        book,
        buyers=buyers,
        status=status,
        number=number,
        placed_from=placed_from,
        placed_to=placed_to,
    )
    if cursor is not None:
        place = cursors.read(LIST, cursor, Place)
        where.add("(placed_at, position) < (?, ?)", place.placed_at, place.position)
    rows = await db.fetch(
        f"{_SELECT} where {where} order by placed_at desc, position desc"
        f" limit {rows_wanted(limit)}",
        *where.values,
    )
    return page_of(rows, limit, _answer, lambda row: cursors.write(LIST, Place(row[2], row[3])))


def conditions_of(  # noqa: PLR0913  # each filter has its name
    book: int,
    *,
    buyers: Sequence[str] | None = None,
    status: str | None = None,
    number: str | None = None,
    placed_from: datetime | None = None,
    placed_to: datetime | None = None,
) -> Conditions:
    """Return which orders are meant."""
    where = Conditions(book)
    where.given("customer_id = any(?::text[])", None if buyers is None else list(buyers))
    where.given("status = ?", status)
    where.given("number = ?", number)
    where.given("placed_at >= ?", placed_from)
    where.given("placed_at < ?", placed_to)
    return where


async def find_order(db: Reading, book: int, order_id: str) -> OrderDocument | None:
    """Return one order."""
    row = await db.fetchrow(f"{_SELECT} where book = $1 and order_id = $2", book, order_id)
    return None if row is None else _answer(row)


async def order_id_of(db: Reading, book: int, number: str) -> str | None:
    """Return the id of the order that a person reads this number from.

    It asks for no more, so that a list that an older Khata built can still tell.
    """
    statement = "select order_id from models.orders where book = $1 and number = $2"
    found: str | None = await db.fetchval(statement, book, number)
    return found


async def buyers_among(db: Reading, book: int, persons: Sequence[str]) -> frozenset[str]:
    """Return those of these persons who have an order."""
    statement = """
    select customer_id from unnest($2::text[]) as each(customer_id)
    where exists (
        select from models.orders as placed
        where placed.book = $1 and placed.customer_id = each.customer_id)
    """
    rows = await db.fetch(statement, book, list(persons))
    return frozenset(row["customer_id"] for row in rows)


_decoder = msgspec.json.Decoder(OrderDocument)


def _answer(row: Any) -> OrderDocument:  # noqa: ANN401  # a row of the statement below
    """The document never changes; how far the order has come stands beside it."""
    document: OrderDocument = _decoder.decode(row["document"])
    return replace(
        document,
        status=row["status"],
        fulfilments=tuple(row["fulfilments"]),
        cancelled_reason=row["cancelled_reason"],
        refunded=Money(row["refunded_minor"], document.refunded.currency),
    )


_SELECT = """
select document, status, placed_at, position, fulfilments, cancelled_reason,
    (
        select coalesce(sum(back.amount_minor), 0)::bigint from models.refunds as back
        where back.book = placed.book and back.order_id = placed.order_id
            and back.status in ('requested', 'pending', 'processed')
    ) as refunded_minor
from models.orders as placed
"""
