"""/analytics/funnel and /analytics/abandonment: how far carts came, and why no further."""

from litestar import Controller, Response, get
from litestar.di import NamedDependency

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
from src.queries.analytics import abandonment as reasons
from src.queries.analytics import funnel as steps
from src.queries.analytics.abandonment import Abandonment, AbandonmentItem
from src.queries.analytics.funnel import Funnel, FunnelStep


class AnalyticsJourneyController(Controller):
    """Carts by the day they were opened on, whatever became of them later."""

    path = "/analytics"
    tags = ["Analytics"]

    @get("/funnel")
    async def get_funnel(
        self,
        shop: NamedDependency[Shop],
        first_day: FromInQuery = None,
        last_day: ToInQuery = None,
        time_zone: TimeZoneInQuery = None,
        as_of: WordInQuery = None,
        form: FormInQuery = "json",
    ) -> Response[Funnel]:
        """Count the carts opened on some days at each step, the last 30 days if none are named.

        A cart counts once at every step that it came to, at its first time there.
        `share` is of all carts, `drop_off` of those at the step before. Carts that
        went into others are counted there alone: `merged` says how many.
        """
        asked = await question(
            shop,
            steps.VIEWS,
            first_day=first_day,
            last_day=last_day,
            time_zone=time_zone,
            as_of=as_of,
        )
        found = await steps.funnel(shop.analytics, asked.scope)
        return answered(asked, form, found, found.steps, columns_of(FunnelStep))

    @get("/abandonment")
    async def get_abandonment(
        self,
        shop: NamedDependency[Shop],
        first_day: FromInQuery = None,
        last_day: ToInQuery = None,
        time_zone: TimeZoneInQuery = None,
        as_of: WordInQuery = None,
        form: FormInQuery = "json",
    ) -> Response[Abandonment]:
        """Say why carts opened on some days are no orders, the last 30 days if none are named.

        Each cart has one reason, by the last thing that happened to any of its
        checkouts. `value` is the subtotal of that checkout in minor units of
        `currency`, and 0 where there was none.
        """
        asked = await question(
            shop,
            reasons.VIEWS,
            first_day=first_day,
            last_day=last_day,
            time_zone=time_zone,
            as_of=as_of,
        )
        found = await reasons.abandonment(shop.analytics, asked.scope)
        return answered(asked, form, found, found.items, columns_of(AbandonmentItem))
