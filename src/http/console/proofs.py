"""Checkpoints and proofs: what was signed, and that nothing below it was altered."""

from datetime import datetime
from typing import Annotated

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from msgspec import Struct

from src.events import notary_rows
from src.events.checkpoint_notes import NoteKey
from src.events.notary_rows import NotaryHealth
from src.http.console.filters import text
from src.http.console.render import Console, show
from src.http.controllers.audit import altered_or_not
from src.http.documents.audit import (
    CheckpointDocument,
    ConsistencyDocument,
    ProofDocument,
    checkpoint_document,
    consistency_document,
    proof_document,
)
from src.http.fields import POSITION_MAX
from src.http.refusals import InvalidInput
from src.http.shop import Shop
from src.http.shop_request import ShopRequest
from src.queries.checkpoint_list import CHECKPOINTS_SHOWN, Signed, newest_checkpoints
from src.queries.proofs import consistency_proof, inclusion_proof, latest_checkpoint

PATH = "/console/proofs"
DIGITS_MAX = 20
NumberInQuery = Annotated[str | None, QueryParameter(max_length=DIGITS_MAX)]


class Notarised(Struct, frozen=True, kw_only=True):
    """How far the book is signed."""

    health: NotaryHealth
    newest: CheckpointDocument | None
    extends: ConsistencyDocument | None
    """That the newest extends the one before it; None where there is only one."""
    signed: list[Signed]

    @property
    def unsigned(self) -> int:
        """So many facts are not under a checkpoint yet."""
        return max(0, self.health.head - self.health.size)


class ProofsPage(Controller):
    """Checkpoints and proofs for auditors."""

    path = PATH

    @get()
    async def proofs(
        self,
        shop: NamedDependency[Shop],
        console: NamedDependency[Console],
        request: ShopRequest,
        position: NumberInQuery = None,
        older: NumberInQuery = None,
    ) -> Response[None]:
        """Show what is signed, and prove a position, or that a checkpoint was only added to."""
        place, size, key = _number("position", position), _number("older", older), shop.notary_key()
        with altered_or_not():
            return show(
                console,
                request,
                "proofs.html",
                notarised=await _notarised(shop, key),
                now=shop.clock(),
                position=place,
                older=size,
                proof=None if key is None or place is None else await _proof(shop, key, place),
                extends=None if key is None or size is None else await _extends(shop, key, size),
                shown=CHECKPOINTS_SHOWN,
                age_of=_age_of,
            )


async def _notarised(shop: Shop, key: NoteKey | None) -> Notarised:
    health = await notary_rows.health(shop.reads, shop.book_id)
    signed = await newest_checkpoints(shop.reads, shop.book_id)
    if key is None or not signed:
        return Notarised(health=health, newest=None, extends=None, signed=signed)
    newest = await latest_checkpoint(shop.reads, shop.book_id, key)
    before = signed[1:2]
    return Notarised(
        health=health,
        newest=None if newest is None else checkpoint_document(newest, key),
        extends=await _extends(shop, key, before[0].size) if before else None,
        signed=signed,
    )


async def _proof(shop: Shop, key: NoteKey, position: int) -> ProofDocument | None:
    proof = await inclusion_proof(shop.reads, shop.book_id, key, position)
    return None if proof is None else proof_document(proof, key)


async def _extends(shop: Shop, key: NoteKey, older: int) -> ConsistencyDocument | None:
    proof = await consistency_proof(shop.reads, shop.book_id, key, older)
    return None if proof is None else consistency_document(proof, key)


def _age_of(then: datetime, now: datetime) -> int:
    return max(0, int((now - then).total_seconds()))


def _number(field: str, given: str | None) -> int | None:
    wanted = text(given)
    if wanted is None:
        return None
    if not (wanted.isascii() and wanted.isdigit() and 0 < int(wanted) <= POSITION_MAX):
        raise InvalidInput.of(field, "must be a position of the book")
    return int(wanted)
