"""Roots of parts of the tree, from leaves beside the events and from every eighth level.

A proof of a book of 16 million events reads a few hundred rows, in a handful of
short questions. What is read is not believed: whoever asks checks the result
against a signed root.
"""

from collections import defaultdict
from collections.abc import Iterable

from src.events.hashed_page import Asking
from src.events.merkle import BLOCK_LEAVES, KEPT_EVERY, Frontier, Range, block_root, cover, folded


class MissingSubtreeError(Exception):
    """A leaf or a kept root that the tree needs is not there."""


class Subtrees:
    """The tree of one book, as it is stored."""

    def __init__(self, db: Asking, book: int = 1) -> None:
        self._db = db
        self._book = book

    async def roots(self, ranges: Iterable[Range]) -> list[bytes]:
        """Return the root of each range of a plan; raises MissingSubtreeError."""
        parts = [cover(each) for each in ranges]
        found = await self._find({subtree for part in parts for subtree in part})
        return [folded([found[subtree] for subtree in part]) for part in parts]

    async def frontier(self, size: int) -> Frontier:
        """Return the tree of a size, ready to grow; raises MissingSubtreeError."""
        subtrees = cover((0, size))
        found = await self._find(set(subtrees))
        return Frontier(size, [found[subtree] for subtree in subtrees])

    async def _find(self, subtrees: set[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
        """Read each block of 256 that a subtree lies in once."""
        blocks: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
        for level, place in subtrees:
            kept, within = divmod(level, KEPT_EVERY)
            blocks[kept, (place << within) // BLOCK_LEAVES].append((level, place))
        found: dict[tuple[int, int], bytes] = {}
        for (kept, block), wanted in blocks.items():
            stored = await self._block(kept, block)
            for level, place in wanted:
                found[level, place] = _root_within(stored, level % KEPT_EVERY, place)
        return found

    async def _block(self, kept: int, block: int) -> dict[int, bytes]:
        first = block * BLOCK_LEAVES
        query, level = (_NODES, (kept,)) if kept else (_LEAVES, ())
        rows = await self._db.fetch(query, self._book, first, first + BLOCK_LEAVES, *level)
        return {row[0]: row[1] for row in rows}


def _root_within(stored: dict[int, bytes], level: int, place: int) -> bytes:
    first = place << level
    try:
        return block_root([stored[n] for n in range(first, first + (1 << level))])
    except KeyError as error:
        raise MissingSubtreeError(f"the tree has no {error} at level {level}") from error


_LEAVES = """
select position - 1, leaf from khata.events where book = $1 and position > $2 and position <= $3
"""
_NODES = """
select place, hash from khata.tree_nodes
where book = $1 and place >= $2 and place < $3 and level = $4
"""
