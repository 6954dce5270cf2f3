"""What a form of filters says; a field that was left empty asks for nothing."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Annotated, TypeVar
from urllib.parse import urlencode

from litestar.params import QueryParameter

from src.http.fields import CURSOR_LENGTH_MAX, NAME_LENGTH_MAX
from src.http.refusals import InvalidInput

DATE_LENGTH = len("2026-01-31")

TextInQuery = Annotated[str | None, QueryParameter(max_length=NAME_LENGTH_MAX)]
DayInQuery = Annotated[str | None, QueryParameter(max_length=DATE_LENGTH)]
PageInQuery = Annotated[str | None, QueryParameter(max_length=CURSOR_LENGTH_MAX)]

E = TypeVar("E", bound=StrEnum)


def text(given: str | None) -> str | None:
    """Return what was written, if anything was."""
    return (given or "").strip() or None


def one_of(field: str, kind: type[E], given: str | None) -> E | None:
    """Return what was chosen; raises InvalidInput for what cannot be chosen."""
    wanted = text(given)
    try:
        return None if wanted is None else kind(wanted)
    except ValueError:
        raise InvalidInput.of(field, f"must be one of {', '.join(kind)}") from None


def from_day(field: str, given: str | None, zone: tzinfo) -> datetime | None:
    """Return when a day begins in the shop; raises InvalidInput."""
    return _midnight(field, given, zone, timedelta())


def to_day(field: str, given: str | None, zone: tzinfo) -> datetime | None:
    """Return when a day is over in the shop; raises InvalidInput."""
    return _midnight(field, given, zone, timedelta(days=1))


def _midnight(field: str, given: str | None, zone: tzinfo, later: timedelta) -> datetime | None:
    wanted = text(given)
    try:
        if wanted is None:
            return None
        day = date.fromisoformat(wanted) + later
        return datetime.combine(day, time(), zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidInput.of(field, "must be a day, as 2026-01-31") from None


def address_of(path: str, chosen: Mapping[str, str | None]) -> str:
    """Return where a list with these filters goes on: the cursor is to follow."""
    given = {name: value for name, value in chosen.items() if value is not None}
    return f"{path}?{urlencode(given)}&" if given else f"{path}?"
