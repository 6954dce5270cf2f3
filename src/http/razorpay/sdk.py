"""The only door to the `razorpay` SDK, which has no types of its own."""

from importlib.metadata import version
from typing import Protocol, cast

import razorpay  # pyright: ignore[reportMissingTypeStubs]  # the SDK has no types

from src.http.razorpay.session import RazorpaySession
from src.http.razorpay.settings import RazorpaySettings


class OrdersApi(Protocol):
    """What we use of the SDK's `client.order`; every answer is a decoded JSON object."""

    def create(self, data: dict[str, object]) -> object:
        """POST /v1/orders."""
        ...

    def fetch(self, order_id: str) -> object:
        """GET /v1/orders/:id."""
        ...

    def all(self, data: dict[str, object]) -> object:
        """GET /v1/orders."""
        ...

    def payments(self, order_id: str) -> object:
        """GET /v1/orders/:id/payments."""
        ...


def open_orders(settings: RazorpaySettings, session: RazorpaySession) -> OrdersApi:
    """Return the SDK's orders, asking as this account through this session."""
    auth = (settings.key_id, settings.key_secret)
    client = cast("_Sdk", _Client(session=session, auth=auth, base_url=settings.url))
    return client.order


class _Sdk(Protocol):
    order: OrdersApi


_VERSION = version("razorpay")


class _Client(razorpay.Client):  # type: ignore[misc]  # the SDK has no types
    def _get_version(self) -> str:
        """Answer from memory: the SDK reads its package metadata from disk for every request."""
        return _VERSION
