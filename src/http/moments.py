"""Moments that clients name: with an offset, and within what a database can hold."""

from datetime import UTC, datetime

from src.http.refusals import InvalidInput


def in_utc(field: str, moment: datetime | None) -> datetime | None:
    """Return the moment in UTC; raises InvalidInput without an offset, or beyond the calendar."""
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise InvalidInput.of(field, "needs its offset, for example Z")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise InvalidInput.of(field, "is beyond the calendar") from None
