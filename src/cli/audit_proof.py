"""`khata audit proof` and `khata audit consistency`: one proof as JSON, as `/audit` gives it."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import typer

from src.cli.audit_bundle import ALTERED
from src.cli.complaint import Complaint
from src.cli.engines_here import with_engines
from src.cli.notarised import notarised
from src.http.documents.audit import consistency_document, proof_document
from src.queries.audit_walk import Audited
from src.queries.proofs import consistency_proof, inclusion_proof
from src.settings import Settings

Prove = Callable[[Audited], Awaitable[msgspec.Struct]]


def show_proof(settings: Settings, position: int, size: int | None) -> None:
    """Print that an event is under the checkpoint of a size, the newest unless said."""

    async def prove(audited: Audited) -> msgspec.Struct:
        proof = await inclusion_proof(audited.db, audited.book, audited.key, position, size)
        if proof is None:
            raise Complaint(f"Position {position} is not under {_named(size)}.")
        return proof_document(proof, audited.key)

    _show(settings, prove)


def show_consistency(settings: Settings, older: int, newer: int | None) -> None:
    """Print that a checkpoint, the newest unless said, extends an older one."""

    async def prove(audited: Audited) -> msgspec.Struct:
        proof = await consistency_proof(audited.db, audited.book, audited.key, older, newer)
        if proof is None:
            raise Complaint(f"From a checkpoint of size {older} none leads to {_named(newer)}.")
        return consistency_document(proof, audited.key)

    _show(settings, prove)


def _named(size: int | None) -> str:
    return "the newest checkpoint" if size is None else f"a checkpoint of size {size}"


def _show(settings: Settings, prove: Prove) -> None:
    with with_engines(settings) as addressed:
        typer.echo(msgspec.json.encode(asyncio.run(_proven(addressed, prove))))


async def _proven(settings: Settings, prove: Prove) -> msgspec.Struct:
    async with notarised(settings) as audited:
        try:
            return await prove(audited)
        except ALTERED as error:
            raise Complaint(f"The book was altered: {error}. See `khata audit verify`.") from error
