"""The front of the console: how the shop is, at a glance, as far as somebody may see it."""

import asyncio
from datetime import date
from zoneinfo import ZoneInfo

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from msgspec import Struct

from src.events.money import Money
from src.http.analytics import question
from src.http.auth import Caller, may_enter
from src.http.console.models import in_a_sentence
from src.http.console.places import HOME, places_for
from src.http.console.render import Console, show
from src.http.shop import Shop
from src.http.shop_request import ShopRequest
from src.projections.catalogue import PROJECTIONS
from src.projections.order_document import OrderDocument
from src.queries.analytics import sales
from src.queries.analytics.periods import Period
from src.queries.analytics.sales import Amounts
from src.queries.figures import Waiting, waiting
from src.queries.model_places import model_places
from src.queries.orders import list_orders

ORDERS_SHOWN = 5


class Today(Struct, frozen=True, kw_only=True):
    """What was sold since the shop's midnight."""

    day: date
    amounts: Amounts
    net: Money


class Glance(Struct, frozen=True, kw_only=True):
    """What somebody may see of it; None for what they may not."""

    today: Today | None
    waiting: Waiting | None
    orders: list[OrderDocument] | None
    models: str | None
    """How the read models are, in a sentence."""


class HomePage(Controller):
    """The front page."""

    path = HOME

    @get()
    async def home(
        self, shop: NamedDependency[Shop], console: NamedDependency[Console], request: ShopRequest
    ) -> Response[None]:
        """Show today's sales, what waits for a person, and the newest orders."""
        if not places_for(request.caller):
            return show(console, request, "nothing.html")
        glance = await _glance(shop, request.caller)
        return show(console, request, "home.html", glance=glance)


async def _glance(shop: Shop, caller: Caller) -> Glance:
    today, waits, orders, models = await asyncio.gather(
        _today(shop, may_see=may_enter(caller, "/console/charts")),
        _waiting(shop, may_see=may_enter(caller, "/console/cases")),
        _orders(shop, may_see=may_enter(caller, "/console/orders")),
        _models(shop, may_see=may_enter(caller, "/console/models")),
    )
    return Glance(today=today, waiting=waits, orders=orders, models=models)


async def _today(shop: Shop, *, may_see: bool) -> Today | None:
    if not may_see:
        return None
    day = shop.clock().astimezone(ZoneInfo(shop.time_zone)).date()
    asked = await question(
        shop, sales.VIEWS, first_day=day, last_day=day, time_zone=None, as_of=None
    )
    found = await sales.sales(shop.analytics, asked.scope, Period.DAY)
    return Today(day=day, amounts=found.total, net=Money(found.total.net, found.currency))


async def _waiting(shop: Shop, *, may_see: bool) -> Waiting | None:
    return await waiting(shop.reads, shop.book_id) if may_see else None


async def _orders(shop: Shop, *, may_see: bool) -> list[OrderDocument] | None:
    if not may_see:
        return None
    page = await list_orders(shop.reads, shop.book_id, shop.cursors, limit=ORDERS_SHOWN)
    return page.items


async def _models(shop: Shop, *, may_see: bool) -> str | None:
    if not may_see:
        return None
    places = await model_places(shop.reads, shop.book_id, PROJECTIONS, shop.clock())
    return in_a_sentence(places)
