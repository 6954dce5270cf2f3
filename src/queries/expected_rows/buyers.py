"""Buyers: one row a session whose buyer is known, and one a Razorpay order that is ours."""

from src.events.checkout import Started
from src.events.identifiers import CHECKOUT, PAYMENT
from src.events.payment import Payment
from src.queries.expected_rows.table import NONE, Rows, Stood, Table, one


def _buyer(stood: Stood) -> Rows:
    """Find who a session names: at the intent at the latest, an account from the start."""
    session = stood.state
    intent = None if isinstance(session, Started) else session.intent
    named = session.basis.customer_id if intent is None else intent.customer_id
    return NONE if named is None else one(named)


def _order(stood: Stood) -> Rows:
    payment: Payment = stood.state
    return NONE if payment.opened is None else one(payment.opened.checkout_session_id)


BUYERS = Table(
    model="buyers",
    name="buyers",
    categories=(CHECKOUT,),
    key="checkout_session_id",
    columns=("customer_id",),
    expected=_buyer,
)
ORDERS = Table(
    model="buyers",
    name="buyer_orders",
    categories=(PAYMENT,),
    key="razorpay_order_id",
    columns=("checkout_session_id",),
    expected=_order,
)
