"""/analytics/sales: what was sold, by day, week, month or SKU."""

from enum import StrEnum
from typing import Annotated

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from src.http.analytics import (
    FormInQuery,
    FromInQuery,
    TimeZoneInQuery,
    ToInQuery,
    answered,
    question,
)
from src.http.csv_answer import columns_of
from src.http.parameters import WordInQuery
from src.http.shop import Shop
from src.queries.analytics.sales import VIEWS, Sales, SalesItem, sales


class By(StrEnum):
    """What one item is about."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    SKU = "sku"


ByInQuery = Annotated[By, QueryParameter(name="by")]


class AnalyticsSalesController(Controller):
    """Sales for those who ask how it goes."""

    path = "/analytics/sales"
    tags = ["Analytics"]

    @get()
    async def get_sales(
        self,
        shop: NamedDependency[Shop],
        first_day: FromInQuery = None,
        last_day: ToInQuery = None,
        by: ByInQuery = By.DAY,
        time_zone: TimeZoneInQuery = None,
        as_of: WordInQuery = None,
        form: FormInQuery = "json",
    ) -> Response[Sales]:
        """Add up what was sold on some days, the last 30 if none are named.

        All amounts are in minor units of `currency`. `gross` is units times price before
        discounts, and `net` is gross - discounts + shipping - refunds. An order counts
        when it is placed, and stays counted when it is cancelled: its refund takes it
        out. A refund counts when it begins to go back, and is taken off again when it
        fails; what a bank took back over a dispute is none. Every period of the range
        has its item, a week by its Monday and a month by its first day; only days of the
        range are counted. By SKU the best come first, and shipping and refunds, which
        belong to no SKU, stand last with `sku` null: all columns but `orders` add up to
        `total`.
        """
        asked = await question(
            shop, VIEWS, first_day=first_day, last_day=last_day, time_zone=time_zone, as_of=as_of
        )
        found = await sales(shop.analytics, asked.scope, by)
        return answered(asked, form, found, found.items, _columns(by))


def _columns(by: By) -> list[str]:
    """Return the columns of CSV: what is left out in JSON has none."""
    out = {"period"} if by is By.SKU else {"sku", "name"}
    return [name for name in columns_of(SalesItem) if name not in out]
