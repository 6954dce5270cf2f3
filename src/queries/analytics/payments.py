"""How well paying works: by method what became of each try, and why banks said no.

Without a position the sums per quarter of an hour are asked, of which every
zone's day is made; as of a position, the steps that they are the sums of.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from msgspec import Struct

from src.events.connection import Row
from src.queries.analytics.scope import GROUPS_MAX, Scope, TooManyGroups
from src.queries.reading import Reading

VIEWS = ("payments_by_quarter", "payment_steps")
"""What is asked; they are always true up to the same position."""
NOT_NAMED = "not named"
"""The method, or the reason, where the provider names none."""
RATIO_PLACES = 4


class Tries(Struct, frozen=True, kw_only=True):
    """Payments that were tried, each counted once by what became of it."""

    attempts: int
    captured: int
    failed: int
    returned: int
    """Promised, never taken, and given back by the provider."""
    pending: int
    """Promised, and neither taken nor returned yet."""
    success_rate: float | None
    """captured / attempts; null without any."""
    attempted_amount: int
    """Of all of them, in minor units."""
    captured_amount: int


class MethodTries(Tries, frozen=True, kw_only=True):
    """Payments by one method."""

    method: str
    """upi, card, …; `not named` where the provider named none."""


class Failures(Struct, frozen=True, kw_only=True):
    """Failed payments of one reason."""

    reason: str
    """The provider's word; `not named` where it gave none."""
    payments: int
    amount: int
    share: float
    """Of all that failed."""


class PaymentSuccess(
    Struct, frozen=True, kw_only=True, rename={"first_day": "from", "last_day": "to"}
):
    """Payments on the shop's own Razorpay orders that were first heard of in a range of days."""

    currency: str
    time_zone: str
    first_day: date
    last_day: date
    items: list[MethodTries]
    """The most used method first."""
    failures: list[Failures]
    """The most frequent reason first."""
    total: Tries


class _Group(Struct, frozen=True):
    """Payments that are alike."""

    method: str | None
    status: str
    reason: str | None
    payments: int
    amount: int


async def payment_success(db: Reading, scope: Scope) -> PaymentSuccess:
    """Return what became of the payments that were tried; raises TooManyGroups."""
    groups = [_group(row) for row in await _rows(db, scope)]
    if len(groups) > GROUPS_MAX:
        raise TooManyGroups("ask for fewer days")
    return PaymentSuccess(
        currency=scope.currency,
        time_zone=scope.zone,
        first_day=scope.first_day,
        last_day=scope.last_day,
        items=_by_method(groups),
        failures=_by_reason([each for each in groups if each.status == "failed"]),
        total=Tries(**_tries(groups)),
    )


async def _rows(db: Reading, scope: Scope) -> list[Row]:
    within = (scope.book, scope.currency, scope.since, scope.until, GROUPS_MAX + 1)
    if scope.as_of is None:
        return await db.fetch(_GROUPS, *within)
    return await db.fetch(_GROUPS_AS_OF, *within, scope.as_of)


def _group(row: Row) -> _Group:
    return _Group(*row)


def _by_method(groups: Sequence[_Group]) -> list[MethodTries]:
    methods: dict[str, list[_Group]] = {}
    for group in groups:
        methods.setdefault(group.method or NOT_NAMED, []).append(group)
    items = [MethodTries(method=name, **_tries(of)) for name, of in methods.items()]
    return sorted(items, key=lambda item: (-item.attempts, item.method))


def _by_reason(failed: Sequence[_Group]) -> list[Failures]:
    reasons: dict[str, list[_Group]] = {}
    for group in failed:
        reasons.setdefault(group.reason or NOT_NAMED, []).append(group)
    items = [
        Failures(
            reason=name,
            payments=_count(of),
            amount=_amount(of),
            share=round(_count(of) / _count(failed), RATIO_PLACES),
        )
        for name, of in reasons.items()
    ]
    return sorted(items, key=lambda item: (-item.payments, item.reason))


def _tries(groups: Sequence[_Group]) -> dict[str, Any]:
    of = {
        status: [each for each in groups if each.status == status]
        for status in ("captured", "failed", "returned", "authorized")
    }
    attempts, captured = _count(groups), _count(of["captured"])
    return {
        "attempts": attempts,
        "captured": captured,
        "failed": _count(of["failed"]),
        "returned": _count(of["returned"]),
        "pending": _count(of["authorized"]),
        "success_rate": round(captured / attempts, RATIO_PLACES) if attempts else None,
        "attempted_amount": _amount(groups),
        "captured_amount": _amount(of["captured"]),
    }


def _count(groups: Iterable[_Group]) -> int:
    return sum(each.payments for each in groups)


def _amount(groups: Iterable[_Group]) -> int:
    return sum(each.amount for each in groups)


_GROUPS = """
select method, status, reason, sum(payments)::bigint, sum(amount_minor)::bigint
from read.payments_by_quarter
where book = $1 and currency = $2 and quarter >= $3 and quarter < $4
group by method, status, reason limit $5
"""
_GROUPS_AS_OF = """
select method, status, reason, count(*), sum(amount_minor)::bigint
from read.payment_steps
where book = $1 and currency = $2 and first_seen >= $3 and first_seen < $4
    and ours_position <= $6 and (next_position is null or next_position > $6)
group by method, status, reason limit $5
"""
