"""One stream folded from its first event, beside its snapshot and its rows.

Nothing is believed: each event is read strictly, each version must follow the
one before, and a fact that could not have happened is named. After that the
stream has no state that anything could be judged by, and nothing more is said
of what is made of it.
"""

from collections.abc import Sequence
from typing import Any, Protocol

from src.events.catalogue import FOLDS, Fold
from src.events.codec import decode
from src.events.connection import Row
from src.events.findings import Finding, Kind, finding
from src.events.identifiers import Stream, category_of
from src.events.state_codec import code_of, encode_state
from src.queries.differences import Difference, differences
from src.queries.expected_rows.catalogue import FACTS_OF
from src.queries.expected_rows.table import FACTS_MAX, Fact, Rows, Stood, Table
from src.queries.snapshot_pages import Kept

NEVER = 2**63
"""A position that no event has."""


class Doubts(Protocol):
    """Says whether an event is already known not to be the one that was written."""

    def __call__(self, position: int) -> bool: ...


class Claim:
    """What a table says of a stream, and how the stream stood where the table's sight ends."""

    __slots__ = ("rows", "seen_to", "stood", "table")

    def __init__(self, table: Table, rows: Rows, seen_to: int) -> None:
        self.table = table
        self.rows = rows
        self.seen_to = seen_to
        self.stood: Stood | None = None


class StreamReplay:
    """Takes the events of a stream in the order of their versions."""

    def __init__(
        self, name: Stream, claims: Sequence[Claim], kept: Kept | None, doubts: Doubts | None
    ) -> None:
        self.name = name
        self.findings: list[Finding] = []
        self.is_judged = True
        self.is_snapshot_judged = False
        self.is_snapshot_foreign = False
        self.rows_compared = 0
        self.left_out: set[str] = set()
        """Read models with rows that were not compared, because the facts are too many."""
        self._is_too_long = False
        self._category = category_of(name)
        self._fold: Fold | None = FOLDS.get(self._category)
        self._state: Any = self._fold.nothing_yet if self._fold else None
        self._facts: list[Fact] | None = [] if self._category in FACTS_OF else None
        self._version = self._position = 0
        self._doubts = doubts
        self._claims = list(claims)
        self._open = sorted(claims, key=lambda claim: claim.seen_to, reverse=True)
        self._sight_ends = self._open[-1].seen_to if self._open else NEVER
        if kept and self._fold and kept.code != code_of(self._category):
            kept, self.is_snapshot_foreign = None, True
        self._kept = kept
        self._snapshot_at = kept.version if kept else 0

    def take(self, row: Row) -> None:
        """Take the next event, in the columns of `stream_pages`."""
        position, version = row[1], row[2]
        if position > self._sight_ends:
            self._see(position)
        self._follow(position, version)
        if self._fold is not None:
            self._happen(row, position)
            if version == self._snapshot_at:
                self._compare_snapshot(position)

    def end(self) -> list[Difference]:
        """Say what can be seen only now: a snapshot from beyond, and rows that differ."""
        self._see(NEVER)
        found: list[Difference] = []
        if not self.is_judged:
            return found
        if self._kept is not None and not self.is_snapshot_judged:
            words = f"the snapshot of {self.name} is of version {self._snapshot_at}"
            last = f", and its last is {self._version}" if self._version else ", and it never began"
            self._find(Kind.SNAPSHOT, self._position, f"{words}{last}")
            self.is_snapshot_judged = True
        for claim in self._claims:
            assert claim.stood is not None
            if claim.table.needs_facts and self._is_too_long:
                self.left_out.add(claim.table.model)
                continue
            self.rows_compared += len(claim.rows)
            found += differences(claim.table, claim.stood, claim.rows)
        return found

    def _see(self, position: int) -> None:
        """Remember how the stream stands for every table whose sight ends before a position."""
        while self._open and self._open[-1].seen_to < position:
            facts = tuple(self._facts or ())
            stood = Stood(self.name, self._version, self._position, self._state, facts)
            self._open.pop().stood = stood
        self._sight_ends = self._open[-1].seen_to if self._open else NEVER

    def _follow(self, position: int, version: int) -> None:
        if version != self._version + 1:
            self._break(Kind.VERSION, position, f"version {version} follows {self._version}")
        elif position <= self._position:
            self._break(Kind.VERSION, position, "it stands before the version before it")
        elif self._fold is None and version == 1:
            self._break(Kind.STREAM, position, f"nobody knows streams such as {self.name}")
        self._version, self._position = version, position

    def _happen(self, row: Row, position: int) -> None:
        if self._doubts is not None and self._doubts(position):
            self.is_judged = False
        try:
            event = decode(row[3], row[4], row[6].encode())
        except Exception as error:  # noqa: BLE001 - whatever cannot be lifted or decoded is named
            self._break(Kind.UNREADABLE, position, f"{row[3]}: {error}")
            return
        if not self.is_judged:
            return
        assert self._fold is not None
        try:
            self._state = self._fold.evolve(self._state, event)
        except Exception as error:  # noqa: BLE001 - whatever a fold cannot take, it says in its own way
            self._break(Kind.IMPOSSIBLE, position, f"{row[3]} on {self.name}: {error}")
            return
        if self._facts is not None:
            self._facts.append(Fact(position, row[5], event))
            if len(self._facts) > FACTS_MAX:
                self._facts, self._is_too_long = None, True

    def _compare_snapshot(self, position: int) -> None:
        assert self._kept is not None
        self.is_snapshot_judged = self.is_judged
        if self.is_judged and encode_state(self._state) != self._kept.state.encode():
            words = f"the snapshot of {self.name} at version {self._snapshot_at} is not its fold"
            self._find(Kind.SNAPSHOT, position, words)

    def _break(self, kind: Kind, position: int, words: str) -> None:
        self._find(kind, position, words)
        self.is_judged = False

    def _find(self, kind: Kind, position: int, words: str) -> None:
        self.findings.append(finding(kind, position, words))
