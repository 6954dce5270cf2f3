"""One SKU as whoever runs the shop sees it: what moved lately, and for whom units are held."""

from datetime import datetime

from msgspec import Struct

from src.queries.reading import Reading

VIEWS = ("stock_movements", "reservations")
"""What is asked."""
MOVEMENTS_MAX = 200
HOLDS_MAX = 100


class Movement(Struct, frozen=True, kw_only=True):
    """A fact about a SKU's units, and how they stood after it."""

    position: int
    moved_at: datetime
    kind: str
    quantity: int
    checkout_session_id: str | None
    order_id: str | None
    reason: str | None
    on_hand: int
    reserved: int
    available: int


class Hold(Struct, frozen=True, kw_only=True):
    """Units that are held for a checkout session."""

    position: int
    checkout_session_id: str
    quantity: int
    reserved_at: datetime


class Holds(Struct, frozen=True, kw_only=True):
    """The oldest of them, and how many there are in all."""

    items: list[Hold]
    count: int
    units: int


async def movements(db: Reading, book: int, sku: str, limit: int = MOVEMENTS_MAX) -> list[Movement]:
    """Return a SKU's last movements, the newest first."""
    rows = await db.fetch(_MOVEMENTS, book, sku, limit)
    return [Movement(**dict(zip(Movement.__struct_fields__, row, strict=True))) for row in rows]


async def holds(db: Reading, book: int, sku: str, limit: int = HOLDS_MAX) -> Holds:
    """Return the promises that hold now, the oldest first."""
    rows = await db.fetch(_HOLDS, book, sku, limit)
    return Holds(
        items=[
            Hold(
                position=row["position"],
                checkout_session_id=row["checkout_session_id"],
                quantity=row["quantity"],
                reserved_at=row["reserved_at"],
            )
            for row in rows
        ],
        count=rows[0]["count"] if rows else 0,
        units=rows[0]["units"] if rows else 0,
    )


_MOVEMENTS = """
select position, moved_at, kind, quantity, checkout_session_id, order_id, reason,
    on_hand, reserved, available
from read.stock_movements where book = $1 and sku = $2 order by position desc limit $3
"""
_HOLDS = """
select position, checkout_session_id, quantity, reserved_at,
    count(*) over () as count, (sum(quantity) over ())::bigint as units
from read.reservations where book = $1 and sku = $2 and ended_at is null
order by reserved_at, position limit $3
"""
