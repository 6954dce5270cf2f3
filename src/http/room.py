"""How much may be worked on at the same time; whoever finds no room is told to come back."""

from types import TracebackType

from src.http.refusals import Overloaded


class Room:
    """A number of places; `with` takes one, or raises Overloaded when all are taken."""

    def __init__(self, places: int) -> None:
        self._free = places

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
