"""What `--from` and `--to` say of an export: a position, a time, or a day of the shop."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from src.cli.asked import moment_of
from src.cli.complaint import Complaint
from src.projections.published.view import View
from src.queries.export.columns import Column
from src.queries.export.tables import POSITION, Bounds, is_day

MISUSED = 2
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class Asked(Struct, frozen=True):
    """Both ends, each a position or a time, inclusive; None is no end."""

    begin: int | datetime | None
    end: int | datetime | None


def asked(begin: str | None, end: str | None, zone: str) -> Asked:
    """Read what was typed; a day begins and ends in the shop's time zone; raises Complaint."""
    read = Asked(_first("--from", begin, zone), _last("--to", end, zone))
    first, last = read.begin, read.end
    numbers = isinstance(first, int) and isinstance(last, int) and first > last
    times = isinstance(first, datetime) and isinstance(last, datetime) and first > last
    if numbers or times:
        raise Complaint("--to is before --from: nothing lies between.", exit_code=MISUSED)
    return read


def bounds_of(said: Asked, view: View, columns: Sequence[Column], zone: str) -> Bounds:
    """Say it of a view's own columns; raises Complaint where it has none for that."""
    has_position = view.born is not None or any(each.name == POSITION for each in columns)
    for option, moment in (("--from", said.begin), ("--to", said.end)):
        if isinstance(moment, int) and not has_position:
            raise Complaint(_no_column(option, view, "position", _time_of(view)), exit_code=MISUSED)
        if isinstance(moment, datetime) and view.time is None:
            other = "a position" if has_position else None
            raise Complaint(_no_column(option, view, "time", other), exit_code=MISUSED)
    if is_day(view, columns):
        return Bounds(first=_day_of(said.begin, zone), last=_day_of(said.end, zone))
    return Bounds(first=said.begin, last=said.end)


def _time_of(view: View) -> str | None:
    return None if view.time is None else f"a time, which is that of {view.time}"


def _no_column(option: str, view: View, what: str, other: str | None) -> str:
    instead = "leave it out" if other is None else f"say {other}"
    return f"{option}: a row of {view.name} has no {what} of its own; {instead}."


def _first(option: str, text: str | None, zone: str) -> int | datetime | None:
    day = _day(option, text)
    return moment_of(option, text) if day is None else _begin_of(day, zone)


def _last(option: str, text: str | None, zone: str) -> int | datetime | None:
    day = _day(option, text)
    if day is None:
        return moment_of(option, text)
    # Not every day has 24 hours: it ends where the next one begins.
    return _begin_of(day + timedelta(days=1), zone) - timedelta(microseconds=1)


def _day(option: str, text: str | None) -> date | None:
    if text is None or not _DAY.fullmatch(text):
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise Complaint(
            f"{option}: {text} is no day of the calendar.", exit_code=MISUSED
        ) from error
    if not date.min + timedelta(days=2) < day < date.max - timedelta(days=2):
        raise Complaint(f"{option}: {text} is beyond the calendar.", exit_code=MISUSED)
    return day


def _begin_of(day: date, zone: str) -> datetime:
    return datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC)


def _day_of(moment: int | datetime | None, zone: str) -> int | date | None:
    return moment.astimezone(ZoneInfo(zone)).date() if isinstance(moment, datetime) else moment
