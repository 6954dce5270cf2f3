"""/analytics/payments and /analytics/late-money: how paying goes, and what came too late."""

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
from src.queries.analytics import late_money as late
from src.queries.analytics import payments
from src.queries.analytics.late_money import Ended, LateMoney
from src.queries.analytics.payments import PaymentSuccess, Tries

_METHODS = ("method", *columns_of(Tries))
"""The columns of CSV."""


class AnalyticsPaymentController(Controller):
    """Money for those who ask how paying goes."""

    path = "/analytics"
    tags = ["Analytics"]

    @get("/payments")
    async def get_payment_success(
        self,
        shop: NamedDependency[Shop],
        first_day: FromInQuery = None,
        last_day: ToInQuery = None,
        time_zone: TimeZoneInQuery = None,
        as_of: WordInQuery = None,
        form: FormInQuery = "json",
    ) -> Response[PaymentSuccess]:
        """Tell how many payments succeed, by method, and why others failed.

        A payment counts on the day on which it was first heard of, once, by what has
        become of it since: captured, failed, returned (promised, and given back by
        Razorpay untaken) or pending. One attempt to buy may have several payments.
        Money on the same Razorpay account that is not the shop's is left out. Amounts
        are in minor units of `currency`. What Razorpay does not name is `not named`.
        As CSV, the methods are given.
        """
        asked = await question(
            shop,
            payments.VIEWS,
            first_day=first_day,
            last_day=last_day,
            time_zone=time_zone,
            as_of=as_of,
        )
        found = await payments.payment_success(shop.analytics, asked.scope)
        return answered(asked, form, found, found.items, _METHODS)

    @get("/late-money")
    async def get_late_money(
        self,
        shop: NamedDependency[Shop],
        first_day: FromInQuery = None,
        last_day: ToInQuery = None,
        time_zone: TimeZoneInQuery = None,
        as_of: WordInQuery = None,
        form: FormInQuery = "json",
    ) -> Response[LateMoney]:
        """Tell what was captured after its session had ended, and how each of it ended.

        A session ends when its payment fails, when it is cancelled, expires, or another
        one of the same cart is paid first. Money that was captured later, by the order
        of the facts in the book, is an order, a refund, an open case or a resolved
        case: exactly one of these. `nothing_yet` counts only where `as_of` names a
        position between a capture and what follows from it in the same moment. A
        payment counts on the day on which it was captured. `items` are the newest 100.
        As CSV, the ends are given.
        """
        asked = await question(
            shop,
            late.VIEWS,
            first_day=first_day,
            last_day=last_day,
            time_zone=time_zone,
            as_of=as_of,
        )
        found = await late.late_money(shop.analytics, asked.scope)
        return answered(asked, form, found, found.ends, columns_of(Ended))
