"""Believable answers of the calls for those who ask how it goes."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from src.http.openapi.late_money_answers import LATE_MONEY_ANSWERS
from src.queries.analytics.sales import Amounts, Sales, SalesItem

_SALES = Sales(
    currency="INR",
    time_zone="Asia/Kolkata",
    first_day=date(2026, 1, 14),
    last_day=date(2026, 1, 15),
    by="day",
    items=[
        SalesItem(
            period=date(2026, 1, 14),
            orders=0,
            units=0,
            gross=0,
            discounts=0,
            shipping=0,
            refunds=0,
            net=0,
        ),
        SalesItem(
            period=date(2026, 1, 15),
            orders=2,
            units=4,
            gross=99_600,
            discounts=4_980,
            shipping=10_000,
            refunds=24_900,
            net=79_720,
        ),
    ],
    total=Amounts(
        orders=2,
        units=4,
        gross=99_600,
        discounts=4_980,
        shipping=10_000,
        refunds=24_900,
        net=79_720,
    ),
)
ANALYTICS_ANSWERS: Mapping[str, Any] = {
    "analytics_get_sales": _SALES,
    **LATE_MONEY_ANSWERS,
}
"""By operation id."""
