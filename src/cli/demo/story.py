"""What a story is: a title, the promises it shows, and how it goes."""

from collections.abc import Awaitable, Callable

from msgspec import Struct

from src.cli.demo.shop import Shop
from src.cli.demo.telling import Telling


class Story(Struct, frozen=True, kw_only=True):
    """One of the demo's stories; `shows` are numbers of promises."""

    title: str
    shows: tuple[int, ...]
    tell: Callable[[Shop, Telling], Awaitable[None]]
