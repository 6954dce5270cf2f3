"""A coupon and its redemptions, which are reserved, committed and released like stock.

The names and fields of the events are the storage format. Nothing here is
renamed or removed: a changed shape gets a new version, and upcasters.py lifts
the old one.
"""

from datetime import datetime
from enum import StrEnum
from typing import assert_never

from immutables import Map
from msgspec import Struct
from msgspec.structs import replace

from src.events.money import Money


class CouponKind(StrEnum):
    """What a coupon takes off."""

    PERCENT = "percent"
    FIXED = "fixed"
    FREE_SHIPPING = "free_shipping"


class CouponTerms(Struct, frozen=True, kw_only=True):
    """When a coupon counts and what it is worth."""

    kind: CouponKind
    value: int
    """Percent for `percent`, minor units for `fixed`, unused for `free_shipping`."""
    currency: str
    minimum_subtotal: Money | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    limit_total: int | None = None
    limit_per_customer: int | None = None


class CouponDefined(Struct, frozen=True, kw_only=True):
    """A coupon counts under these terms from now on."""

    code: str
    terms: CouponTerms


class CouponReserved(Struct, frozen=True, kw_only=True):
    """A checkout session holds one redemption."""

    code: str
    checkout_session_id: str
    redeemers: tuple[str, ...]
    """`customer:<id>` and `mailbox:<keyed hash>`, as far as they are known."""


class CouponRedeemerNamed(Struct, frozen=True, kw_only=True):
    """The person behind a held redemption became known."""

    code: str
    checkout_session_id: str
    redeemers: tuple[str, ...]
    """Those that were not known before."""


class CouponCommitted(Struct, frozen=True, kw_only=True):
    """A held redemption was used by an order."""

    code: str
    checkout_session_id: str
    order_id: str


class CouponReleased(Struct, frozen=True, kw_only=True):
    """A held redemption was given back."""

    code: str
    checkout_session_id: str
    reason: str


class CouponReturned(Struct, frozen=True, kw_only=True):
    """A used redemption counts no more, because its order was cancelled."""

    code: str
    order_id: str
    redeemers: tuple[str, ...]


CouponEvent = (
    CouponDefined
    | CouponReserved
    | CouponRedeemerNamed
    | CouponCommitted
    | CouponReleased
    | CouponReturned
)


class Coupon(Struct, frozen=True, kw_only=True):
    """A coupon's terms and how often it is held or used."""

    code: str = ""
    terms: CouponTerms | None = None
    """None: no such coupon was ever defined."""
    holds: Map[str, tuple[str, ...]] = Map()
    """Redeemers by checkout session."""
    committed: int = 0
    uses: Map[str, int] = Map()
    """Held and committed redemptions by redeemer."""

    @property
    def taken(self) -> int:
        """Redemptions held or committed."""
        return len(self.holds) + self.committed


NO_COUPON = Coupon()


def evolve(coupon: Coupon, event: CouponEvent) -> Coupon:
    """Facts are not argued with: evolve never rejects, and an impossible fact is a bug."""
    if isinstance(event, CouponDefined):
        return replace(coupon, code=event.code, terms=event.terms)
    if isinstance(event, CouponReturned):
        left = coupon.committed - 1
        return replace(coupon, committed=left, uses=_unused(coupon.uses, event.redeemers))
    if (event.checkout_session_id in coupon.holds) is isinstance(event, CouponReserved):
        name = type(event).__name__
        raise AssertionError(f"{name} cannot happen to {event.checkout_session_id}")
    match event:
        case CouponReserved() | CouponRedeemerNamed():
            return _held(coupon, event)
        case CouponCommitted():
            rest = coupon.holds.delete(event.checkout_session_id)
            return replace(coupon, holds=rest, committed=coupon.committed + 1)
        case CouponReleased():
            return _released(coupon, event.checkout_session_id)
        case _:
            assert_never(event)


def _held(coupon: Coupon, event: CouponReserved | CouponRedeemerNamed) -> Coupon:
    session = event.checkout_session_id
    redeemers = (*coupon.holds.get(session, ()), *event.redeemers)
    uses = coupon.uses
    for redeemer in event.redeemers:
        uses = uses.set(redeemer, uses.get(redeemer, 0) + 1)
    return replace(coupon, holds=coupon.holds.set(session, redeemers), uses=uses)


def _released(coupon: Coupon, session: str) -> Coupon:
    uses = _unused(coupon.uses, coupon.holds[session])
    return replace(coupon, holds=coupon.holds.delete(session), uses=uses)


def _unused(uses: Map[str, int], redeemers: tuple[str, ...]) -> Map[str, int]:
    for redeemer in redeemers:
        left = uses[redeemer] - 1
        uses = uses.set(redeemer, left) if left else uses.delete(redeemer)
    return uses
