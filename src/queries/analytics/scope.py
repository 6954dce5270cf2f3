"""What a question is about: which days, in which zone, in which currency, as of when."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from src.events.time_zones import is_time_zone

RANGE_DAYS_MAX = 3_660
"""Ten years."""
RANGE_DAYS_USUAL = 30
GROUPS_MAX = 1_000
"""So many rows has an answer at most."""
YEAR_MIN, YEAR_MAX = 2000, 2999


class ScopeRefused(Exception):
    """The question goes beyond what is answered; nothing was asked."""


class UnknownTimeZone(ScopeRefused):
    """No such zone is in the IANA list."""

    def __init__(self) -> None:
        super().__init__("Name a zone of the IANA list, such as Asia/Kolkata or UTC.")


class _BeyondTheYears(ScopeRefused):
    def __init__(self) -> None:
        super().__init__(f"Days are from {YEAR_MIN} to {YEAR_MAX}.")


class RangeTooLong(ScopeRefused):
    """More days than are added up in one answer."""

    def __init__(self) -> None:
        super().__init__(f"Ask for at most {RANGE_DAYS_MAX:,} days at once.")
        self.days_max = RANGE_DAYS_MAX


class TooManyGroups(ScopeRefused):
    """More rows than one answer has."""

    def __init__(self, remedy: str) -> None:
        super().__init__(f"The answer would have more than {GROUPS_MAX:,} rows: {remedy}.")
        self.groups_max = GROUPS_MAX


class Scope(Struct, frozen=True, kw_only=True):
    """Days in a zone; only facts of the book up to a position count."""

    book: int
    currency: str
    zone: str
    first_day: date
    last_day: date
    """Counted in."""
    as_of: int | None = None
    """The last position that counts; None is every fact there is."""

    @property
    def since(self) -> datetime:
        """The beginning of the first day, UTC."""
        return beginning(self.first_day, self.zone)

    @property
    def until(self) -> datetime:
        """The end of the last day, UTC: the first moment that is not in it."""
        return beginning(self.last_day + timedelta(days=1), self.zone)

    @property
    def days(self) -> int:
        """How many days."""
        return (self.last_day - self.first_day).days + 1


def beginning(day: date, zone: str) -> datetime:
    """Return when a day begins in a zone, UTC: where midnight is left out, when the gap ends."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def scope(  # noqa: PLR0913  # one for each thing that may be asked
    book: int,
    currency: str,
    zone: str,
    first_day: date | None,
    last_day: date | None,
    *,
    now: datetime,
    as_of: int | None = None,
) -> Scope:
    """Take what was asked, with the last 30 days for what was not; raises ScopeRefused.

    `now` is the moment that ends the usual range: that of `as_of`, where it is asked.
    """
    if not is_time_zone(zone):
        raise UnknownTimeZone
    last = last_day or max(first_day or date.min, _day_of(now, zone))
    if not YEAR_MIN <= last.year <= YEAR_MAX:
        raise _BeyondTheYears
    first = first_day or last - timedelta(days=RANGE_DAYS_USUAL - 1)
    if first > last:
        raise ScopeRefused("`from` comes after `to`: swap them.")
    if first.year < YEAR_MIN:
        raise _BeyondTheYears
    if (last - first).days >= RANGE_DAYS_MAX:
        raise RangeTooLong
    return Scope(
        book=book, currency=currency, zone=zone, first_day=first, last_day=last, as_of=as_of
    )


def _day_of(moment: datetime, zone: str) -> date:
    """Return the day in a zone; at the ends of the calendar, where a zone may have none, UTC's."""
    try:
        return moment.astimezone(ZoneInfo(zone)).date()
    except OverflowError:
        return moment.date()
