"""What an auditor takes home: events to the byte, their proof, the checkpoint and the key, as JSON.

One proof serves all events: the roots of everything beside them, from left to
right. The file has one spelling only (keys sorted, no spaces, UTF-8), so that
no byte of it can be changed. `verify_bundle.py` reads it without Khata.
"""

import json
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from src.events import notary_rows
from src.events.checkpoint_notes import NoteKey
from src.events.hashed_page import Asking
from src.events.merkle import Range, node, remainder
from src.events.ports import Book
from src.events.subtrees import Subtrees
from src.queries.proofs import BookAlteredError, SignedCheckpoint, latest_checkpoint
from src.queries.stored_rows import StoredRow, rows_at
from src.queries.timeline import timeline

FORMAT = "khata-bundle-1"
BUNDLE_EVENTS_MAX = 100_000
"""Some 60 megabytes; a longer time is taken home in several files."""
POSITIONS_PER_PAGE = 2_000


class NothingToBundleError(Exception):
    """There is no such event under a checkpoint, or there are too many."""


async def bundle_of_order(
    source: Book, db: Asking, book: int, key: NoteKey, order_id: str
) -> bytes:
    """Return the bundle of everything that led to an order, from the first item in the cart on."""
    story = await timeline(source, order_id)
    if story is None:
        raise NothingToBundleError("there is no such order")
    return await bundle(db, book, key, sorted({moment.position for moment in story}))


async def bundle_of_range(db: Asking, book: int, key: NoteKey, first: int, last: int) -> bytes:
    """Return the bundle of the events at the positions from `first` to `last`."""
    if not 0 < first <= last < first + BUNDLE_EVENTS_MAX:
        raise NothingToBundleError(f"a bundle holds 1 to {BUNDLE_EVENTS_MAX} events")
    return await bundle(db, book, key, range(first, last + 1))


async def bundle(db: Asking, book: int, key: NoteKey, positions: Sequence[int]) -> bytes:
    """Return the bundle of these positions, in order, under the newest checkpoint.

    Raises NothingToBundleError, or BookAlteredError, MissingSubtreeError or
    BadNoteError when the book was altered.
    """
    signed = await latest_checkpoint(db, book, key)
    if signed is None or not positions or positions[-1] > signed.size:
        raise NothingToBundleError(await _reason(db, book, positions))
    rows = await _rows(db, book, positions)
    plan = remainder([position - 1 for position in positions], signed.size)
    proof = await Subtrees(db, book).roots(plan)
    leaves = [(row.event.position - 1, row.leaf_at(book, row.event.position)) for row in rows]
    if len(rows) != len(positions) or root_of(leaves, (0, signed.size), iter(proof)) != signed.root:
        raise BookAlteredError("these events cannot be proven: audit the book")
    return _written(book, key, rows, proof, signed)


def root_of(leaves: Sequence[tuple[int, bytes]], within: Range, beside: Iterator[bytes]) -> bytes:
    """Return the root over a range of the tree, from some of its leaves and what is beside them."""
    low, high = within
    if not leaves:
        return next(beside)
    if high - low == 1:
        return leaves[0][1]
    middle = low + (1 << (high - low - 1).bit_length() - 1)
    cut = bisect_left(leaves, (middle, b""))
    left = root_of(leaves[:cut], (low, middle), beside)
    return node(left, root_of(leaves[cut:], (middle, high), beside))


async def _reason(db: Asking, book: int, positions: Sequence[int]) -> str:
    """Tell what nobody wrote yet from what nobody signed yet."""
    head = (await notary_rows.head(db, book)).position
    if positions and positions[-1] > head:
        return f"the book ends at {head:,}"
    return "not all of it is under a checkpoint; try again in two seconds"


async def _rows(db: Asking, book: int, positions: Sequence[int]) -> list[StoredRow]:
    rows: list[StoredRow] = []
    for begin in range(0, len(positions), POSITIONS_PER_PAGE):
        page = positions[begin : begin + POSITIONS_PER_PAGE]
        rows += await rows_at(db, book, list(page))
    return rows


def _written(
    book: int, key: NoteKey, rows: Sequence[StoredRow], proof: list[bytes], signed: SignedCheckpoint
) -> bytes:
    content = {
        "format": FORMAT,
        "book": book,
        "key": str(key),
        "checkpoint": signed.note,
        "proof": [each.hex() for each in proof],
        "events": [_event(row) for row in rows],
    }
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode() + b"\n"


def _event(row: StoredRow) -> dict[str, Any]:
    event = row.event
    return {
        "position": event.position,
        "recorded_us": (event.recorded_at - _EPOCH) // _MICROSECOND,
        "stream": event.stream,
        "version": event.version,
        "type": event.type,
        "schema_version": event.schema_version,
        "event_id": str(event.event_id),
        "command_id": str(event.command_id),
        "correlation_id": str(event.correlation_id),
        "causation_id": None if event.causation_id is None else str(event.causation_id),
        "actor": event.actor,
        "payload": bytes(event.payload).decode(),
    }


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
