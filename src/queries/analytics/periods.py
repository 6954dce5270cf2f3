"""Days, ISO weeks and months: which periods a range is made of, and where in time each begins."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from enum import StrEnum

from src.queries.analytics.scope import Scope, beginning

DAYS_A_WEEK = 7


class Period(StrEnum):
    """How long a period is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


def periods(scope: Scope, by: Period) -> list[date]:
    """Return the first day of every period that the range touches, the oldest first.

    The first may begin before the range and the last end after it; what is
    counted is the range all the same.
    """
    return list(_periods(_first_day(scope.first_day, by), scope.last_day, by))


def beginnings(scope: Scope, first_days: list[date]) -> list[datetime]:
    """Return when each of these periods begins in the range's zone, UTC."""
    return [beginning(day, scope.zone) for day in first_days]


def _periods(first: date, last: date, by: Period) -> Iterator[date]:
    while first <= last:
        yield first
        first = _next(first, by)


def _first_day(day: date, by: Period) -> date:
    match by:
        case Period.DAY:
            return day
        case Period.WEEK:
            return day - timedelta(days=day.weekday())
        case Period.MONTH:
            return day.replace(day=1)


def _next(first: date, by: Period) -> date:
    match by:
        case Period.DAY:
            return first + timedelta(days=1)
        case Period.WEEK:
            return first + timedelta(days=DAYS_A_WEEK)
        case Period.MONTH:
            return first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
