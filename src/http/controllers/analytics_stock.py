"""/analytics/stock: how fast units are sold, and how long what is there will last."""

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
from src.http.fields import CODE_PATTERN, SKU_LENGTH_MAX
from src.http.parameters import WordInQuery
from src.http.shop import Shop
from src.queries.analytics.stock import VIEWS, StockItem, StockTurnover, stock_turnover

SkuInQuery = Annotated[
    str | None, QueryParameter(min_length=1, max_length=SKU_LENGTH_MAX, pattern=CODE_PATTERN)
]


class AnalyticsStockController(Controller):
    """Units, over time and now."""

    path = "/analytics/stock"
    tags = ["Analytics"]

    @get()
    async def get_stock(
        self,
        shop: NamedDependency[Shop],
        first_day: FromInQuery = None,
        last_day: ToInQuery = None,
        sku: SkuInQuery = None,
        time_zone: TimeZoneInQuery = None,
        as_of: WordInQuery = None,
        form: FormInQuery = "json",
    ) -> Response[StockTurnover]:
        """Say of every SKU, or of one, what moved on some days and how long the rest will last.

        `opening` + `received` + `adjusted` - `sold` + `returned` = `closing`. `turnover` is
        `sold` by the mean of the units on hand, every moment of the range counting alike;
        `days_of_cover` is what is `available` now by the units sold a day. `held` units
        are promised to open checkout sessions, the oldest for `oldest_hold_seconds`. Now
        is the moment of `as_of`, where one is named.
        """
        asked = await question(
            shop, VIEWS, first_day=first_day, last_day=last_day, time_zone=time_zone, as_of=as_of
        )
        skus = None if sku is None else [sku]
        found = await stock_turnover(shop.analytics, asked.scope, asked.now, skus)
        return answered(asked, form, found, found.items, columns_of(StockItem))
