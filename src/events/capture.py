"""How promised money becomes ours: Razorpay takes it by itself, or we do, once all is held.

The facts stand on the stream of the checkout session. Their names and fields
are the storage format. Nothing here is renamed or removed: a changed shape gets
a new version, and upcasters.py lifts the old one.
"""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class CaptureMode(StrEnum):
    """Who captures what a bank has authorized."""

    AUTOMATIC = "automatic"
    """Razorpay does, as soon as the bank has said yes."""
    MANUAL = "manual"
    """We do, once stock and coupon are held; what we leave goes back to the customer by itself."""


class HoldExtended(Struct, frozen=True, kw_only=True):
    """The bank promised the money; the session keeps what it holds while we take it."""

    razorpay_payment_id: str


class HoldLapsed(Struct, frozen=True, kw_only=True):
    """The promised money was not taken; the session is as it was before."""

    razorpay_payment_id: str
    reason: str


class CheckoutRevived(Struct, frozen=True, kw_only=True):
    """The bank promised the money after the end; everything is held again while we take it."""

    razorpay_order_id: str
    razorpay_payment_id: str
    cart_id: str
    expires_at: datetime
    """As it was: the moment this money is not taken after all, the session is overdue."""
