"""Proofs hold for what was signed, at every position and between every two checkpoints."""

import pytest

from src.events.merkle import is_consistent, is_included
from src.queries.proofs import (
    BookAlteredError,
    checkpoint_of,
    consistency_proof,
    inclusion_proof,
    latest_checkpoint,
)
from tests.audit.conftest import Scene

pytestmark = pytest.mark.anyio

SIZES = (3, 255, 258, 768, 900)


@pytest.fixture
async def signed(scene: Scene) -> Scene:
    done = 0
    for size in SIZES:
        await scene.append(size // 3 - done, done)
        await scene.sign()
        done = size // 3
    return scene


async def test_before_the_first_checkpoint_nothing_is_proven(scene: Scene) -> None:
    await scene.append(1)
    assert await latest_checkpoint(scene.db, 1, scene.key) is None
    assert await inclusion_proof(scene.db, 1, scene.key, 1) is None


@pytest.mark.parametrize("size", SIZES)
async def test_every_position_is_proven_under_every_checkpoint(signed: Scene, size: int) -> None:
    for position in {1, 2, size // 2, min(size, 256), min(size, 257), size - 1, size}:
        proof = await inclusion_proof(signed.db, 1, signed.key, position, size)
        assert proof is not None
        place = proof.leaf_index, proof.checkpoint.size
        assert is_included(proof.leaf, *place, proof.hashes, proof.checkpoint.root)
    for position in (0, -1, size + 1):
        assert await inclusion_proof(signed.db, 1, signed.key, position, size) is None


async def test_every_checkpoint_extends_every_older_one(signed: Scene) -> None:
    for older in SIZES:
        for newer in (size for size in SIZES if size >= older):
            proof = await consistency_proof(signed.db, 1, signed.key, older, newer)
            assert proof is not None
            roots = proof.older.root, proof.newer.root
            assert is_consistent(older, newer, proof.hashes, *roots)
    assert await consistency_proof(signed.db, 1, signed.key, 900, 3) is None
    assert await consistency_proof(signed.db, 1, signed.key, 4, 900) is None


async def test_a_checkpoint_is_found_by_its_size(signed: Scene) -> None:
    found = await checkpoint_of(signed.db, 1, signed.key, 258)
    assert found is not None
    assert found.note.split("\n")[1] == "258"
    assert await checkpoint_of(signed.db, 1, signed.key, 259) is None


@pytest.mark.parametrize(
    "statement",
    [
        "update khata.events set payload = '{}' where position = 300",
        "update khata.events set leaf = sha256('x') where position = 301",
        "update khata.tree_nodes set hash = sha256('x') where place = 0",
        "delete from khata.events where position = 300",
    ],
)
async def test_nothing_false_is_ever_proven(signed: Scene, statement: str) -> None:
    await signed.tamper(statement)
    with pytest.raises(BookAlteredError):
        await inclusion_proof(signed.db, 1, signed.key, 300)
