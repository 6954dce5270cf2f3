"""What was settled, when and in which row; and what still waits for it."""

from typing import Any

import msgspec

from src.http.sandbox.entities import Dispute, Payment, Refund
from src.http.sandbox.store import Store

_WAITING = """
    select kind, body from entities
    where ((kind = 'payment' and status in ('captured', 'refunded'))
        or (kind = 'refund' and status = 'processed')
        or (kind = 'dispute' and status = 'lost'))
    and id not in (select source_id from settled) order by number
"""
_KINDS: dict[str, type[Payment | Refund | Dispute]] = {
    "payment": Payment,
    "refund": Refund,
    "dispute": Dispute,
}


class SettledTable:
    def __init__(self, store: Store) -> None:
        self._db = store.db

    def add(self, source_id: str, settled_at: int, row: object) -> None:
        """Settle something once and for all; a second time is an error of ours."""
        self._db.execute(
            "insert into settled (source_id, settled_at, body) values (?, ?, ?)",
            (source_id, settled_at, msgspec.json.encode(row)),
        )

    def waiting(self) -> list[Payment | Refund | Dispute]:
        """Oldest first; payments that were sent back uncaptured are among them."""
        rows = self._db.execute(_WAITING)
        return [msgspec.json.decode(body, type=_KINDS[kind]) for kind, body in rows]

    def between(self, begin: int, end: int, count: int, skip: int) -> list[dict[str, Any]]:
        """The rows settled from one moment to before another, in unix seconds; oldest first."""
        rows = self._db.execute(
            "select body from settled where settled_at >= ? and settled_at < ?"
            " order by number limit ? offset ?",
            (begin, end, count, skip),
        )
        return [msgspec.json.decode(body, type=dict[str, Any]) for (body,) in rows]
