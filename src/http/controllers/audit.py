"""/audit: the book as it was written, and the proofs that nothing in it was altered."""

from collections.abc import Generator
from contextlib import contextmanager

from litestar import Controller, Response, get
from litestar.di import NamedDependency

from src.commands.rejections import Unknown
from src.events.checkpoint_notes import BadNoteError, NoteKey
from src.events.subtrees import MissingSubtreeError
from src.http.answers import answer
from src.http.documents.audit import (
    CheckpointDocument,
    ConsistencyDocument,
    ProofDocument,
    checkpoint_document,
    consistency_document,
    proof_document,
)
from src.http.parameters import (
    LimitInQuery,
    OlderInQuery,
    PositionInPath,
    PositionInQuery,
    SizeInQuery,
    StreamInPath,
    StreamInQuery,
    WordInQuery,
)
from src.http.refusals import BookAltered
from src.http.shop import Shop
from src.queries.feed import FEED_LIMIT_DEFAULT, FeedPage, feed, feed_of_stream, has_stream
from src.queries.proofs import (
    BookAlteredError,
    consistency_proof,
    inclusion_proof,
    latest_checkpoint,
)


class AuditController(Controller):
    """The book for those who do not have to believe it."""

    path = "/audit"
    tags = ["Audit"]

    @get("/checkpoints/latest")
    async def get_checkpoint(self, shop: NamedDependency[Shop]) -> Response[CheckpointDocument]:
        """Give the newest signed checkpoint."""
        with altered_or_not():
            key = _key(shop)
            signed = await latest_checkpoint(shop.reads, shop.book_id, key)
        if signed is None:
            raise _no_checkpoint()
        return answer(checkpoint_document(signed, key))

    @get("/proofs/{position:str}")
    async def get_proof(
        self,
        shop: NamedDependency[Shop],
        position: PositionInPath,
        size: SizeInQuery = None,
    ) -> Response[ProofDocument]:
        """Prove that an event is under the checkpoint of a size, the newest unless said."""
        with altered_or_not():
            key = _key(shop)
            proof = await inclusion_proof(shop.reads, shop.book_id, key, position, size)
        if proof is None:
            under = "a checkpoint" if size is None else f"the checkpoint {size}"
            raise Unknown(f"event under {under} at position", str(position))
        return answer(proof_document(proof, key))

    @get("/consistency")
    async def get_consistency(
        self,
        shop: NamedDependency[Shop],
        older: OlderInQuery,
        newer: SizeInQuery = None,
    ) -> Response[ConsistencyDocument]:
        """Prove that a checkpoint, the newest unless said, extends an older one."""
        with altered_or_not():
            key = _key(shop)
            proof = await consistency_proof(shop.reads, shop.book_id, key, older, newer)
        if proof is None:
            raise Unknown("pair of checkpoints from", f"{older} to {newer or 'the newest'}")
        return answer(consistency_document(proof, key))

    @get("/events")
    async def list_events(
        self,
        shop: NamedDependency[Shop],
        after: PositionInQuery = 0,
        type: WordInQuery = None,  # noqa: A002  # the parameter's public name
        stream: StreamInQuery = None,
        limit: LimitInQuery = FEED_LIMIT_DEFAULT,
    ) -> Response[FeedPage]:
        """Read the book from a position on, oldest first; it never expires."""
        reads, book = shop.reads, shop.book_id
        if stream is None:
            page = await feed(reads, book, after, type_name=type, limit=limit)
        else:
            page = await feed_of_stream(reads, book, stream, after, type_name=type, limit=limit)
        return answer(page)

    @get("/streams/{stream:str}")
    async def get_stream(
        self,
        shop: NamedDependency[Shop],
        stream: StreamInPath,
        after: PositionInQuery = 0,
        limit: LimitInQuery = FEED_LIMIT_DEFAULT,
    ) -> Response[FeedPage]:
        """Read one stream, oldest first."""
        page = await feed_of_stream(shop.reads, shop.book_id, stream, after, limit=limit)
        if not page.items and not await has_stream(shop.reads, shop.book_id, stream):
            raise Unknown("stream", stream)
        return answer(page)


def _no_checkpoint() -> Unknown:
    return Unknown("signed checkpoint", "yet")


def _key(shop: Shop) -> NoteKey:
    """Return the notary's public key; where there is none, nothing was signed."""
    key = shop.notary_key()
    if key is None:
        raise _no_checkpoint()
    return key


@contextmanager
def altered_or_not() -> Generator[None]:
    """Say it plainly when a proof fails: that is what an auditor asks for."""
    try:
        yield
    except (BookAlteredError, MissingSubtreeError, BadNoteError) as error:
        raise BookAltered from error
