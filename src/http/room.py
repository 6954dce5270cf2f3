"""How much may be worked on at the same time; whoever finds no room is told to come back."""

from types import TracebackType

from src.http.auth import AREAS
from src.http.flood import is_limited
from src.http.refusals import Overloaded
from src.http.settings import HttpSettings

WEBHOOKS = "/webhooks/"
WRITES = frozenset(("POST", "PUT", "PATCH", "DELETE"))
_CLOSED = tuple(area for area, _ in AREAS)
_FEEDS, _FEED = "/checkout/", "/events"
"""A stream of events lasts for minutes; how many there may be is counted where they are made."""


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
    the way of a shopper. Pages, health and figures need none.
    """

    def __init__(self, settings: HttpSettings) -> None:
        self.webhooks = Room(settings.webhooks_at_once_max)
        self.writes = Room(settings.writes_at_once_max)
        self.waits = Room(settings.reads_at_once_max)
        self._reads = Room(settings.reads_at_once_max)
        self._staff_reads = Room(settings.staff_reads_at_once_max)

    def are_full(self, method: str, path: str) -> bool:
        """Whether a request finds no place, before anything is known of it but its address."""
        if path.startswith(WEBHOOKS):
            return self.webhooks.is_full
        if method in WRITES:
            return self.writes.is_full
        room = self.of_read(path)
        return room is not None and room.is_full

    def of_read(self, path: str) -> Room | None:
        """Return where a read takes its place, if it needs one."""
        if not is_limited(path) or (path.startswith(_FEEDS) and path.endswith(_FEED)):
            return None
        return self._staff_reads if path.startswith(_CLOSED) else self._reads
