"""Every read model that Khata keeps; whatever is in these lists, a runner feeds."""

from src.projections import (
    buyers,
    case_steps,
    cases,
    coupons,
    customers,
    disputes,
    journeys,
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
from src.projections.projection import Projection

SERVING: tuple[Projection, ...] = (
    orders,
    stock,
    products,
    cases,
    webhooks,
    open_checkouts,
    payments,
    refunds,
    disputes,
    buyers,
)
"""What clients wait for."""
ANALYSTS: tuple[Projection, ...] = (
    journeys,
    customers,
    coupons,
    stock_movements,
    payment_steps,
    refund_steps,
    case_steps,
    sales,
)
"""What is added up for analysts, by a runner of its own: it never holds up a client."""
PROJECTIONS: tuple[Projection, ...] = (*SERVING, *ANALYSTS)
