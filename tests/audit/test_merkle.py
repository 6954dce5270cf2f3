"""The tree beside its definition in RFC 9162, and proofs that hold for the truth alone."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.events.merkle import (
    BLOCK_LEAVES,
    EMPTY_ROOT,
    Frontier,
    Range,
    consistency,
    cover,
    folded,
    inclusion,
    is_consistent,
    is_included,
    node,
    remainder,
)

SIZES = st.integers(1, 700)


def leaves(number: int) -> list[bytes]:
    return [sha256(b"\x00" + b"%d" % n).digest() for n in range(number)]


TREE = leaves(1_200)


def defined(hashes: list[bytes]) -> bytes:
    """The definition: an empty tree, one leaf, or two halves split at a power of two."""
    if not hashes:
        return sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return sha256(b"\x01" + defined(hashes[:split]) + defined(hashes[split:])).digest()


def filled(plan: list[Range]) -> list[bytes]:
    return [defined(TREE[low:high]) for low, high in plan]


# The inputs and roots with which certificate-transparency logs have been tested for ever.
KNOWN_INPUTS = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
KNOWN_ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    4: "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    6: "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def test_the_roots_are_the_known_ones() -> None:
    tree = Frontier()
    assert tree.root.hex() == EMPTY_ROOT.hex()
    for size, known in enumerate(KNOWN_INPUTS, start=1):
        tree.extend([sha256(b"\x00" + known).digest()])
        assert tree.root.hex() == KNOWN_ROOTS[size]


@given(st.lists(st.integers(0, 600), max_size=4))
def test_however_a_tree_grows_its_root_is_the_defined_one(steps: list[int]) -> None:
    tree, kept = Frontier(), []
    for step in steps:
        step = min(step, len(TREE) - tree.size)  # noqa: PLW2901 - there are no more leaves
        kept += tree.extend(TREE[tree.size : tree.size + step])
    assert tree.root == defined(TREE[: tree.size])
    assert len(tree.hashes) == tree.size.bit_count()
    places = range(tree.size // BLOCK_LEAVES)
    assert kept == [(1, n, defined(TREE[n * 256 : n * 256 + 256])) for n in places]


def test_subtrees_of_every_kept_size_are_named_once() -> None:
    tree = Frontier()
    kept = tree.extend(TREE[:1] * 65_536)
    assert [each[:2] for each in kept] == [*((1, n) for n in range(256)), (2, 0)]
    assert kept[-1].hash == tree.root


@given(SIZES)
def test_a_remembered_frontier_goes_on_where_it_was(size: int) -> None:
    subtrees = [(place << level, (place + 1) << level) for level, place in cover((0, size))]
    again = Frontier(size, filled(subtrees))
    again.extend(TREE[size : size + 300])
    assert again.root == defined(TREE[: size + 300])


@given(SIZES, st.randoms(use_true_random=False))
def test_a_leaf_is_proven_at_its_own_place_and_nowhere_else(size: int, chance: object) -> None:
    index = chance.randrange(size)  # type: ignore[attr-defined]  # hypothesis calls it a Random
    proof, root = filled(inclusion(index, size)), defined(TREE[:size])
    assert is_included(TREE[index], index, size, proof, root)
    assert len(proof) <= size.bit_length()
    for other in {0, index - 1, index + 1, size - 1, size} - {index}:
        assert not is_included(TREE[index], other, size, proof, root)
    assert not is_included(TREE[index + 1], index, size, proof, root)
    assert not is_included(TREE[index], index, size, [*proof, root], root)
    for n in range(len(proof)):
        assert not is_included(TREE[index], index, size, proof[:n] + proof[n + 1 :], root)
        altered = [*proof[:n], node(proof[n], root), *proof[n + 1 :]]
        assert not is_included(TREE[index], index, size, altered, root)


@given(SIZES, SIZES)
def test_a_tree_is_proven_to_begin_another_only_if_it_does(one: int, other: int) -> None:
    old, new = sorted((one, other))
    proof = filled(consistency(old, new))
    roots = defined(TREE[:old]), defined(TREE[:new])
    assert is_consistent(old, new, proof, *roots)
    assert not is_consistent(old, new, proof, node(*roots), roots[1])
    assert not is_consistent(old, new, proof, roots[0], node(*roots))
    assert not is_consistent(old, new, [*proof, roots[0]], *roots)
    for n in range(len(proof)):
        assert not is_consistent(old, new, proof[:n] + proof[n + 1 :], *roots)
        altered = [*proof[:n], node(proof[n], roots[0]), *proof[n + 1 :]]
        assert not is_consistent(old, new, altered, *roots)


@pytest.mark.parametrize("sizes", [(0, 5), (6, 5), (-1, 5)])
def test_sizes_that_cannot_be_prove_nothing(sizes: tuple[int, int]) -> None:
    assert not is_consistent(*sizes, [], TREE[0], TREE[0])
    assert not is_included(TREE[0], sizes[0] + 6, 5, [], TREE[0])


@given(SIZES, st.sets(st.integers(0, 699), min_size=1, max_size=20))
def test_one_proof_for_several_leaves_leads_to_the_root(size: int, wanted: set[int]) -> None:
    indexes = sorted(index for index in wanted if index < size) or [0]
    given_hashes = iter(filled(remainder(indexes, size)))

    def root_of(low: int, high: int) -> bytes:
        inside = [index for index in indexes if low <= index < high]
        if not inside:
            return next(given_hashes)
        if high - low == 1:
            return TREE[low]
        middle = low + (1 << (high - low - 1).bit_length() - 1)
        return node(root_of(low, middle), root_of(middle, high))

    assert root_of(0, size) == defined(TREE[:size])
    assert next(given_hashes, None) is None


@given(SIZES, SIZES)
def test_every_range_of_a_plan_is_covered_by_whole_subtrees(one: int, other: int) -> None:
    old, new = sorted((one, other))
    for low, high in [*inclusion(old - 1, new), *consistency(old, new), *remainder([old], new)]:
        subtrees = [(place << level, (place + 1) << level) for level, place in cover((low, high))]
        assert [subtrees[0][0], *(end for _, end in subtrees)][-1] == high
        assert folded(filled(subtrees)) == defined(TREE[low:high])
