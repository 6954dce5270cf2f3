"""What an audit works with: the book, the notary's public key, and the checkpoints outside."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from src.bootstrap.notary import checkpoints_of, note_key_of
from src.bootstrap.parts import BOOK
from src.cli.complaint import Complaint
from src.queries.audit_pool import open_audit_pool
from src.queries.audit_walk import Audited
from src.settings import Settings


@asynccontextmanager
async def notarised(settings: Settings) -> AsyncGenerator[Audited]:
    """Yield what there is to judge the book by; without the notary's key that is nothing."""
    key = note_key_of(settings)
    if key is None:
        raise Complaint(
            f"No notary was ever at work in {settings.home}: set KHATA_HOME to where the worker "
            "runs, or start `khata up`."
        )
    pool = await open_audit_pool(settings.app_url, settings.read_tx_seconds)
    try:
        yield Audited(db=pool, key=key, folder=checkpoints_of(settings), book=BOOK)
    finally:
        await pool.close()
