"""The money that came in, payment by payment: ours, and apart from it what others asked for."""

from datetime import datetime

from msgspec import Struct

from src.events.connection import Row
from src.events.identifiers import order_of
from src.events.money import Money
from src.queries.conditions import Conditions
from src.queries.page import LIMIT_DEFAULT, Cursors, Page, page_of, rows_wanted
from src.queries.payment_details import Details, PaymentDispute, PaymentRefund, details_of
from src.queries.reading import Reading

LIST = "payments"


class Place(Struct, frozen=True, array_like=True):
    """Where in the list a payment stands; news of several can be written at one moment."""

    first_seen: datetime
    razorpay_order_id: str
    razorpay_payment_id: str


class PaymentAnswer(Struct, frozen=True, kw_only=True):
    """One payment, and what became of its money."""

    razorpay_payment_id: str
    razorpay_order_id: str
    ours: bool
    """Whether this book made the Razorpay order; nobody here decides about other money."""
    checkout_session_id: str | None
    order_id: str | None
    """The order that this money paid for; null for money that did not become one."""
    amount: Money
    method: str | None
    status: str
    """`authorized`, `captured`, `failed`, or `returned` for what was promised and never taken."""
    reason: str | None
    """Why it failed."""
    taking: str
    """What is to become of promised money that only we can take."""
    refunded: Money
    """What went back, or is on its way."""
    refunds: tuple[PaymentRefund, ...]
    disputes: tuple[PaymentDispute, ...]
    open_cases: tuple[str, ...]
    first_seen: datetime
    changed_at: datetime


async def list_payments(  # noqa: PLR0913  # each filter has its name
    db: Reading,
    book: int,
    cursors: Cursors,
    *,
    ours: bool = True,
    status: str | None = None,
    razorpay_order_id: str | None = None,
    order_id: str | None = None,
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> Page[PaymentAnswer]:
    """Return payments, the newest first; with `order_id` those on its Razorpay order."""
    where = Conditions(book)
    where.add("ours = ?", ours)
    where.given("status = ?", status)
    where.given("razorpay_order_id = ?", razorpay_order_id)
    where.given(_ON_ORDER, order_id)
    if cursor is not None:
        place = cursors.read(LIST, cursor, Place)
        about = (place.razorpay_order_id, place.razorpay_payment_id)
        where.add(
            "(first_seen, razorpay_order_id, payment_id) < (?, ?, ?)", place.first_seen, *about
        )
    rows = await db.fetch(
        f"{_SELECT} where {where}"
        " order by first_seen desc, razorpay_order_id desc, payment_id desc"
        f" limit {rows_wanted(limit)}",
        *where.values,
    )
    details = await _details(db, book, rows)
    return page_of(
        rows,
        limit,
        lambda row: _answer(row, details),
        lambda row: cursors.write(LIST, _place(row)),
    )


async def find_payment(db: Reading, book: int, razorpay_payment_id: str) -> PaymentAnswer | None:
    """Return one payment, whoever's it is."""
    row = await db.fetchrow(_ONE, book, razorpay_payment_id)
    return None if row is None else _answer(row, await _details(db, book, [row]))


async def razorpay_order_of(db: Reading, book: int, razorpay_payment_id: str) -> str | None:
    """Return the Razorpay order that a payment was made on.

    It asks for no more, so that a list that an older Khata built can still tell.
    """
    found: str | None = await db.fetchval(_ORDER_OF, book, razorpay_payment_id)
    return found


async def _details(db: Reading, book: int, rows: list[Row]) -> Details:
    orders = {row["razorpay_order_id"] for row in rows}
    sessions = {row["checkout_session_id"] for row in rows} - {None}
    return await details_of(db, book, orders, {order_of(each)[0] for each in sessions})


def _place(row: Row) -> Place:
    return Place(row["first_seen"], row["razorpay_order_id"], row["payment_id"])


def _answer(row: Row, details: Details) -> PaymentAnswer:
    name, currency = row["payment_id"], row["currency"]
    refunds = details.refunds.get(name, ())
    return PaymentAnswer(
        razorpay_payment_id=name,
        razorpay_order_id=row["razorpay_order_id"],
        ours=row["ours"],
        checkout_session_id=row["checkout_session_id"],
        order_id=details.paid_for.get(name),
        amount=Money(row["amount_minor"], currency),
        method=row["method"],
        status=row["status"],
        reason=row["reason"],
        taking=row["taking"],
        refunded=Money(sum(each.amount.amount for each in refunds if each.goes_back), currency),
        refunds=refunds,
        disputes=details.disputes.get(name, ()),
        open_cases=details.open_cases.get(name, ()),
        first_seen=row["first_seen"],
        changed_at=row["changed_at"],
    )


_SELECT = """
select payment_id, razorpay_order_id, ours, checkout_session_id, amount_minor, currency, method,
    status, reason, taking, first_seen, changed_at
from models.payments
"""
_ONE = f"""
{_SELECT} where book = $1 and payment_id = $2 order by ours desc, razorpay_order_id limit 1
"""
_ORDER_OF = """
select razorpay_order_id from models.payments where book = $1 and payment_id = $2
order by razorpay_order_id limit 1
"""
_ON_ORDER = """
razorpay_order_id = (
    select document -> 'payment' ->> 'razorpay_order_id' from models.orders
    where orders.book = $1 and orders.order_id = ?)
"""
