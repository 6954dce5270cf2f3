"""A believable answer about stock over time."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from src.queries.analytics.stock import StockItem, StockTurnover, StockUnits

_ITEM = StockItem(
    sku="CHAI-250",
    name="Masala chai, 250 g",
    opening=40,
    received=60,
    adjusted=-1,
    sold=45,
    returned=2,
    closing=56,
    mean_on_hand=48.25,
    turnover=0.9326,
    on_hand=56,
    held=4,
    available=52,
    days_of_cover=34.6667,
    oldest_hold_seconds=412,
)
_TOTAL = StockUnits(**{name: getattr(_ITEM, name) for name in StockUnits.__struct_fields__})
STOCK_ANSWERS: Mapping[str, Any] = {
    "analytics_get_stock": StockTurnover(
        time_zone="Asia/Kolkata",
        first_day=date(2025, 12, 17),
        last_day=date(2026, 1, 15),
        items=[_ITEM],
        total=_TOTAL,
    )
}
"""By operation id."""
