"""A shop on a database of its own: facts go into its book, read models come out."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import uuid5

from src.events.codec import encode
from src.events.connection import Connect, Connection
from src.events.envelope import Cause, Entry, Expected, NewEvent, Outcome
from src.events.identifiers import KHATA_NAMESPACE, Stream, event_id
from src.events.ledger import PostgresBook
from src.projections.catalogue import PROJECTIONS
from src.projections.projection import Projection
from src.projections.runner import Runner
from tests.projections.facts import Fact

BOOK = 1


class Shop:
    """Writes facts without asking whether they are allowed: the rules are tested elsewhere."""

    def __init__(self, url: str, book: PostgresBook, db: Connection, connect: Connect) -> None:
        self.url = url
        self.book = book
        self.db = db
        self.connect = connect
        self._versions: Counter[str] = Counter()
        self._commands = 0

    def runner(self, projections: Sequence[Projection] = PROJECTIONS) -> Runner:
        return Runner(self.book, self.connect, BOOK, projections)

    async def write(self, facts: Sequence[Fact]) -> int:
        """Append facts, and return the position of the last."""
        appended = await self.book.append([self._entry(facts)])
        assert appended.verdicts[0].outcome is Outcome.WRITTEN
        assert appended.verdicts[0].position is not None
        return appended.verdicts[0].position

    async def write_raw(self, name: str, kind: str, payload: bytes, schema_version: int = 1) -> int:
        """Append a fact that this Khata did not write."""
        entry = self._entry([])
        event = self._event(entry.cause, 0, name, kind, payload, schema_version)
        expected = [Expected(Stream(name), event.version - 1)]
        whole = Entry(cause=entry.cause, expected=expected, events=[event])
        appended = await self.book.append([whole])
        assert appended.verdicts[0].position is not None
        return appended.verdicts[0].position

    async def rows(self, table: str) -> list[dict[str, Any]]:
        """Return everything in a read model, comparable."""
        rows = await self.db.fetch(f"select to_json(t)::text from models.{table} t")  # noqa: S608  # our own names
        return sorted((json.loads(row[0]) for row in rows), key=json.dumps)

    async def everything(self) -> dict[str, list[dict[str, Any]]]:
        """Return the content of every table of every read model."""
        tables = [table for each in PROJECTIONS for table in each.TABLES]
        return {table: await self.rows(table) for table in tables}

    def _entry(self, facts: Sequence[Fact]) -> Entry:
        self._commands += 1
        command = uuid5(KHATA_NAMESPACE, f"command {self._commands}")
        cause = Cause(command_id=command, correlation_id=command, actor="khata:test")
        expected = {name: self._versions[name] for name, _ in facts}
        return Entry(
            cause=cause,
            expected=[Expected(Stream(name), version) for name, version in expected.items()],
            events=[
                self._event(cause, n, name, type(fact).__name__, encode(fact), 1)
                for n, (name, fact) in enumerate(facts)
            ],
        )

    def _event(  # noqa: PLR0913, PLR0917  # a fact has that many parts
        self, cause: Cause, n: int, name: str, kind: str, payload: bytes, schema_version: int
    ) -> NewEvent:
        self._versions[name] += 1
        return NewEvent(
            stream=Stream(name),
            version=self._versions[name],
            type=kind,
            schema_version=schema_version,
            event_id=event_id(cause.command_id, n),
            payload=payload,
        )
