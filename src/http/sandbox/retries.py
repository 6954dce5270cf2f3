"""When Razorpay tries a webhook again.

Measured on 796 test-mode deliveries in August 2026: no jitter, sixteen tries, the
last almost 23 hours after the first. The events of a payment's life get a second
try at once if the first met a 5xx or no answer. A day after the event, Razorpay
gives it up and disables the endpoint.
"""

from src.http.sandbox.event_table import Attempt
from src.http.sandbox.settings import SandboxSettings

LADDER_SECONDS = (
    0.0, 6.0, 19.0, 40.0, 82.0, 165.0, 326.0, 650.0, 1_293.0, 2_577.0, 5_140.0, 10_267.0,
    20_508.0, 40_989.0, 81_953.0,
)  # fmt: skip
IMPATIENT_LADDER_SECONDS = (0.0, 0.23, *LADDER_SECONDS[1:])
IMPATIENT_EVENTS = frozenset({"payment.authorized", "payment.captured", "order.paid"})
GIVE_UP_SECONDS = 24 * 60 * 60.0
FAILURES_TO_DISABLE_MIN = 2
SERVER_ERRORS_FROM = 500


def gap_seconds(
    name: str, tries: list[Attempt], age_seconds: float, settings: SandboxSettings
) -> float | None:
    """How long to wait after the latest failure; None for no further try."""
    if age_seconds >= GIVE_UP_SECONDS:
        return None
    ladder = _ladder(name, tries)
    longest = settings.retry_gap_seconds_max
    if len(tries) >= len(ladder):
        return longest
    gap = (ladder[len(tries)] - ladder[len(tries) - 1]) * settings.retry_scale
    return gap if longest is None else min(gap, longest)


def next_look_at(
    name: str, created_at: float, tries: list[Attempt], now: float, settings: SandboxSettings
) -> float | None:
    """When to try again, or when the day of the event is over; None if it is over now."""
    gap = gap_seconds(name, tries, now - created_at, settings)
    if gap is not None:
        return now + gap
    day_ends_at = created_at + GIVE_UP_SECONDS
    return day_ends_at if day_ends_at > now else None


def is_a_day_of_failing(tries: list[Attempt]) -> bool:
    """Of an event given up: one failure, or one ever acknowledged, disables no endpoint."""
    return len(tries) >= FAILURES_TO_DISABLE_MIN and not any(each.is_acknowledged for each in tries)


def is_spent(name: str, tries: list[Attempt], settings: SandboxSettings) -> bool:
    """No try is left; what is left is to wait for the end of the day."""
    return settings.retry_gap_seconds_max is None and len(tries) >= len(_ladder(name, tries))


def _ladder(name: str, tries: list[Attempt]) -> tuple[float, ...]:
    if not tries or name not in IMPATIENT_EVENTS:
        return LADDER_SECONDS
    first = tries[0].status
    was_broken = first is None or first >= SERVER_ERRORS_FROM
    return IMPATIENT_LADDER_SECONDS if was_broken else LADDER_SECONDS
