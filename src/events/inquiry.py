"""An inquiry: something that Razorpay is asked about again until it is settled."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

BETWEEN = "/"
"""Stands between a Razorpay order and our refund id; neither has one."""


class InquiryKind(StrEnum):
    """What is asked about."""

    INTENT = "intent"
    """A checkout session that asked for a Razorpay order and never heard of one."""
    PAYMENT = "payment"
    """A Razorpay order of ours that nobody has paid yet, as far as we know."""
    REFUND = "refund"
    """Money on its way back, without an end that we know."""


class Outcome(StrEnum):
    """What came of asking once."""

    SETTLED = "settled"
    """There is nothing more to ask."""
    OPEN = "open"
    """Razorpay knows of no end either."""
    GIVEN_UP = "given-up"
    """It is still open, and it was asked about long enough."""
    UNANSWERED = "unanswered"
    """Razorpay gave no answer."""
    REFUSED = "refused"
    """Razorpay would not answer."""
    FAILED = "failed"
    """We could not use the answer."""


class Inquiry(Struct, frozen=True, kw_only=True):
    """What is asked about, since when, and how often it was."""

    kind: InquiryKind
    key: str
    """A session, a Razorpay order, or a Razorpay order and our refund of it."""
    began_at: datetime
    asked: int = 0

    @property
    def razorpay_order_id(self) -> str:
        """The Razorpay order that a payment or a refund belongs to."""
        return self.key.partition(BETWEEN)[0]

    @property
    def refund_id(self) -> str:
        """Our id of the refund."""
        return self.key.partition(BETWEEN)[2]
