"""Asking Razorpay about many things, some at a time, while a person may be watching."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

AT_ONCE_MAX = 8
"""Questions to Razorpay under way at the same time."""

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""
T = TypeVar("T")


async def each_of(
    work: Callable[[T], Awaitable[None]], things: Sequence[T], what: str, progress: Progress
) -> None:
    """Do the work for each thing, and tell how far it is."""
    for begin in range(0, len(things), AT_ONCE_MAX):
        progress(what, begin, len(things))
        await asyncio.gather(*(work(each) for each in things[begin : begin + AT_ONCE_MAX]))
