"""Sales as a page of figures: period by period, and the SKUs that sold best."""

from datetime import date

from src.http.analytics import Question
from src.http.console.charts import Chart, Kind, Unit, series
from src.http.console.sheets import Figure, Sheet, Table, count, day, money, plural
from src.queries.analytics.sales import SKU, Amounts, Sales, SalesItem, sales
from src.queries.reading import Reading

SKUS_SHOWN_MAX = 10
"""In the chart; the table names more of them."""
SKU_ROWS_MAX = 100
HEADS = ("Orders", "Units", "Gross", "Discounts", "Shipping", "Refunds", "Net")


async def sales_sheet(db: Reading, asked: Question, by: str) -> Sheet:
    """Add up the sales of a range by day, week or month; raises TooManyGroups."""
    by_period = await sales(db, asked.scope, by)
    by_sku = await sales(db, asked.scope, SKU)
    return Sheet(
        title="Sales",
        about=(
            "Gross is what was ordered at its price; net = gross - discounts + shipping - refunds."
            " A refund counts on the day on which it began to go back."
        ),
        sums=_sums(by_period.total, by_period.currency),
        figures=[of_periods(by_period), _of_skus(by_sku)],
        tables=[],
        fresh=asked.fresh,
    )


def _sums(total: Amounts, currency: str) -> list[tuple[str, str]]:
    return list(zip(HEADS, _cells(total, currency), strict=True))


def of_periods(found: Sales) -> Figure:
    """Return what was sold period by period."""
    items, currency = found.items, found.currency
    chart = Chart(
        name="periods",
        title=f"Sales by {found.by}",
        point=_main_point(found),
        kind=Kind.PERIODS,
        unit=Unit.MONEY,
        currency=currency,
        labelled=found.by.capitalize(),
        labels=tuple(_named(item) for item in items),
        series=(
            series("Gross", [item.gross for item in items]),
            series("Refunds", [item.refunds for item in items]),
            series("Net", [item.net for item in items]),
        ),
    )
    table = Table(
        caption=f"Sales by {found.by}, in {currency}",
        heads=(found.by.capitalize(), *HEADS),
        rows=[(_named(item), *_cells(item, currency)) for item in items],
        foot=("Total", *_cells(found.total, currency)),
    )
    return Figure(chart=chart, table=table)


def _main_point(found: Sales) -> str:
    total, currency = found.total, found.currency
    if not total.orders and not total.refunds:
        return "Nothing was sold in this range."
    brought = f"{plural(total.orders, 'order')} brought {money(total.net, currency)} net"
    best = max(found.items, key=lambda item: item.net)
    if not total.orders or best.net <= 0:
        return f"{brought}."
    return f"{brought}; the best {found.by} was {_named(best)} with {money(best.net, currency)}."


def _named(item: SalesItem) -> str:
    """Write a period by its first day."""
    return day(item.period) if isinstance(item.period, date) else ""


def _of_skus(found: Sales) -> Figure:
    items, currency = [item for item in found.items if item.sku], found.currency
    shown = items[:SKUS_SHOWN_MAX]
    chart = Chart(
        name="skus",
        title="Best sold",
        point=_best_sku(items, currency),
        kind=Kind.PARTS,
        unit=Unit.MONEY,
        currency=currency,
        labelled="SKU",
        labels=tuple(str(item.sku) for item in shown),
        series=(series("Gross", [item.gross for item in shown]),),
    )
    rows = found.items[:SKU_ROWS_MAX]
    table = Table(
        caption=_sku_caption(len(found.items)),
        heads=("SKU", "Name", *HEADS),
        rows=[_sku_row(item, currency) for item in rows],
        foot=("Total", "", *_cells(found.total, currency)),
        words=2,
    )
    return Figure(chart=chart, table=table)


def _best_sku(items: list[SalesItem], currency: str) -> str:
    if not items:
        return "No SKU was sold in this range."
    best = items[0]
    return f"{best.sku} sold best: {plural(best.units, 'unit')} for {money(best.gross, currency)}."


def _sku_caption(there: int) -> str:
    if there <= SKU_ROWS_MAX:
        return "Sales by SKU; shipping and refunds belong to none"
    return f"The first {SKU_ROWS_MAX} of {there:,} SKUs; the total is of all"


def _sku_row(item: SalesItem, currency: str) -> tuple[str, ...]:
    named = str(item.sku) if item.sku else "No SKU"
    return named, str(item.name or ""), *_cells(item, currency)


def _cells(item: SalesItem | Amounts, currency: str) -> tuple[str, ...]:
    amounts = (item.gross, item.discounts, item.shipping, item.refunds, item.net)
    return (
        count(item.orders),
        count(item.units),
        *(money(amount, currency) for amount in amounts),
    )
