"""Whether an order stands under a signed checkpoint, checked while its page is drawn."""

from base64 import b64encode

from msgspec import Struct

from src.events.checkpoint_notes import BadNoteError
from src.events.subtrees import MissingSubtreeError
from src.http.shop import Shop
from src.queries.proofs import BookAlteredError, inclusion_proof


class OrderProof(Struct, frozen=True, kw_only=True):
    """What can be proven of one position of the book."""

    position: int
    is_altered: bool = False
    size: int | None = None
    """Of the checkpoint that it is under; None while there is none that reaches it."""
    leaf: str = ""
    hashes: int = 0


async def proof_of(shop: Shop, position: int) -> OrderProof:
    """Prove a position, or say why not."""
    key = shop.notary_key()
    if key is None:
        return OrderProof(position=position)
    try:
        proof = await inclusion_proof(shop.reads, shop.book_id, key, position)
    except (BookAlteredError, MissingSubtreeError, BadNoteError):
        return OrderProof(position=position, is_altered=True)
    if proof is None:
        return OrderProof(position=position)
    return OrderProof(
        position=position,
        size=proof.checkpoint.size,
        leaf=b64encode(proof.leaf).decode(),
        hashes=len(proof.hashes),
    )
