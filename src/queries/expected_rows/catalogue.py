"""Every table that is compared with the book, and which read model nobody compares."""

from src.projections.catalogue import PROJECTIONS
from src.queries.expected_rows import (
    buyers,
    case_steps,
    carts,
    cases,
    checkout_sessions,
    disputes,
    open_checkouts,
    orders,
    payment_steps,
    payments,
    products,
    refund_steps,
    refunds,
    sales,
    stock,
    stock_movements,
    webhooks,
)
from src.queries.expected_rows.table import Table

TABLES: tuple[Table, ...] = (
    open_checkouts.TABLE,
    carts.TABLE,
    checkout_sessions.SESSIONS,
    checkout_sessions.STEPS,
    buyers.BUYERS,
    buyers.ORDERS,
    orders.TABLE,
    payments.PAYMENTS,
    payments.ORDERS,
    payment_steps.STEPS,
    payment_steps.OPENINGS,
    payment_steps.ENDS,
    refunds.TABLE,
    refund_steps.TABLE,
    sales.ORDERS,
    sales.LINES,
    sales.REFUNDS,
    disputes.TABLE,
    cases.TABLE,
    case_steps.TABLE,
    products.TABLE,
    stock.TABLE,
    stock_movements.MOVEMENTS,
    stock_movements.RESERVATIONS,
    webhooks.TABLE,
)
SUMS = frozenset({"sales_quarters", "payment_quarters"})
"""Tables whose rows add up many streams: `khata rebuild` compares them, no stream can."""
FACTS_OF = frozenset(name for each in TABLES if each.needs_facts for name in each.categories)
"""Categories whose facts are kept while a stream is replayed; short streams,
and those of stock, of which a busy one has tens of thousands."""


def versions() -> dict[str, int]:
    """Return the version of each read model that there is."""
    return {each.NAME: each.VERSION for each in PROJECTIONS}
