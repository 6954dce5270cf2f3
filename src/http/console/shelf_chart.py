"""One SKU's last movements as a chart: what was on hand after each, and what of it was held."""

from collections.abc import Sequence
from datetime import tzinfo

from src.http.console.charts import Chart, Kind, Unit, series
from src.http.console.sheets import plural
from src.queries.shelves import Movement

MOVEMENTS = "movements"
"""The chart's name."""


def shelf_chart(sku: str, newest_first: Sequence[Movement], zone: tzinfo) -> Chart:
    """Return the chart; its steps are movements, however long lay between them."""
    moved = newest_first[::-1]
    return Chart(
        name=MOVEMENTS,
        title=f"Units of {sku}, movement by movement",
        point=_point(newest_first),
        kind=Kind.PERIODS,
        unit=Unit.COUNT,
        labelled="When",
        labels=tuple(f"{each.moved_at.astimezone(zone):%d %b %H:%M}" for each in moved),
        series=(
            series("On hand", [each.on_hand for each in moved]),
            series("Held", [each.reserved for each in moved]),
        ),
    )


def _point(newest_first: Sequence[Movement]) -> str:
    if not newest_first:
        return "Nothing ever moved."
    last = newest_first[0]
    held = plural(last.reserved, "unit")
    return (
        f"After the last movement {plural(last.on_hand, 'unit')} were on hand, {held} of it held."
    )
