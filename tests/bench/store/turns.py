"""Kinds of one thing, measured in turns: a noisy machine is noisy to all of them alike."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from statistics import median
from typing import TypeVar

T = TypeVar("T")
Measure = Callable[[], Awaitable[T]]
"""Measures once, for a bounded time."""
Rate = Measure[float]
"""Says how much there was a second."""
Rates = dict[str, list[float]]


async def in_turns(rounds: int, kinds: Mapping[str, Measure[T]]) -> dict[str, list[T]]:
    """Measure every kind once a round; the second round begins with the second kind, and so on."""
    found: dict[str, list[T]] = {name: [] for name in kinds}
    names = list(kinds)
    for number in range(rounds):
        first = number % len(names)
        for name in (*names[first:], *names[:first]):
            found[name].append(await kinds[name]())
    return found


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return the median of how they compared, round by round."""
    return median(our / their for our, their in zip(ours, theirs, strict=True))
