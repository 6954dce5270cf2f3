"""Ways in which the API can fail, planned per operation and used up one by one."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from src.http.sandbox.refusals import Refusal, refused
from src.http.sandbox.store import Store

FaultKind = Literal["hang", "reset", "http_500", "html_502", "http_429", "commit_then_drop"]
TIMES_MAX = 1_000_000
EVERY_OPERATION = "*"


class Fault(Struct, frozen=True, forbid_unknown_fields=True):
    operation: str
    """As in routes.py (`order.create`, `payment.refund`, ...), or `*`."""
    fault: FaultKind
    times: Annotated[int, Meta(ge=1, le=TIMES_MAX)] = 1


class Faults:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._planned = store.recall("faults", list[Fault], [])

    def plan(self, fault: Fault) -> None:
        self._keep([*self._planned, fault])

    def take(self, operation: str) -> FaultKind | None:
        """The first fault planned for this operation, one use less."""
        for at, planned in enumerate(self._planned):
            if planned.operation in {operation, EVERY_OPERATION}:
                left = Fault(planned.operation, planned.fault, planned.times - 1)
                rest = [left] if left.times else []
                self._keep([*self._planned[:at], *rest, *self._planned[at + 1 :]])
                return planned.fault
        return None

    def clear(self) -> None:
        self._planned = []

    @property
    def planned(self) -> list[Fault]:
        return self._planned

    def _keep(self, planned: list[Fault]) -> None:
        self._planned = planned
        self._store.remember("faults", planned)


def server_error() -> Refusal:
    return refused(
        "We are facing some trouble completing your request at the moment. Please try again"
        " shortly.",
        status=500,
        code="SERVER_ERROR",
    )


def too_many_requests() -> Refusal:
    """Razorpay publishes no body for its 429; this one is invented."""
    return refused("Too many requests", status=429)


BAD_GATEWAY_HTML = (
    b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    b"<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n"
)
