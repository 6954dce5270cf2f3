"""Every read model that Khata keeps; whatever is in this list, the runner feeds."""

from src.projections import (
    buyers,
    cases,
    disputes,
    open_checkouts,
    orders,
    payments,
    products,
    refunds,
    stock,
    webhooks,
)
from src.projections.projection import Projection

PROJECTIONS: tuple[Projection, ...] = (
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
