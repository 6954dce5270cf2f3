"""Ways in which the API can fail, planned per operation and used up one by one."""

from typing import Annotated, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from src.http.sandbox.store import Store

FaultKind = Literal[
    "hang", "reset", "http_500", "html_502", "html_504", "http_429", "http_429_bare", "http_401",
    "empty_200", "not_json_200", "commit_then_drop", "commit_then_500", "slow",
]  # fmt: skip
AFTER_THE_WORK: frozenset[FaultKind] = frozenset({"commit_then_drop", "commit_then_500", "slow"})
"""These do what was asked and commit it; all others do nothing."""
TIMES_MAX = 1_000_000
SECONDS_MAX = 600.0
PLANNED_MAX = 100
EVERY_OPERATION = "*"


class Fault(Struct, frozen=True, forbid_unknown_fields=True):
    operation: str
    """As in routes.py (`order.create`, `payment.refund`, ...), or `*`."""
    fault: FaultKind
    times: Annotated[int, Meta(ge=1, le=TIMES_MAX)] = 1
    about: Annotated[str, Meta(min_length=1, max_length=255)] | None = None
    """Only calls that name this id or receipt in their path, query or body."""
    seconds: Annotated[float, Meta(ge=0, le=SECONDS_MAX)] = 10.0
    """How long `slow` keeps the answer back, on the sandbox's clock."""


class Faults:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._planned = store.recall("faults", list[Fault], [])

    def plan(self, fault: Fault) -> None:
        self._keep([*self._planned, fault])

    def take(self, operation: str, said: bytes) -> Fault | None:
        """The first fault planned for this operation and what was said to it, one use less."""
        for at, planned in enumerate(self._planned):
            if _fits(planned, operation, said):
                left = planned.times - 1
                rest = [replace(planned, times=left)] if left else []
                self._keep([*self._planned[:at], *rest, *self._planned[at + 1 :]])
                return planned
        return None

    def clear(self) -> None:
        self._keep([])

    @property
    def planned(self) -> list[Fault]:
        return self._planned

    def _keep(self, planned: list[Fault]) -> None:
        self._planned = planned
        self._store.remember("faults", planned)


def _fits(fault: Fault, operation: str, said: bytes) -> bool:
    is_meant = fault.operation in {operation, EVERY_OPERATION}
    return is_meant and (fault.about is None or fault.about.encode() in said)
