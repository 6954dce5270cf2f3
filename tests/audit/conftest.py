"""A book with a notary, and what a superuser can do to it when nobody looks."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec import Struct, structs

from src.events.checkpoint_folder import CheckpointFolder
from src.events.checkpoint_notes import NoteKey, Signer
from src.events.connection import Connection, connecting
from src.events.ledger import PostgresBook, open_book
from src.events.notary import Notary
from src.events.notary_key import load_signer
from tests.databases import BookDatabase, connected
from tests.events.entries import entry

EVENTS_PER_APPEND = 3


class Scene(Struct, frozen=True, kw_only=True):
    """One book, its folder outside, and two hands: the application's and the superuser's."""

    database: BookDatabase
    book: PostgresBook
    db: Connection
    folder: CheckpointFolder
    signer: Signer

    @property
    def key(self) -> NoteKey:
        return self.signer.key

    def notary(self) -> Notary:
        return Notary(connecting(self.database.app_url, "khata notary"), self.folder, self.signer)

    async def append(self, appends: int, begin: int = 0) -> None:
        """Append three events each to two streams: one of its own, one that all share."""
        for n in range(begin, begin + appends):
            made = entry(f"{n}", (f"own-{n}", 0, 2), ("shared-1", n, 1))
            named = [
                structs.replace(event, payload=b'{"of": "append %d", "n": %d}' % (n, at))
                for at, event in enumerate(made.events)
            ]
            await self.book.append([structs.replace(made, events=named)])

    async def sign(self) -> None:
        notary = self.notary()
        await notary.catch_up()
        await notary.close()
        assert notary.stopped is None

    async def tamper(self, *statements: str) -> None:
        """Change the book as its superuser can, with every trigger asleep."""

        async def work(db: Connection) -> None:
            tables = ("events", "appends", "checkpoints", "tree_nodes")
            for table in tables:
                await db.execute(f"alter table khata.{table} disable trigger append_only")
            for statement in statements:
                await db.execute(statement)
            for table in tables:
                await db.execute(f"alter table khata.{table} enable always trigger append_only")

        await connected(self.database.superuser_url, work)


@pytest.fixture
async def scene(
    book_database: BookDatabase, tmp_path: Path, anyio_backend: str
) -> AsyncIterator[Scene]:
    assert anyio_backend == "asyncio"
    book = await open_book(book_database.app_url)
    db = await connecting(book_database.app_url, "khata test")()
    yield Scene(
        database=book_database,
        book=book,
        db=db,
        folder=CheckpointFolder(tmp_path / "checkpoints"),
        signer=load_signer(tmp_path / "notary"),
    )
    await db.close()
    await book.close()
