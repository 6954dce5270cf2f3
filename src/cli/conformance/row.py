"""What a scenario is: where it comes from, what is done, and what must hold then."""

from collections.abc import Awaitable, Callable

from msgspec import Struct

from src.cli.conformance.stage import Stage

ROW_SECONDS_MAX = 90.0
"""So long may one scenario take; a hang of Razorpay's alone takes twelve."""


class Row(Struct, frozen=True, kw_only=True):
    """One scenario, told by its id."""

    id: str
    title: str
    """What must hold."""
    source: str
    """The failure, or the guidance, that it covers."""
    done: str
    """What is done to the shop."""
    steps: Callable[[Stage], Awaitable[None]]
    alone: bool = False
    """Whether it moves what all scenarios share: a clock, an endpoint, Redis, a balance."""
    manual: bool = False
    """Whether it is about a shop that takes promised money itself."""
    seconds_max: float = ROW_SECONDS_MAX


class Group(Struct, frozen=True):
    """Scenarios about one thing."""

    title: str
    rows: tuple[Row, ...]
