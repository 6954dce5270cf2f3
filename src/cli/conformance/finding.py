"""What a scenario found: each statement about the shop, and whether it held."""

from typing import Any

from msgspec import Struct


class Check(Struct, frozen=True, kw_only=True):
    """One statement, what it takes to be true, and what was there."""

    statement: str
    held: bool
    expected: str
    found: str


class Verdict(Struct, frozen=True, kw_only=True):
    """How a scenario went."""

    checks: tuple[Check, ...]
    stopped: str | None
    """Why it could not be finished."""
    seconds: float

    @property
    def held(self) -> bool:
        """Nothing is held that was not looked at."""
        return self.stopped is None and bool(self.checks) and all(each.held for each in self.checks)


class Findings:
    """Filled by a scenario, statement by statement."""

    def __init__(self) -> None:
        self.checks: list[Check] = []

    def hold(self, statement: str, found: Any, expected: Any) -> None:  # noqa: ANN401 - any two answers
        """Hold what was found against what a statement takes to be true."""
        self.checks.append(
            Check(
                statement=statement,
                held=bool(found == expected),
                expected=repr(expected),
                found=repr(found),
            )
        )

    def verdict(self, seconds: float, stopped: str | None = None) -> Verdict:
        return Verdict(checks=tuple(self.checks), stopped=stopped, seconds=round(seconds, 2))
