"""What the book said to a batch: each wish hears its verdict, the states at hand learn."""

from collections.abc import Sequence

from msgspec import Struct

from src.commands.desk import Draft
from src.commands.states import States
from src.commands.wish import Held, Wish
from src.events.envelope import Appended, Outcome, StoredEvent, Verdict
from src.events.identifiers import Stream

Judged = tuple[Draft, Verdict]


class Conclusion(Struct, frozen=True, kw_only=True):
    """What follows from an append."""

    again: list[Wish]
    """Their streams had moved; they are to be decided again."""
    position: int | None
    """The last position that was written; None when nothing was new."""
    as_drafted: bool
    """Whether the book now is as the drafts leave it."""


def conclude(drafts: Sequence[Draft], appended: Appended, states: States) -> Conclusion:
    """Tell everybody who has an answer, and learn what was written."""
    judged = list(zip(drafts, appended.verdicts, strict=True))
    moved = [draft.wish for draft, verdict in judged if verdict.outcome is Outcome.MOVED]
    positions = [
        _told(draft, verdict) for draft, verdict in judged if verdict.outcome is not Outcome.MOVED
    ]
    _learn(judged, appended.tails, states)
    states.forget(_ahead(judged, {stored.stream for stored in appended.tails}, states))
    return Conclusion(
        again=moved,
        position=max(positions) if positions and any(draft.after for draft in drafts) else None,
        as_drafted=is_as_drafted(appended),
    )


def is_as_drafted(appended: Appended) -> bool:
    """Whether everything was written just as it was decided."""
    return all(verdict.outcome is Outcome.WRITTEN for verdict in appended.verdicts)


def _told(draft: Draft, verdict: Verdict) -> int:
    if verdict.position is None or verdict.recorded_at is None:
        raise AssertionError("a verdict that is not `moved` has a position")
    if draft.refusal is not None:
        draft.wish.fail(draft.refusal)
    else:
        draft.wish.settle(Held(verdict.position, verdict.recorded_at))
    return verdict.position


def _learn(judged: Sequence[Judged], tails: Sequence[StoredEvent], states: States) -> None:
    """Keep what was written as it was drafted, and fold in what others had written before."""
    for draft, verdict in judged:
        if verdict.outcome is Outcome.WRITTEN:
            for name, folded in draft.after.items():
                states.grown(name, folded)
    states.advance_stored(tails)
    states.forget(_written_before(judged))


def _written_before(judged: Sequence[Judged]) -> list[Stream]:
    """Return the streams whose facts stand as they were decided then, which may not be as now."""
    return [
        expected.stream
        for draft, verdict in judged
        if verdict.outcome is Outcome.ALREADY_WRITTEN
        for expected in draft.entry.expected
    ]


def _ahead(judged: Sequence[Judged], behind: set[Stream], states: States) -> list[Stream]:
    """Return streams that moved although nothing was missed, so that we know more than the book.

    It has lost what we know: a standby took over, or a backup was restored.
    """
    return [
        expected.stream
        for draft, verdict in judged
        if verdict.outcome is Outcome.MOVED
        and not any(expected.stream in behind for expected in draft.entry.expected)
        and all(map(states.stands_at, draft.entry.expected))
        for expected in draft.entry.expected
    ]
