"""What Razorpay has: orders, payments, refunds, disputes, settlements, downtimes.

The order of the fields is the order of the keys on the wire. A field that is
UNSET does not appear at all: Razorpay shows some only in some places.
"""

from typing import Any

from msgspec import UNSET, Struct, UnsetType

Notes = dict[str, Any] | list[Any]
"""`[]` when empty and an object otherwise: Razorpay's PHP makes no other empty array."""


class Collection(Struct, frozen=True):
    entity: str
    count: int
    items: list[Any]


def collection(items: list[Any]) -> Collection:
    return Collection("collection", len(items), items)


class Order(Struct, frozen=True, kw_only=True):
    id: str
    entity: str = "order"
    amount: int
    amount_paid: int
    amount_due: int
    currency: str
    receipt: str | None
    payments: Collection | UnsetType = UNSET
    offer_id: str | None = None
    status: str
    attempts: int
    notes: Notes
    created_at: int
    description: str | UnsetType | None = UNSET
    checkout: str | UnsetType | None = UNSET


class Card(Struct, frozen=True, kw_only=True):
    id: str
    entity: str = "card"
    name: str
    last4: str
    network: str
    type: str
    issuer: str | None
    international: bool = False
    emi: bool = False
    sub_type: str = "consumer"
    token_iin: str | None = None


class Upi(Struct, frozen=True, kw_only=True):
    payer_account_type: str
    vpa: str
    flow: str


class Payment(Struct, frozen=True, kw_only=True):
    id: str
    entity: str = "payment"
    amount: int
    currency: str
    status: str
    order_id: str | None
    invoice_id: str | None = None
    international: bool = False
    method: str
    amount_refunded: int = 0
    amount_transferred: int | UnsetType = UNSET
    refund_status: str | None = None
    captured: bool = False
    description: str | None = None
    card_id: str | None = None
    card: Card | UnsetType = UNSET
    bank: str | None = None
    wallet: str | None = None
    vpa: str | None = None
    email: str
    contact: str
    notes: Notes
    fee: int | None = None
    tax: int | None = None
    error_code: str | None = None
    error_description: str | None = None
    error_source: str | None = None
    error_step: str | None = None
    error_reason: str | None = None
    acquirer_data: dict[str, str | None]
    created_at: int
    upi: Upi | UnsetType = UNSET
    late_authorized: bool | UnsetType = UNSET
    reward: str | UnsetType | None = UNSET
    base_amount: int | UnsetType = UNSET
    base_currency: str | UnsetType = UNSET


class Refund(Struct, frozen=True, kw_only=True):
    id: str
    entity: str = "refund"
    amount: int
    currency: str
    payment_id: str
    notes: Notes
    receipt: str | None
    acquirer_data: dict[str, str | None]
    created_at: int
    batch_id: str | None = None
    status: str
    speed_processed: str
    speed_requested: str


class Dispute(Struct, frozen=True, kw_only=True):
    id: str
    entity: str = "dispute"
    payment_id: str
    amount: int
    currency: str
    amount_deducted: int
    reason_code: str
    respond_by: int
    status: str
    phase: str
    created_at: int
    evidence: dict[str, Any]


class Settlement(Struct, frozen=True, kw_only=True):
    id: str
    entity: str = "settlement"
    amount: int
    status: str = "processed"
    fees: int = 0
    """0 for a settlement in its own time; the fees of the payments are in the amount."""
    tax: int = 0
    utr: str
    created_at: int


class Downtime(Struct, frozen=True, kw_only=True):
    id: str
    entity: str = "payment.downtime"
    method: str
    begin: int
    end: int | None
    status: str
    scheduled: bool
    severity: str
    instrument: dict[str, str]
    created_at: int
    updated_at: int


Entity = Order | Payment | Refund | Dispute | Settlement | Downtime
