"""One SQLite file that outlives the process, with one commit for all who wait.

Everything that was answered is in the file: a request settles before its answer
leaves. Requests of the same turn of the event loop share one commit.

WAL with synchronous=NORMAL: a commit is a write without an fsync, so a killed
process loses nothing and a power cut may lose the last moments. That is the price
of a stand-in that shares two cores with the shop it is measured with. Only the
number of the start is written with an fsync, because on it rests that no id comes
twice.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from src.http.sandbox.upgrade import lift

T = TypeVar("T")

PREDECESSOR_SECONDS = 30.0
UNHURRIED_COMMIT_SECONDS = 0.05
SCHEMA = """
create table if not exists remembered (name text primary key, value blob not null);
create table if not exists entities (
    number integer primary key,
    id text not null unique,
    kind text not null,
    parent text,
    receipt text,
    status text not null,
    created_at integer not null,
    body blob not null,
    request blob
);
create index if not exists entities_by_parent on entities (parent, kind);
create index if not exists entities_by_receipt on entities (receipt) where receipt is not null;
create index if not exists payments_in_the_air on entities (created_at)
    where kind = 'payment' and status in ('created', 'authorized');
create table if not exists events (
    number integer primary key,
    id text not null unique,
    name text not null,
    body blob not null,
    created_at real not null,
    state text not null,
    attempts blob not null,
    deliveries blob not null
);
create index if not exists events_undelivered on events (number)
    where state in ('pending', 'held');
create table if not exists earlier (
    id text not null, body blob not null, until real not null
);
create index if not exists earlier_by_id on earlier (id, until);
create table if not exists settled (
    number integer primary key,
    source_id text not null unique,
    settled_at integer not null,
    body blob not null
);
create index if not exists settled_by_time on settled (settled_at);
create table if not exists refund_keys (
    key text primary key, request blob not null, refund_id text not null
);
"""


class StateInUse(RuntimeError):
    """Another sandbox holds the state file."""


class Store:
    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.db = sqlite3.connect(path, timeout=PREDECESSOR_SECONDS)
        self._committed: asyncio.Future[None] | None = None
        self._unhurried: asyncio.TimerHandle | None = None
        self._after_commit: list[Callable[[], None]] = []
        self._open(path)

    def _open(self, path: Path) -> None:
        try:
            self.db.execute("pragma locking_mode = exclusive")
            self.db.execute("pragma journal_mode = wal")
            self.db.executescript(SCHEMA)
            self.is_lifted = lift(self.db)
        except sqlite3.OperationalError as error:
            self.db.close()
            raise StateInUse(f"Another sandbox is using {path}: {error}.") from error

    def count_start(self, seed: int) -> int:
        """How often this seed was begun with before; the next number is on the disk on return."""
        starts = self.recall(f"starts of {seed}", int, 0)
        self.db.commit()
        self.db.execute("pragma synchronous = full")
        self.remember(f"starts of {seed}", starts + 1)
        self.remember("seed", seed)
        self.db.commit()
        self.db.execute("pragma synchronous = normal")
        return starts

    def recall(self, name: str, kind: type[T], otherwise: T) -> T:
        row = self.db.execute("select value from remembered where name = ?", (name,)).fetchone()
        return otherwise if row is None else msgspec.json.decode(row[0], type=kind)

    def remember(self, name: str, value: object) -> None:
        self.db.execute(
            "insert or replace into remembered values (?, ?)", (name, msgspec.json.encode(value))
        )

    def after_commit(self, act: Callable[[], None]) -> None:
        """What the world may see only once it cannot be forgotten any more."""
        self._after_commit.append(act)

    async def settle(self) -> None:
        """Return once everything written so far is committed."""
        if not self.db.in_transaction:
            return
        if self._committed is None:
            loop = asyncio.get_running_loop()
            self._committed = loop.create_future()
            loop.call_soon(self._commit)
        await asyncio.shield(self._committed)

    def settle_soon(self) -> None:
        """For what may be lost, since it would only be done once more."""
        if self._unhurried is None:
            loop = asyncio.get_running_loop()
            self._unhurried = loop.call_later(UNHURRIED_COMMIT_SECONDS, self._commit)

    def _commit(self) -> None:
        if self._unhurried is not None:
            self._unhurried.cancel()
        committed, self._committed, self._unhurried = self._committed, None, None
        acts, self._after_commit = self._after_commit, []
        try:
            self.db.commit()
        except sqlite3.Error as error:
            self.db.rollback()
            if committed is not None:
                committed.set_exception(error)
            return
        if committed is not None:
            committed.set_result(None)
        for act in acts:
            act()

    def forget_everything(self) -> None:
        """An empty account; only the seeds, their starts, the name and the endpoints stay."""
        for table in ("entities", "events", "earlier", "settled", "refund_keys"):
            self.db.execute(f"delete from {table}")  # noqa: S608 - the names written above
        self.db.execute(
            "delete from remembered where name not like 'starts of %'"
            " and name not in ('seed', 'account_id', 'endpoints', 'configured')"
        )
        self._after_commit.clear()

    def close(self) -> None:
        self._commit()
        self.db.close()
