"""Moments that clients name: with an offset, within what a database can hold; or positions."""

from datetime import UTC, datetime

from src.http.refusals import InvalidInput
from src.queries.history import BadMoment, Moment, moment


def in_utc(field: str, time: datetime | None) -> datetime | None:
    """Return the moment in UTC; raises InvalidInput without an offset, or beyond the calendar."""
    if time is None:
        return None
    if time.tzinfo is None:
        raise InvalidInput.of(field, "needs its offset, for example Z")
    try:
        return time.astimezone(UTC)
    except OverflowError:
        raise InvalidInput.of(field, "is beyond the calendar") from None


def up_to(text: str | None) -> Moment | None:
    """Return the position or time that `as_of` names; raises InvalidInput for anything else."""
    try:
        return None if text is None else moment(text)
    except BadMoment as wrong:
        raise InvalidInput.of("as_of", str(wrong)) from None
