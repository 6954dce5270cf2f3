"""The Merkle tree over the book, as RFC 9162 defines it; the event at position p is leaf p - 1.

Leaves come in as hashes: they already begin with the byte 00 that marks them.
A proof is a list of hashes, and each is the root of a range of leaves. So a
proof is first planned, as ranges, and then filled by whoever holds the hashes.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import NamedTuple

KEPT_EVERY = 8
"""Subtrees of 256, 65,536, … leaves are kept: one hash in 255, and a proof reads few rows."""
BLOCK_LEAVES = 1 << KEPT_EVERY
EMPTY_ROOT = sha256(b"").digest()

Range = tuple[int, int]
"""Leaves from the first index up to, and without, the second."""


class Kept(NamedTuple):
    """The root of a whole subtree of 256 ** level leaves, the place-th of its size."""

    level: int
    place: int
    hash: bytes


def node(left: bytes, right: bytes) -> bytes:
    """Return the hash over two subtrees."""
    return sha256(b"\x01" + left + right).digest()


def folded(hashes: Sequence[bytes]) -> bytes:
    """Return the root over whole subtrees, biggest first, that stand side by side."""
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node(left, root)
    return root


def block_root(leaves: Sequence[bytes]) -> bytes:
    """Return the root over leaves whose number is a power of two."""
    level = leaves
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=True)
        level = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
    return level[0]


class Frontier:
    """A tree that only grows, remembered by the roots of the whole subtrees it consists of."""

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        assert len(hashes) == size.bit_count()
        self.size = size
        self.hashes = list(hashes)

    @property
    def root(self) -> bytes:
        """The root over every leaf so far."""
        return folded(self.hashes) if self.hashes else EMPTY_ROOT

    def extend(self, leaves: Sequence[bytes]) -> list[Kept]:
        """Add leaves; return the subtrees to be kept that they completed."""
        kept: list[Kept] = []
        done = 0
        while done < len(leaves):
            if self.size % BLOCK_LEAVES == 0 and done + BLOCK_LEAVES <= len(leaves):
                self._push(KEPT_EVERY, block_root(leaves[done : done + BLOCK_LEAVES]), kept)
                done += BLOCK_LEAVES
            else:
                self._push(0, leaves[done], kept)
                done += 1
        return kept

    def _push(self, level: int, root: bytes, kept: list[Kept]) -> None:
        place = self.size >> level
        self.size += 1 << level
        while True:
            if level and level % KEPT_EVERY == 0:
                kept.append(Kept(level // KEPT_EVERY, place, root))
            if not place & 1:
                break
            root = node(self.hashes.pop(), root)
            level, place = level + 1, place >> 1
        self.hashes.append(root)


def cover(leaves: Range) -> list[tuple[int, int]]:
    """Return the whole subtrees (level, place) that a range consists of, as any proof needs it.

    The range begins where its biggest subtree may begin, so they shrink from left to right.
    """
    low, high = leaves
    found: list[tuple[int, int]] = []
    while low < high:
        level = (high - low).bit_length() - 1
        found.append((level, low >> level))
        low += 1 << level
    return found


def inclusion(index: int, size: int) -> list[Range]:
    """Plan the proof that a leaf is in the tree of this size: its neighbours, lowest first."""
    assert 0 <= index < size
    low, high, path = 0, size, list[Range]()
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append((middle, high))
            high = middle
        else:
            path.append((low, middle))
            low = middle
    return path[::-1]


def consistency(old: int, new: int) -> list[Range]:
    """Plan the proof that the tree of the old size begins the tree of the new one."""
    assert 0 < old <= new
    low, high, path = 0, new, list[Range]()
    while old < high:
        middle = low + _split(high - low)
        if old <= middle:
            path.append((middle, high))
            high = middle
        else:
            path.append((low, middle))
            low = middle
    if low:
        path.append((low, high))
    return path[::-1]


def remainder(indexes: Sequence[int], size: int) -> list[Range]:
    """Plan one proof for several leaves, which are given in order: all that is beside them."""
    return list(_remainder(indexes, 0, size))


def _remainder(indexes: Sequence[int], low: int, high: int) -> Iterator[Range]:
    if bisect_left(indexes, low) == bisect_left(indexes, high):
        yield low, high
    elif high - low > 1:
        middle = low + _split(high - low)
        yield from _remainder(indexes, low, middle)
        yield from _remainder(indexes, middle, high)


def _split(size: int) -> int:
    """Return the biggest power of two below a size."""
    return 1 << (size - 1).bit_length() - 1


def is_included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof leads from this leaf to the root of the tree of this size."""
    if not 0 <= index < size:
        return False
    last, found, rest = size - 1, leaf, list(proof[::-1])
    while last and rest:
        if index & 1 or index == last:
            found = node(rest.pop(), found)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            found = node(found, rest.pop())
        index, last = index >> 1, last >> 1
    return last == 0 and not rest and found == root


def is_consistent(
    old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes
) -> bool:
    """Whether the proof shows that the tree of the new size begins with the old one."""
    if not 0 < old <= new or (old == new and proof):
        return False
    if old == new:
        return old_root == new_root
    whole_subtree = old & (old - 1) == 0
    path = [old_root, *proof] if whole_subtree else list(proof)
    return bool(path) and _grown(old - 1, new - 1, path) == (old_root, new_root)


def _grown(old: int, new: int, path: list[bytes]) -> tuple[bytes, bytes] | None:
    """Return both roots that a path leads to, given the last leaf of either tree."""
    while old & 1:
        old, new = old >> 1, new >> 1
    old_root = new_root = path[0]
    for given in path[1:]:
        if new == 0:
            return None
        if old & 1 or old == new:
            old_root, new_root = node(given, old_root), node(given, new_root)
            while old and not old & 1:
                old, new = old >> 1, new >> 1
        else:
            new_root = node(new_root, given)
        old, new = old >> 1, new >> 1
    return (old_root, new_root) if new == 0 else None
