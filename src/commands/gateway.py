"""What we ask of a payment provider. `src.http.razorpay` answers with the real SDK."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from src.events.capture import CaptureMode
from src.events.dispute import DisputeStatus
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
    """Why it failed, in Razorpay's word (`error_reason`). Its sentence (`error_description`) is
    free text, which may name a person, and what is written here is never forgotten."""
    occurred_at: datetime | None = None


class RefundStatus(StrEnum):
    """How far money has gone on its way back; a bank may still say no to a pending refund."""

    PENDING = "pending"
    PROCESSED = "processed"
    FAILED = "failed"


class RefundReport(Struct, frozen=True, kw_only=True):
    """What the provider says of one refund, whether by webhook, answer or list."""

    razorpay_order_id: str
    razorpay_payment_id: str
    razorpay_refund_id: str
    status: RefundStatus
    amount: Money
    receipt: str | None = None
    """Our own id of the refund; None when somebody else gave the money back."""
    reason: str | None = None
    """Why it failed, in Razorpay's words, if it says so."""
    occurred_at: datetime | None = None


class DisputeReport(Struct, frozen=True, kw_only=True):
    """What the provider says of one dispute."""

    razorpay_order_id: str
    razorpay_payment_id: str
    dispute_id: str
    status: DisputeStatus
    amount: Money
    """What the customer's bank wants back."""
    reason_code: str | None = None
    """The bank's word for why."""
    respond_by: datetime | None = None
    """When evidence comes too late."""
    deducted: Money | None = None
    """What was taken from the merchant already; None when Razorpay does not say."""
    occurred_at: datetime | None = None


Report = PaymentReport | RefundReport | DisputeReport
"""What a provider can say about the money of one order."""


class AccountPayment(Struct, frozen=True, kw_only=True):
    """One payment in the account's list, whoever asked for it."""

    razorpay_order_id: str | None
    """None for money that was never asked for through an order."""
    razorpay_payment_id: str
    status: PaymentStatus
    amount: Money
    captured: bool
    amount_refunded: int
    """In minor units of the amount's currency."""
    created_at: datetime | None


class AccountRefund(Struct, frozen=True, kw_only=True):
    """One refund in the account's list, whoever asked for it."""

    razorpay_payment_id: str
    razorpay_refund_id: str
    status: RefundStatus
    amount: Money
    receipt: str | None
    created_at: datetime | None


class PaymentGateway(Protocol):
    """A payment provider, asked with a time limit and never twice by itself."""

    @property
    def key_id(self) -> str:
        """The public half of the key, which checkout.js needs."""
        ...

    @property
    def capture_mode(self) -> CaptureMode:
        """Who captures the payments of the orders that are created here."""
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

    async def capture(
        self, razorpay_order_id: str, razorpay_payment_id: str, amount: Money
    ) -> PaymentReport:
        """Take authorized money and return how the payment stands then; again changes nothing."""
        ...

    async def refund(
        self, razorpay_order_id: str, razorpay_payment_id: str, amount: Money, refund_id: str
    ) -> RefundReport:
        """Give captured money back, once for each refund id of ours however often it is asked."""
        ...

    async def refunds_of(
        self, razorpay_order_id: str, razorpay_payment_id: str
    ) -> list[RefundReport]:
        """Return every refund of a payment, whoever asked for it."""
        ...

    async def payments_between(self, since: datetime, until: datetime) -> list[AccountPayment]:
        """Return the account's payments created from `since` until just before `until`.

        Such lists may be some minutes behind. A span with too many to tell is refused.
        """
        ...

    async def refunds_between(self, since: datetime, until: datetime) -> list[AccountRefund]:
        """Return the account's refunds created from `since` until just before `until`."""
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
