"""What an auditor is shown of checkpoints and proofs; hashes are base64, as notes write them."""

from base64 import b64encode

from msgspec import Struct

from src.events.checkpoint_notes import NoteKey
from src.queries.proofs import ConsistencyProof, InclusionProof, SignedCheckpoint


class CheckpointDocument(Struct, frozen=True, kw_only=True):
    """A signed checkpoint: the book up to position `size` is this one and no other.

    `note` is the signed note to the byte. `key` is what it was judged by here;
    compare it with the one that you were handed beforehand.
    """

    size: int
    root: str
    note: str
    key: str


class ProofDocument(Struct, frozen=True, kw_only=True):
    """That an event is under a checkpoint: an inclusion proof as RFC 9162, 2.1.3, has it."""

    position: int
    leaf_index: int
    leaf: str
    hashes: list[str]
    checkpoint: CheckpointDocument


class ConsistencyDocument(Struct, frozen=True, kw_only=True):
    """That one checkpoint's book begins with another's: a consistency proof, RFC 9162, 2.1.4."""

    older: CheckpointDocument
    newer: CheckpointDocument
    hashes: list[str]


def checkpoint_document(signed: SignedCheckpoint, key: NoteKey) -> CheckpointDocument:
    """Show a checkpoint."""
    return CheckpointDocument(
        size=signed.size, root=_base64(signed.root), note=signed.note, key=str(key)
    )


def proof_document(proof: InclusionProof, key: NoteKey) -> ProofDocument:
    """Show a proof."""
    return ProofDocument(
        position=proof.position,
        leaf_index=proof.leaf_index,
        leaf=_base64(proof.leaf),
        hashes=[_base64(each) for each in proof.hashes],
        checkpoint=checkpoint_document(proof.checkpoint, key),
    )


def consistency_document(proof: ConsistencyProof, key: NoteKey) -> ConsistencyDocument:
    """Show a proof of consistency."""
    return ConsistencyDocument(
        older=checkpoint_document(proof.older, key),
        newer=checkpoint_document(proof.newer, key),
        hashes=[_base64(each) for each in proof.hashes],
    )


def _base64(value: bytes) -> str:
    return b64encode(value).decode()
