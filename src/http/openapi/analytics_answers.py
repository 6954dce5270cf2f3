"""Believable answers of the calls for those who ask how it goes."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from src.http.csv_answer import csv_of
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


_ROWS = ("ends", "steps", "items")
"""The member of an answer that is given as CSV: the first of these that there is."""


def csv_answer(document: Mapping[str, Any]) -> dict[str, Any]:
    """Describe what `format=csv` makes of an answer."""
    rows = next(document[name] for name in _ROWS if name in document)
    columns = sorted(rows[0], key=lambda name: name != "method")
    example = csv_of(columns, rows).decode()
    return {"text/csv": {"schema": {"type": "string"}, "example": example}}
