"""Orders: every one of them, filtered, or the one that somebody looks for."""

from datetime import datetime

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from msgspec import Struct

from src.events.order import OrderStatus
from src.http.console.filters import (
    DayInQuery,
    PageInQuery,
    TextInQuery,
    address_of,
    from_day,
    one_of,
    text,
    to_day,
)
from src.http.console.order_search import buyers_of, is_email, page_of
from src.http.console.render import Console, go_to, show
from src.http.shop import Shop
from src.http.shop_request import ShopRequest
from src.projections.order_document import OrderDocument
from src.queries.conditions import Conditions
from src.queries.order_totals import order_totals
from src.queries.orders import conditions_of, list_orders
from src.queries.page import Page

PATH = "/console/orders"


class Meant(Struct, frozen=True, kw_only=True):
    """Which orders the filters mean."""

    status: OrderStatus | None
    since: datetime | None
    until: datetime | None


class OrdersPage(Controller):
    """Orders for staff who serve people."""

    path = PATH

    @get()
    async def orders(
        self,
        shop: NamedDependency[Shop],
        console: NamedDependency[Console],
        request: ShopRequest,
        q: TextInQuery = None,
        status: TextInQuery = None,
        placed_from: DayInQuery = None,
        placed_to: DayInQuery = None,
        cursor: PageInQuery = None,
    ) -> Response[None]:
        """List orders, newest first; what only one order has leads straight to it."""
        chosen = {"q": q, "status": status, "placed_from": placed_from, "placed_to": placed_to}
        meant = Meant(
            status=one_of("status", OrderStatus, status),
            since=from_day("placed_from", placed_from, console.zone),
            until=to_day("placed_to", placed_to, console.zone),
        )
        await shop.caught_up()
        wanted, buyers = text(q), None
        if wanted is not None:
            buyers = await buyers_of(shop, wanted) if is_email(wanted) else []
            found = None if is_email(wanted) else await page_of(shop, wanted)
            if found is not None:
                return go_to(found)
        return show(
            console,
            request,
            "orders.html",
            page=await _page(shop, meant, buyers, text(cursor)),
            totals=await order_totals(shop.reads, _conditions(shop, meant, buyers)),
            chosen=chosen,
            statuses=list(OrderStatus),
            more=address_of(PATH, chosen),
        )


async def _page(
    shop: Shop, meant: Meant, buyers: list[str] | None, cursor: str | None
) -> Page[OrderDocument]:
    return await list_orders(
        shop.reads,
        shop.book_id,
        shop.cursors,
        buyers=buyers,
        status=meant.status,
        placed_from=meant.since,
        placed_to=meant.until,
        cursor=cursor,
    )


def _conditions(shop: Shop, meant: Meant, buyers: list[str] | None) -> Conditions:
    return conditions_of(
        shop.book_id,
        buyers=buyers,
        status=meant.status,
        placed_from=meant.since,
        placed_to=meant.until,
    )
