"""Every page of the console, for the composition root."""

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from src.http.console.cases import CasesPage
from src.http.console.login import LoginController
from src.http.console.order import OrderPage
from src.http.console.order_actions import OrderActions
from src.http.console.orders import OrdersPage
from src.http.console.payments import PaymentPage
from src.http.console.places import places_for
from src.http.console.render import Console, go_to, show
from src.http.console.webhooks import WebhooksPage
from src.http.shop_request import ShopRequest


@get("/console")
async def home(console: NamedDependency[Console], request: ShopRequest) -> Response[None]:
    """Lead to the first page that somebody may see."""
    places = places_for(request.caller)
    return go_to(places[0].path) if places else show(console, request, "nothing.html")


@get("/console/files/{stamp:str}/{file:str}")
async def files(
    console: NamedDependency[Console], stamp: FromPath[str], file: FromPath[str]
) -> Response[Any]:
    """Give a file that pages ask for."""
    return console.files.answer(stamp, file)


PAGES: tuple[ControllerRouterHandler, ...] = (
    home,
    files,
    LoginController,
    OrdersPage,
    OrderPage,
    OrderActions,
    PaymentPage,
    CasesPage,
    WebhooksPage,
)
