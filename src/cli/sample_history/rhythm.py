"""When people buy: by the hour, the day of the week, the season, and more from week to week."""

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from random import Random

from msgspec import Struct

HOUR = timedelta(hours=1)
BY_HOUR = (
    *(2.0, 1.0, 0.6, 0.4, 0.4, 0.8, 2.0, 4.0, 6.0, 8.0, 9.5, 10.0),
    *(10.0, 9.0, 8.0, 7.5, 7.5, 8.0, 9.5, 12.0, 14.5, 15.0, 11.0, 5.5),
)
"""How busy each hour of the shop's day is."""
BY_WEEKDAY = (0.92, 0.9, 0.93, 0.97, 1.05, 1.2, 1.25)
"""Monday first."""
GROWTH = 0.6
"""The last day has so much more than the first, as a share of the first."""
SALE_EVERY_DAYS, SALE_DAYS, SALE_FACTOR = 28, 3, 1.7
SALE_BEGINS_DAY = 18
"""Of each such period."""
RESTLESS = 0.18
"""How far hours that should be equal are apart."""


class Hour(Struct, frozen=True):
    """One hour, and how many of all there are in it."""

    begins: datetime
    buyers: int


def hours(
    buyers: int, since: datetime, until: datetime, *, zone: tzinfo, chance: Random
) -> list[Hour]:
    """Spread so many buyers over all hours, each of them somewhere."""
    begins = list(_hours(since, until))
    weights = [_weight(each, since, until, zone) * chance.gauss(1.0, RESTLESS) for each in begins]
    weights = [max(weight, 0.01) for weight in weights]
    total, so_far, given = sum(weights), 0.0, 0
    spread: list[Hour] = []
    for hour, weight in zip(begins, weights, strict=True):
        so_far += weight
        due = round(buyers * so_far / total)
        spread.append(Hour(hour, due - given))
        given = due
    return spread


def is_sale(day: int) -> bool:
    """Whether the n-th day, the first is 0, is one of a sale."""
    return 0 <= day % SALE_EVERY_DAYS - SALE_BEGINS_DAY < SALE_DAYS


def _hours(since: datetime, until: datetime) -> Iterator[datetime]:
    while since < until:
        yield since
        since += HOUR


def _weight(hour: datetime, since: datetime, until: datetime, zone: tzinfo) -> float:
    local = hour.astimezone(zone)
    growth = 1.0 + GROWTH * ((hour - since) / (until - since))
    sale = SALE_FACTOR if is_sale((hour - since).days) else 1.0
    return BY_HOUR[local.hour] * BY_WEEKDAY[local.weekday()] * growth * sale
