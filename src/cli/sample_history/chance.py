"""Chance that can be repeated: numbers, ids of ours, and ids as Razorpay makes them."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from random import Random
from string import ascii_letters, digits
from typing import TypeVar
from uuid import UUID

T = TypeVar("T")
ALPHABET = digits + ascii_letters
PROVIDER_ID_CHARACTERS = 14


def chance_of(*names: object) -> Random:
    """Return the chance of one life: what others draw does not change it."""
    return Random("/".join(map(str, names)))  # noqa: S311 - a sample has to be repeatable, not secret


def provider_id(prefix: str, *names: object) -> str:
    """Return an id that looks like Razorpay's, always the same for the same names."""
    number = int.from_bytes(sha256("/".join(map(str, names)).encode()).digest())
    letters: list[str] = []
    for _ in range(PROVIDER_ID_CHARACTERS):
        number, digit = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[digit])
    return prefix + "".join(letters)


def weighted(chance: Random, among: Sequence[T], weights: Sequence[float]) -> T:
    """Draw one of several that are not equally likely."""
    return chance.choices(among, weights)[0]


def between(chance: Random, least: timedelta, most: timedelta) -> timedelta:
    """Draw a pause, to the millisecond."""
    milliseconds = timedelta(milliseconds=1)
    return chance.randint(least // milliseconds, most // milliseconds) * milliseconds


class Ids:
    """Ids that sort by the simulated time, as those of production do by theirs."""

    def __init__(self, clock: Callable[[], datetime], *names: object) -> None:
        self._chance = chance_of(*names)
        self.clock = clock

    def new(self) -> UUID:
        """Return the next one (version 7)."""
        stamp = int(self.clock().timestamp() * 1000)
        value = (stamp & (2**48 - 1)) << 80 | self._chance.getrandbits(80)
        value = value & ~(0xF << 76) | 0x7 << 76
        return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)
