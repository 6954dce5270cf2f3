"""Units over time: what stood on a shelf at a moment, and means of what lay there until another."""

from datetime import datetime, timedelta
from fractions import Fraction
from typing import NamedTuple

from src.events.connection import Row

DIGITS = 4
"""Ratios are rounded to so many decimal places."""
DAY, MICROSECOND, SECOND = timedelta(days=1), timedelta(microseconds=1), timedelta(seconds=1)


class Passed(NamedTuple):
    """The part of a range that has passed; nothing if it ends where it begins, or before."""

    since: datetime
    until: datetime

    @property
    def seconds(self) -> Fraction:
        return max(Fraction(0), seconds(self.until - self.since))


class Stood(NamedTuple):
    """How one SKU stood at a moment, in sums since its first fact."""

    received: int = 0
    adjusted: int = 0
    sold: int = 0
    returned: int = 0
    on_hand: int = 0
    unit_seconds: Fraction = Fraction(0)
    """Up to its last fact."""
    moved_at: datetime | None = None
    """None before its first fact."""

    def unit_seconds_at(self, moment: datetime) -> Fraction:
        """Let what is on hand lie there until then."""
        lay = Fraction(0) if self.moved_at is None else seconds(moment - self.moved_at)
        return self.unit_seconds + self.on_hand * lay


def stood(row: Row, place: int) -> Stood:
    """Read seven columns of a row from a place on; all are null before the first fact."""
    received, adjusted, sold, returned, on_hand, unit_seconds, moved_at = tuple(row)[
        place : place + len(Stood._fields)
    ]
    if moved_at is None:
        return Stood()
    area = Fraction(unit_seconds)
    return Stood(received, adjusted, sold, returned, on_hand, area, moved_at)


def mean(opening: Stood, closing: Stood, passed: Passed) -> Fraction | None:
    """Return the mean of units on hand, each moment counting alike; None if none has passed."""
    if not passed.seconds:
        return None
    area = closing.unit_seconds_at(passed.until) - opening.unit_seconds_at(passed.since)
    return area / passed.seconds


def turnover(sold: int, mean_on_hand: Fraction | None) -> Fraction | None:
    """Return how often what lay there was sold; None if nothing lay there."""
    return Fraction(sold) / mean_on_hand if mean_on_hand else None


def cover(available: int, sold: int, passed: Passed) -> Fraction | None:
    """Return for how many days units last that go as fast as they went; None if none went."""
    if not sold or not passed.seconds:
        return None
    return available * passed.seconds / seconds(DAY) / sold


def rounded(ratio: Fraction | None) -> float | None:
    """Return a ratio as a decimal number."""
    return None if ratio is None else float(round(ratio, DIGITS))


def seconds(time: timedelta) -> Fraction:
    """Return a length of time to the microsecond."""
    return Fraction(time // MICROSECOND, SECOND // MICROSECOND)
