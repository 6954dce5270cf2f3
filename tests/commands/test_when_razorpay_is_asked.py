"""When Razorpay is asked about something again, and when no more."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from src.commands.decisions.inquiries import LADDER, first_inquiry, next_inquiry
from src.events.inquiry import InquiryKind
from tests.factories import NOW

HOURS = [0.25, 0.5, 1, 2, 4, 8, 16, 24, 36, 48, 60, 72]


def asked(kind: InquiryKind, days: int) -> list[float]:
    """Return after how many hours something is asked about that never ends."""
    hours: list[float] = []
    due: datetime | None = first_inquiry(NOW)
    while due is not None and due <= NOW + timedelta(days=days):
        hours.append((due - NOW) / timedelta(hours=1))
        due = next_inquiry(kind, NOW, due)
    return hours


@pytest.mark.parametrize("kind", [InquiryKind.INTENT, InquiryKind.PAYMENT])
def test_money_is_asked_about_after_15_minutes_and_ever_less_often_for_three_days(
    kind: InquiryKind,
) -> None:
    assert asked(kind, days=30) == HOURS


def test_a_refund_is_asked_about_every_day_after_that() -> None:
    assert asked(InquiryKind.REFUND, days=6) == [*HOURS, 96, 120, 144]


def test_the_ladder_only_goes_up() -> None:
    assert all(low < high for low, high in pairwise(LADDER))


@pytest.mark.parametrize("kind", list(InquiryKind))
def test_rungs_that_a_worker_missed_are_not_made_up_for(kind: InquiryKind) -> None:
    late = NOW + timedelta(hours=9)
    assert next_inquiry(kind, NOW, late) == NOW + timedelta(hours=16)


def test_whoever_asks_late_on_the_last_rung_asks_once_more_and_no_more() -> None:
    late = NOW + timedelta(days=5, minutes=1)
    assert next_inquiry(InquiryKind.PAYMENT, NOW, late) is None
    assert next_inquiry(InquiryKind.REFUND, NOW, late) == NOW + timedelta(days=6)


def test_the_very_moment_of_a_rung_counts_for_that_rung() -> None:
    for low, high in pairwise(LADDER):
        assert next_inquiry(InquiryKind.PAYMENT, NOW, NOW + low) == NOW + high
