"""One stream beside what was signed: each event by its own leaf, and all of them by one proof."""

from collections.abc import Sequence

from msgspec import Struct

from src.events.checkpoint_notes import NoteKey
from src.events.findings import Finding, Kind, finding
from src.events.hashed_page import Asking
from src.events.identifiers import Stream
from src.events.merkle import remainder
from src.events.subtrees import MissingSubtreeError, Subtrees
from src.queries.bundle import root_of
from src.queries.proofs import (
    BookAlteredError,
    SignedCheckpoint,
    inclusion_proof,
    latest_checkpoint,
)
from src.queries.stored_rows import StoredRow, rows_of


class StreamReport(Struct, frozen=True, kw_only=True):
    """What was gone through, and what was found.

    Events that were cut off the stream's end leave no trace in it: only a
    verification of the whole book misses them.
    """

    events: int
    signed: int
    """How many of them are under the newest checkpoint."""
    findings: list[Finding]


async def verify_stream(db: Asking, key: NoteKey, name: Stream, book: int = 1) -> StreamReport:
    """Verify the events of one stream; raises BadNoteError."""
    newest = await latest_checkpoint(db, book, key)
    size, events, signed, findings = newest.size if newest else 0, 0, 0, list[Finding]()
    version, position = 0, 0
    while page := await rows_of(db, book, name, version):
        findings += _altered(page, book)
        findings += _dense(page, version, position)
        below = [row for row in page if row.event.position <= size]
        if newest is not None and below:
            findings += await _unproven(db, key, book, newest, below)
        version, position = page[-1].event.version, page[-1].event.position
        events, signed = events + len(page), signed + len(below)
    return StreamReport(events=events, signed=signed, findings=_once(findings))


def _dense(page: Sequence[StoredRow], version: int, position: int) -> list[Finding]:
    found: list[Finding] = []
    for row in page:
        event = row.event
        if event.version != version + 1:
            words = f"version {event.version} follows version {version}"
            found.append(finding(Kind.VERSION, event.position, words))
        if event.position <= position:
            words = "it stands before the version before it"
            found.append(finding(Kind.VERSION, event.position, words))
        version, position = event.version, event.position
    return found


def _altered(page: Sequence[StoredRow], book: int) -> list[Finding]:
    words = "the event's bytes do not give its leaf"
    return [
        finding(Kind.CHANGED, row.event.position, words)
        for row in page
        if row.leaf_at(book, row.event.position) != row.kept
    ]


async def _unproven(
    db: Asking, key: NoteKey, book: int, signed: SignedCheckpoint, rows: Sequence[StoredRow]
) -> list[Finding]:
    """Prove all at once; only if that fails, one by one, to know which."""
    ordered = sorted(rows, key=lambda row: row.event.position)
    leaves = [(row.event.position - 1, row.leaf_at(book, row.event.position)) for row in ordered]
    plan = remainder([index for index, _ in leaves], signed.size)
    try:
        proof = iter(await Subtrees(db, book).roots(plan))
        if root_of(leaves, (0, signed.size), proof) == signed.root:
            return []
    except MissingSubtreeError as error:
        return [finding(Kind.SUBTREE, 1, str(error), signed.size)]
    return [
        finding(Kind.CHANGED, index + 1, "it cannot be proven that it was signed")
        for index, _ in leaves
        if not await _is_proven(db, key, book, index + 1, signed.size)
    ]


async def _is_proven(db: Asking, key: NoteKey, book: int, position: int, size: int) -> bool:
    try:
        return await inclusion_proof(db, book, key, position, size) is not None
    except (BookAlteredError, MissingSubtreeError):
        return False


def _once(findings: Sequence[Finding]) -> list[Finding]:
    """Say one thing of each place."""
    first: dict[int, Finding] = {}
    for each in findings:
        first.setdefault(each.position, each)
    return sorted(first.values(), key=lambda each: each.position)
