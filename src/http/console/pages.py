"""Every page of the console, for the composition root."""

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from src.http.console.book import BookPage
from src.http.console.cases import CasesPage
from src.http.console.feed import FeedPage
from src.http.console.figures import FiguresPage
from src.http.console.home import HomePage
from src.http.console.login import LoginController
from src.http.console.models import ModelsPage
from src.http.console.order import OrderPage
from src.http.console.order_actions import OrderActions
from src.http.console.orders import OrdersPage
from src.http.console.payments import PaymentPage
from src.http.console.proofs import ProofsPage
from src.http.console.render import Console
from src.http.console.stock import StockPage
from src.http.console.webhooks import WebhooksPage


@get("/console/files/{stamp:str}/{file:str}")
async def files(
    console: NamedDependency[Console], stamp: FromPath[str], file: FromPath[str]
) -> Response[Any]:
    """Give a file that pages ask for."""
    return console.files.answer(stamp, file)


PAGES: tuple[ControllerRouterHandler, ...] = (
    HomePage,
    files,
    LoginController,
    OrdersPage,
    OrderPage,
    OrderActions,
    PaymentPage,
    CasesPage,
    WebhooksPage,
    FeedPage,
    StockPage,
    FiguresPage,
    ModelsPage,
    BookPage,
    ProofsPage,
)
