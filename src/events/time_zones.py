"""Time zones by name: where a shop's days begin and end."""

from functools import cache
from zoneinfo import available_timezones

TIME_ZONE = "Asia/Kolkata"
"""Where nothing else was said."""


def is_time_zone(name: str) -> bool:
    """Whether it is a zone of the IANA list; only these mean the same to PostgreSQL."""
    return name in _named()


@cache
def _named() -> frozenset[str]:
    # PostgreSQL knows neither of the two that speak of the machine.
    return frozenset(available_timezones() - {"localtime", "Factory"})
