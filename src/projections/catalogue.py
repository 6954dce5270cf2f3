"""Every read model that Khata keeps; whatever is in these lists, a runner feeds."""

from src.projections import (
    buyers,
    cases,
    disputes,
    journeys,
    open_checkouts,
    orders,
    payments,
    products,
    refunds,
    sales,
    stock,
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
ANALYSTS: tuple[Projection, ...] = (journeys, sales)
"""What is added up for analysts, by a runner of its own: it never holds up a client."""
PROJECTIONS: tuple[Projection, ...] = (*SERVING, *ANALYSTS)
