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


class PaymentsApi(Protocol):
    """What we use of the SDK's `client.payment`.

    The SDK writes into the dictionaries it is given, and into its own default ones
    where it is given none, which all threads share: each call brings fresh ones.
    """

    def fetch(self, payment_id: str, data: dict[str, object]) -> object:
        """GET /v1/payments/:id."""
        ...

    def all(self, data: dict[str, object]) -> object:
        """GET /v1/payments."""
        ...

    def capture(self, payment_id: str, amount: int, data: dict[str, object]) -> object:
        """POST /v1/payments/:id/capture."""
        ...

    def refund(
        self, payment_id: str, data: dict[str, object], *, headers: dict[str, str]
    ) -> object:
        """POST /v1/payments/:id/refund."""
        ...

    def fetch_multiple_refund(self, payment_id: str, data: dict[str, object]) -> object:
        """GET /v1/payments/:id/refunds."""
        ...


class RefundsApi(Protocol):
    """What we use of the SDK's `client.refund`."""

    def all(self, data: dict[str, object]) -> object:
        """GET /v1/refunds."""
        ...


class Sdk(Protocol):
    """What we use of the SDK's client."""

    order: OrdersApi
    payment: PaymentsApi
    refund: RefundsApi


def open_sdk(settings: RazorpaySettings, session: RazorpaySession) -> Sdk:
    """Return the SDK's client, asking as this account through this session."""
    auth = (settings.key_id, settings.key_secret)
    return cast("Sdk", _Client(session=session, auth=auth, base_url=settings.url))


_VERSION = version("razorpay")


class _Client(razorpay.Client):  # type: ignore[misc]  # the SDK has no types
    def _get_version(self) -> str:
        """Answer from memory: the SDK reads its package metadata from disk for every request."""
        return _VERSION
