"""How much may be worked on at the same time; whoever finds no room is told to come back."""

import sys
from types import TracebackType

from src.http.auth import AREAS, is_open
from src.http.flood import is_limited
from src.http.refusals import Overloaded
from src.http.settings import HttpSettings

_WEBHOOKS = "/webhooks/"
WRITES = frozenset(("POST", "PUT", "PATCH", "DELETE"))
_CLOSED = tuple(area for area, _ in AREAS)
_FEEDS, _FEED = ("/checkout/", "/console/live/"), "/events"
"""A stream of events lasts for minutes; how many there may be is counted where they are made."""


def is_delivery(path: str) -> bool:
    """Whether Razorpay sends it."""
    return path.startswith(_WEBHOOKS)


class Room:
    """A number of places; `with` takes one, or raises Overloaded when all are taken."""

    def __init__(self, places: int) -> None:
        self._free = places

    @property
    def is_full(self) -> bool:
        """Whether nobody else gets in now."""
        return self._free <= 0

    def __enter__(self) -> None:
        if self._free <= 0:
            raise Overloaded
        self._free -= 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._free += 1


class Rooms:
    """The rooms of one process: each kind of work has its own, so that none takes all.

    Staff have few places for their reads, which are heavy: a report is never in
    the way of a shopper. Pages, health and figures need none, nor do the console's
    files and its login, nor a browser's question whether it may write.
    """

    def __init__(self, settings: HttpSettings) -> None:
        self._webhooks = Room(settings.webhooks_at_once_max)
        self._writes = Room(settings.writes_at_once_max)
        self.waits = Room(settings.reads_at_once_max)
        self.large_bodies = Room(settings.large_bodies_at_once_max)
        self._reads = Room(settings.reads_at_once_max)
        self._staff_reads = Room(settings.staff_reads_at_once_max)
        self._outdoors = Room(sys.maxsize)

    def are_full(self, method: str, path: str) -> bool:
        """Whether a request finds no place, before anything is known of it but its address."""
        if method == "OPTIONS":
            return False
        return (self.of_write(path) if method in WRITES else self.of_read(path)).is_full

    def of_write(self, path: str) -> Room:
        """Return where a write takes its place."""
        return self._webhooks if is_delivery(path) else self._writes

    def of_read(self, path: str) -> Room:
        """Return where a read takes its place."""
        is_feed = path.startswith(_FEEDS) and path.endswith(_FEED)
        if not is_limited(path) or is_feed or is_open(path):
            return self._outdoors
        return self._staff_reads if path.startswith(_CLOSED) else self._reads
