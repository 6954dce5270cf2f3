"""Every table that is compared with the book, and which read model nobody compares."""

from src.projections.catalogue import PROJECTIONS
from src.queries.expected_rows import (
    buyers,
    carts,
    case_steps,
    cases,
    checkout_sessions,
    coupons,
    customers,
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
    sales.ORDERS,
    sales.LINES,
    sales.REFUNDS,
    refund_steps.TABLE,
    disputes.TABLE,
    cases.TABLE,
    case_steps.TABLE,
    products.TABLE,
    stock.TABLE,
    stock_movements.MOVEMENTS,
    stock_movements.RESERVATIONS,
    webhooks.TABLE,
    customers.CUSTOMERS,
    customers.CLAIMS,
    coupons.COUPONS,
    coupons.REDEMPTIONS,
)
SUMS = frozenset({"sales_quarters", "payment_quarters"})
"""Tables whose rows add up many streams: `khata rebuild` compares them, no stream can."""
FACTS_OF = frozenset(name for each in TABLES if each.needs_facts for name in each.categories)
"""Categories whose facts are kept while a stream is replayed, up to FACTS_MAX of them: streams are
short, but for those of stock. A longer one is compared by `khata rebuild`, as sums are."""


def versions() -> dict[str, int]:
    """Return the version of each read model that there is."""
    return {each.NAME: each.VERSION for each in PROJECTIONS}
