"""The webhook queue on disk: what happened, how it was signed, and every try to deliver it."""

from typing import Literal

import msgspec
from msgspec import Struct

from src.http.sandbox.store import Store

State = Literal["pending", "held", "delivered", "abandoned"]
LISTED_MAX = 1_000
_COLUMNS = "id, name, body, signature, created_at, state, due_at, attempts"


class Attempt(Struct, frozen=True):
    """One try: the status the shop answered, or why there was no answer."""

    at: float
    status: int | None
    problem: str | None = None
    seconds: float | None = None
    """How long the answer took."""


class Event(Struct, kw_only=True):
    """One event with its bytes and its signature, both made once and repeated ever after."""

    id: str
    name: str
    body: bytes
    signature: str
    created_at: float
    state: State
    due_at: float
    attempts: list[Attempt]


class EventTable:
    def __init__(self, store: Store) -> None:
        self._db = store.db

    def add(self, event: Event) -> None:
        self._db.execute(
            f"insert into events ({_COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - a constant
            (event.id, event.name, event.body, event.signature, event.created_at, event.state,
             event.due_at, msgspec.json.encode(event.attempts)),
        )  # fmt: skip

    def save(self, event: Event) -> None:
        """What delivery changes; body, signature and birth never do."""
        self._db.execute(
            "update events set state = ?, due_at = ?, attempts = ? where id = ?",
            (event.state, event.due_at, msgspec.json.encode(event.attempts), event.id),
        )

    def sign_again(self, event: Event) -> None:
        self._db.execute(
            "update events set signature = ? where id = ?", (event.signature, event.id)
        )

    def find(self, event_id: str) -> Event | None:
        return next(iter(self._select("where id = ?", event_id)), None)

    def undelivered(self) -> list[Event]:
        return self._select("where state in ('pending', 'held') order by number")

    def latest(self, order_or_payment_id: str | None) -> list[Event]:
        """The last LISTED_MAX events, oldest first; only those that name an id, if one is given."""
        if order_or_payment_id is None:
            found = self._select("order by number desc limit ?", LISTED_MAX)
        else:
            found = self._select(
                "where instr(body, cast(? as blob)) > 0 order by number desc limit ?",
                f'"{order_or_payment_id}"', LISTED_MAX,
            )  # fmt: skip
        return found[::-1]

    def _select(self, rest: str, *values: str | int) -> list[Event]:
        rows = self._db.execute(f"select {_COLUMNS} from events {rest}", values)  # noqa: S608 - constants
        return [
            Event(
                id=row[0], name=row[1], body=row[2], signature=row[3], created_at=row[4],
                state=row[5], due_at=row[6],
                attempts=msgspec.json.decode(row[7], type=list[Attempt]),
            )
            for row in rows
        ]  # fmt: skip
