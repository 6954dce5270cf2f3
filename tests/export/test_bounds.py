"""From when to when a file is: positions, times, and days of the shop's own clock."""

from datetime import UTC, datetime

import pytest

from src.cli.complaint import Complaint
from src.cli.export.bounds import Asked, asked, bounds_of
from src.projections.published.view import View
from src.queries.export.columns import Column, Kind
from src.queries.export.tables import Bounds

ZONE = "Asia/Kolkata"
POSITION = Column(name="position", kind=Kind.INT64, comment="")


def view(time: str | None) -> View:
    return View(name="things", comment="", columns={}, query="", models=(), time=time)


def test_a_day_is_the_shops_and_ends_with_its_last_microsecond() -> None:
    said = asked("2026-10-31", "2026-10-31", ZONE)
    assert said.begin == datetime(2026, 10, 30, 18, 30, tzinfo=UTC)
    assert said.end == datetime(2026, 10, 31, 18, 29, 59, 999_999, tzinfo=UTC)


def test_a_day_may_be_shorter_than_24_hours() -> None:
    said = asked("2026-03-29", "2026-03-29", "Europe/Berlin")
    assert isinstance(said.begin, datetime)
    assert isinstance(said.end, datetime)
    assert round((said.end - said.begin).total_seconds() / 3600) == 23


def test_positions_and_times_are_taken_as_they_are() -> None:
    assert asked("7", "2026-01-15T12:00:00+05:30", ZONE) == Asked(
        7, datetime(2026, 1, 15, 6, 30, tzinfo=UTC)
    )
    assert asked(None, None, ZONE) == Asked(None, None)


@pytest.mark.parametrize("text", ["2026-02-30", "0001-01-01", "9999-12-31", "yesterday", "-1"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(Complaint, match="--from"):
        asked(text, None, ZONE)


def test_a_table_without_a_time_or_a_position_says_so() -> None:
    day, place = asked("2026-10-31", None, ZONE), asked("5", None, ZONE)
    with pytest.raises(Complaint, match="things has no time of its own; say a position"):
        bounds_of(day, view(None), [POSITION], ZONE)
    with pytest.raises(Complaint, match="no position of its own; say a time, which is that of at"):
        bounds_of(place, view("at"), [], ZONE)
    with pytest.raises(Complaint, match="no position of its own; leave it out"):
        bounds_of(place, view(None), [], ZONE)
    assert bounds_of(place, view(None), [POSITION], ZONE) == Bounds(first=5)


def test_a_table_of_days_is_asked_by_day() -> None:
    columns = [Column(name="day", kind=Kind.DATE, comment="")]
    said = asked("2026-10-31", "2026-11-01", ZONE)
    found = bounds_of(said, view("day"), columns, ZONE)
    assert (str(found.first), str(found.last)) == ("2026-10-31", "2026-11-01")
