"""Believable answers of the funnel and of abandonment."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from src.queries.analytics.abandonment import Abandonment, AbandonmentItem, AbandonmentTotal
from src.queries.analytics.funnel import Funnel, FunnelStep

_FIRST_DAY, _LAST_DAY = date(2025, 12, 17), date(2026, 1, 15)
_STEPS = (
    ("CART_PENDING", 400, 1.0, None, None),
    ("CHECKOUT_STARTED", 300, 0.75, 0.25, 184.0),
    ("PAYMENT_PENDING", 270, 0.675, 0.1, 41.5),
    ("PAYMENT_CONFIRMED", 243, 0.6075, 0.1, 62.0),
    ("ORDER_CREATED", 243, 0.6075, 0.0, 0.0),
)
_REASONS = (
    ("never_started", 80, 0, 0.5096),
    ("expired", 40, 2_196_000, 0.2548),
    ("never_filled", 20, 0, 0.1274),
    ("failed:incorrect_otp", 17, 933_300, 0.1083),
)
_FUNNEL = Funnel(
    currency="INR",
    time_zone="Asia/Kolkata",
    first_day=_FIRST_DAY,
    last_day=_LAST_DAY,
    merged=12,
    steps=[
        FunnelStep(step=step, count=count, share=share, drop_off=off, median_seconds=seconds)
        for step, count, share, off, seconds in _STEPS
    ],
)
_ABANDONMENT = Abandonment(
    currency="INR",
    time_zone="Asia/Kolkata",
    first_day=_FIRST_DAY,
    last_day=_LAST_DAY,
    carts=400,
    ordered=243,
    merged=12,
    items=[
        AbandonmentItem(reason=reason, count=count, value=value, share=share)
        for reason, count, value, share in _REASONS
    ],
    total=AbandonmentTotal(count=157, value=3_129_300),
)
JOURNEY_ANSWERS: Mapping[str, Any] = {
    "analytics_get_funnel": _FUNNEL,
    "analytics_get_abandonment": _ABANDONMENT,
}
"""By operation id."""
