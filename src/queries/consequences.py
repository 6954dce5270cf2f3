"""Which findings only follow from others, and would drown them."""

from collections.abc import Sequence

from src.events.findings import Finding, Kind
from src.queries.stream_replay import Doubts

_PLACES = {Kind.CHANGED, Kind.MISSING, Kind.INSERTED, Kind.SWAPPED, Kind.TRUNCATED}
"""What is wrong with events themselves; what it does to hashes above them is a consequence."""


def without_consequences(findings: Sequence[Finding]) -> list[Finding]:
    """Return what somebody did, in the order of the book, and what nothing else explains."""
    causes = [each for each in findings if each.kind in _PLACES]
    kept = [each for each in findings if each.kind in _PLACES or not _follows(each, causes)]
    return sorted(kept, key=lambda each: (each.position, each.last))


def together(hashed: Sequence[Finding], replayed: Sequence[Finding]) -> list[Finding]:
    """Return what two walks found, and what both of them found once."""
    first: dict[tuple[Kind, int], Finding] = {}
    for each in (*hashed, *replayed):
        first.setdefault((each.kind, each.position), each)
    return without_consequences(list(first.values()))


def doubts(findings: Sequence[Finding]) -> Doubts | None:
    """Return a judge of events by what their hashes say; None where there is nothing to doubt."""
    causes = [each for each in findings if each.kind in _PLACES]
    if not causes:
        return None
    return lambda position: any(_covers(each, position) for each in causes)


def _covers(cause: Finding, position: int) -> bool:
    if cause.kind is Kind.SWAPPED:
        return position in {cause.position, cause.last}
    return cause.position <= position <= cause.last


def _follows(consequence: Finding, causes: Sequence[Finding]) -> bool:
    """Whether a finding says no more than one of the causes does."""
    if consequence.kind is Kind.FOLDER:
        return False
    moved = (each.kind in {Kind.MISSING, Kind.INSERTED} for each in causes)
    if consequence.kind in {Kind.VERSION, Kind.TIME} and any(moved):
        return True
    return any(_touches(each, consequence) for each in causes)


def _touches(cause: Finding, consequence: Finding) -> bool:
    if cause.kind is Kind.SWAPPED:
        ends = (cause.position, cause.last)
        if consequence.kind in {Kind.VERSION, Kind.TIME}:
            return cause.position <= consequence.position <= cause.last + 1
        return any(consequence.position <= end <= consequence.last for end in ends)
    # A time that was changed makes the next one seem wrong.
    last = cause.last + (consequence.kind is Kind.TIME)
    return cause.position <= consequence.last and consequence.position <= last
