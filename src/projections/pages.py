"""A page of the book, decoded as far as anybody wants to read it."""

from collections.abc import Iterable, Sequence

from src.events.catalogue import EVENTS
from src.events.codec import recorded
from src.events.connection import Connection
from src.events.envelope import Recorded, StoredEvent
from src.events.upcasters import UnknownFactError
from src.projections.projection import Projection


def unwanted(group: Sequence[Projection]) -> list[str]:
    """Name the facts that nobody in the group handles: the book need not send them."""
    return sorted(EVENTS.keys() - _wanted(group))


def decoded(page: Iterable[StoredEvent], group: Sequence[Projection]) -> list[Recorded]:
    """Decode the facts that somebody in the group handles.

    Raises UnknownFactError for a fact that nobody here has heard of: it might
    have been for one of them.
    """
    wanted = _wanted(group)
    return [recorded(stored) for stored in page if stored.type in wanted or _is_other(stored)]


def _wanted(group: Sequence[Projection]) -> set[str]:
    return {fact.__name__ for projection in group for fact in projection.HANDLES}


def _is_other(stored: StoredEvent) -> bool:
    if stored.type not in EVENTS:
        raise UnknownFactError(f"{stored.type} was written by a newer Khata")
    return False


async def hand_out(
    facts: Sequence[Recorded], group: Sequence[Projection], db: Connection, book: int
) -> None:
    """Give each projection the facts that it handles."""
    for projection in group:
        mine = [fact for fact in facts if fact.event.__class__ in projection.HANDLES]
        if mine:
            await projection.project(mine, db, book)
