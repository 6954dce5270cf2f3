"""Who may call is said before the body is read: a stranger learns nothing from a 422."""

from typing import Any, cast

from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from src.http.shop_request import ShopRequest


def customers_only(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Refuse everybody but customers."""
    cast("ShopRequest", connection).customer()
