"""Coupons under their last terms, and every time that one was held, on the coupon's stream."""

from typing import Any

from src.events.coupon import (
    CouponCommitted,
    CouponDefined,
    CouponReleased,
    CouponReserved,
    CouponReturned,
)
from src.events.identifiers import COUPON
from src.queries.expected_rows.table import NONE, Fact, Rows, Stood, Table, one


def _terms(stood: Stood) -> Rows:
    defined = [each for each in stood.facts if isinstance(each.event, CouponDefined)]
    if not defined:
        return NONE
    last = defined[-1]
    terms = last.event.terms
    least = terms.minimum_subtotal
    return one(
        terms.kind.value,
        terms.value,
        terms.currency,
        None if least is None else least.amount,
        terms.starts_at,
        terms.ends_at,
        terms.limit_total,
        terms.limit_per_customer,
        last.at,
        last.position,
    )


def _redemptions(stood: Stood) -> Rows:
    """Follow each hold to its end; a session holds a coupon once at a time."""
    rows: dict[str, tuple[Any, ...]] = {}
    held: dict[str, tuple[str, Fact]] = {}
    used: dict[str, str] = {}
    for fact in stood.facts:
        at, position = fact.at, fact.position
        match fact.event:
            case CouponReserved(checkout_session_id=session):
                held[session] = (str(position), fact)
                rows[str(position)] = (session, at, None, "held", at, position)
            case CouponCommitted(checkout_session_id=session, order_id=order_id):
                place, begun = held[session]
                used[order_id] = place
                rows[place] = (session, begun.at, order_id, "used", at, position)
            case CouponReleased(checkout_session_id=session):
                place, begun = held[session]
                rows[place] = (session, begun.at, None, "released", at, position)
            case CouponReturned(order_id=order_id):
                row = rows[used[order_id]]
                rows[used[order_id]] = (*row[:3], "returned", at, position)
            case _:
                pass
    return rows


COUPONS = Table(
    model="coupons",
    name="coupons",
    categories=(COUPON,),
    key="code",
    columns=(
        "kind",
        "value",
        "currency",
        "minimum_minor",
        "starts_at",
        "ends_at",
        "limit_total",
        "limit_per_customer",
        "defined_at",
        "position",
    ),
    needs_facts=True,
    expected=_terms,
)
REDEMPTIONS = Table(
    model="coupons",
    name="redemptions",
    categories=(COUPON,),
    key="code",
    inner_key="reserved_position",
    columns=(
        "checkout_session_id",
        "reserved_at",
        "order_id",
        "status",
        "changed_at",
        "position",
    ),
    needs_facts=True,
    expected=_redemptions,
)
