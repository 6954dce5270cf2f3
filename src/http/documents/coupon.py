"""A coupon as staff reads it."""

from datetime import datetime

from msgspec import Struct

from src.commands.rejections import Unknown
from src.commands.view import View
from src.events.coupon import CouponKind
from src.events.identifiers import COUPON, stream
from src.events.money import Money


class CouponDocument(Struct, frozen=True, kw_only=True):
    """A coupon's terms, and how often it is held by a checkout or used by an order."""

    code: str
    kind: CouponKind
    value: int
    minimum_subtotal: Money | None
    starts_at: datetime | None
    ends_at: datetime | None
    limit_total: int | None
    limit_per_customer: int | None
    held: int
    used: int


def coupon_document(view: View, code: str) -> tuple[CouponDocument, int]:
    """Show a coupon with the version of its stream; raises Unknown when there is none."""
    coupon = view.coupon(code)
    terms = coupon.terms
    if terms is None:
        raise Unknown("coupon", code)
    document = CouponDocument(
        code=code,
        kind=terms.kind,
        value=terms.value,
        minimum_subtotal=terms.minimum_subtotal,
        starts_at=terms.starts_at,
        ends_at=terms.ends_at,
        limit_total=terms.limit_total,
        limit_per_customer=terms.limit_per_customer,
        held=len(coupon.holds),
        used=coupon.committed,
    )
    return document, view.version(stream(COUPON, code))
