"""Which order somebody means who knows it by the name that Razorpay has for it."""

from src.events.identifiers import order_of
from src.queries.reading import Reading


async def order_on(db: Reading, book: int, razorpay_order_id: str) -> str | None:
    """Return the order that a Razorpay order of ours became."""
    session = await db.fetchval(_SESSION, book, razorpay_order_id)
    if session is None:
        return None
    found: str | None = await db.fetchval(_ORDER, book, order_of(session)[0])
    return found


_SESSION = """
select checkout_session_id from models.payment_orders
where book = $1 and razorpay_order_id = $2
"""
_ORDER = "select order_id from models.orders where book = $1 and order_id = $2"
