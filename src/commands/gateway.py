"""What we ask of a payment provider. `src.http.razorpay` answers with the real SDK."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from src.events.money import Money


class PaymentStatus(StrEnum):
    """How far a payment has come, in the order in which it can only go forward.

    `failed` may still become `authorized` or `captured`: banks answer late.
    """

    CREATED = "created"
    FAILED = "failed"
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    REFUNDED = "refunded"


class ProviderOrder(Struct, frozen=True, kw_only=True):
    """A Razorpay order: what one checkout session is to be paid with."""

    razorpay_order_id: str
    receipt: str | None
    due: Money
    status: str


class PaymentReport(Struct, frozen=True, kw_only=True):
    """What the provider says of one payment, whether by webhook, callback or poll."""

    razorpay_order_id: str
    razorpay_payment_id: str
    status: PaymentStatus
    amount: Money
    captured: bool
    """True once money was taken, also when it was given back since; auto-refunds of money
    that was only authorized keep it false."""
    method: str | None = None
    reason: str | None = None
    """Why it failed, in Razorpay's words (`error_reason`)."""
    occurred_at: datetime | None = None


class PaymentGateway(Protocol):
    """A payment provider, asked with a time limit and never twice by itself."""

    @property
    def key_id(self) -> str:
        """The public half of the key, which checkout.js needs."""
        ...

    async def create_order(self, receipt: str, due: Money) -> ProviderOrder:
        """Create the order of one checkout session; the receipt makes a repetition harmless."""
        ...

    async def find_order(self, receipt: str) -> ProviderOrder | None:
        """Return the order that an earlier, interrupted request created, if it did."""
        ...

    async def payments_of(self, razorpay_order_id: str) -> list[PaymentReport]:
        """Return every payment that was tried on an order."""
        ...


class GatewayError(Exception):
    """The provider did not do what we asked; what it did is unknown or nothing.

    GatewayUnavailableError   no answer in time, 5xx, 429, or no connection: ask again later
    GatewayRefusedError       a clear no, which asking again does not change
    """


class GatewayUnavailableError(GatewayError):
    """No usable answer in time. The request may have been carried out: look before repeating."""


class GatewayRefusedError(GatewayError):
    """The provider answered no, with a reason of its own."""

    def __init__(self, description: str, status: int | None = None) -> None:
        super().__init__(description)
        self.status = status
