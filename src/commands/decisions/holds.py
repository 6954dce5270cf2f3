"""What a checkout session holds, stock and coupon: taken all or none, ended exactly once."""

from collections.abc import Sequence
from enum import StrEnum

from src.commands.decisions.pricing import within_limits
from src.commands.rejections import InventoryUnavailable, ShortLine
from src.commands.view import Fact, View
from src.events.checkout import CheckoutStarted
from src.events.coupon import CouponCommitted, CouponReleased, CouponReserved
from src.events.identifiers import COUPON, STOCK, stream
from src.events.pricing import AppliedCoupon, PricedLine
from src.events.stock import (
    StockCommitted,
    StockReleased,
    StockReservationExpired,
    StockReserved,
)


class HoldEnd(StrEnum):
    """Why holds are given back."""

    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"


def units(lines: Sequence[PricedLine]) -> dict[str, int]:
    """Return the units wanted of each SKU, lines of the same SKU summed."""
    wanted: dict[str, int] = {}
    for line in lines:
        wanted[line.sku] = wanted.get(line.sku, 0) + line.quantity
    return wanted


def reserve_stock(view: View, checkout_session_id: str, lines: Sequence[PricedLine]) -> list[Fact]:
    """Promise every line or none; raises InventoryUnavailable with every short line."""
    wanted = units(lines)
    short = [
        ShortLine(sku=sku, requested=quantity, available=available)
        for sku, quantity in wanted.items()
        if (available := view.stock(sku).available) < quantity
    ]
    if short:
        raise InventoryUnavailable(short)
    return [
        (
            stream(STOCK, sku),
            StockReserved(sku=sku, checkout_session_id=checkout_session_id, quantity=quantity),
        )
        for sku, quantity in wanted.items()
    ]


def reserve_coupon(
    view: View,
    checkout_session_id: str,
    coupon: AppliedCoupon | None,
    redeemers: tuple[str, ...],
) -> list[Fact]:
    """Hold one redemption; raises CouponNotApplicable when none is left."""
    if coupon is None:
        return []
    within_limits(view.coupon(coupon.code), coupon.code, redeemers)
    held = CouponReserved(
        code=coupon.code, checkout_session_id=checkout_session_id, redeemers=redeemers
    )
    return [(stream(COUPON, coupon.code), held)]


def redeemers_of(customer_id: str, mailbox: str, *, guest: bool) -> tuple[str, ...]:
    """Return under which names a buyer's coupon use is counted: a guest is the mailbox alone."""
    by_mailbox = f"mailbox:{mailbox}"
    return (by_mailbox,) if guest else (f"customer:{customer_id}", by_mailbox)


def commit(basis: CheckoutStarted, order_id: str) -> list[Fact]:
    """Turn what the session holds into what the order has."""
    session = basis.checkout_session_id
    facts: list[Fact] = [
        (
            stream(STOCK, sku),
            StockCommitted(
                sku=sku, checkout_session_id=session, quantity=quantity, order_id=order_id
            ),
        )
        for sku, quantity in units(basis.lines).items()
    ]
    if basis.coupon is not None:
        code = basis.coupon.code
        used = CouponCommitted(code=code, checkout_session_id=session, order_id=order_id)
        facts.append((stream(COUPON, code), used))
    return facts


def release(basis: CheckoutStarted, why: HoldEnd) -> list[Fact]:
    """Give back what the session holds."""
    facts: list[Fact] = [
        (stream(STOCK, sku), _stock_end(basis, sku, quantity, why))
        for sku, quantity in units(basis.lines).items()
    ]
    if basis.coupon is not None:
        code = basis.coupon.code
        session = basis.checkout_session_id
        free = CouponReleased(code=code, checkout_session_id=session, reason=why)
        facts.append((stream(COUPON, code), free))
    return facts


def _stock_end(
    basis: CheckoutStarted, sku: str, quantity: int, why: HoldEnd
) -> StockReleased | StockReservationExpired:
    session = basis.checkout_session_id
    if why is HoldEnd.EXPIRED:
        return StockReservationExpired(sku=sku, checkout_session_id=session, quantity=quantity)
    return StockReleased(sku=sku, checkout_session_id=session, quantity=quantity, reason=why)
