"""The webhook queue on disk: what happened, for whom it was signed, and every try to deliver it."""

from collections.abc import Iterable
from typing import Literal

import msgspec
from msgspec import Struct

from src.http.sandbox.store import Store

State = Literal["pending", "held", "abandoned", "undelivered", "delivered"]
"""`abandoned`: tried for a day. `undelivered`: never tried to the end, its endpoint is disabled."""
WAITING: tuple[State, ...] = ("pending", "held")
WORST_FIRST: tuple[State, ...] = (*WAITING, "abandoned", "undelivered", "delivered")
LISTED_MAX = 1_000
_COLUMNS = "id, name, body, created_at, state, deliveries, attempts"


class Attempt(Struct, frozen=True):
    """One try: the status the shop answered, or why there was no answer."""

    at: float
    status: int | None
    problem: str | None = None
    seconds: float | None = None
    """How long the answer took."""
    endpoint: str = ""
    is_replay: bool = False

    @property
    def is_acknowledged(self) -> bool:
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004 - the 2xx family


class Delivery(Struct, kw_only=True, omit_defaults=True):
    """One event on its way to one endpoint, with the signature that this endpoint checks."""

    endpoint: str
    """Its id."""
    signature: str
    """Empty for an endpoint without a secret: then nothing is signed."""
    says_id: str | None
    """The event id that the headers say; None to say none."""
    state: State
    due_at: float
    until_fetched: bool = False
    """Held until somebody asks the API for what the event is about."""


class Event(Struct, kw_only=True):
    """One event with its bytes, made once and repeated ever after."""

    id: str
    name: str
    body: bytes
    created_at: float
    deliveries: list[Delivery]
    attempts: list[Attempt]

    @property
    def state(self) -> State:
        """The least finished of its deliveries; undelivered if nobody subscribed."""
        states = {delivery.state for delivery in self.deliveries}
        for state in WORST_FIRST:
            if state in states:
                return state
        return "undelivered"

    @property
    def is_waiting(self) -> bool:
        return any(delivery.state in WAITING for delivery in self.deliveries)

    def tries(self, endpoint: str) -> list[Attempt]:
        """The tries at one endpoint, oldest first."""
        return [each for each in self.attempts if each.endpoint == endpoint]

    def is_about(self, entity_id: str) -> bool:
        return f'"{entity_id}"'.encode() in self.body


class EventTable:
    def __init__(self, store: Store) -> None:
        self._db = store.db

    def add(self, event: Event) -> None:
        self._db.execute(
            f"insert into events ({_COLUMNS}) values (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - a constant
            (event.id, event.name, event.body, event.created_at, event.state,
             msgspec.json.encode(event.deliveries), msgspec.json.encode(event.attempts)),
        )  # fmt: skip

    def save(self, event: Event) -> None:
        """What delivery changes; body and birth never do."""
        self._db.execute(
            "update events set state = ?, deliveries = ?, attempts = ? where id = ?",
            (event.state, msgspec.json.encode(event.deliveries),
             msgspec.json.encode(event.attempts), event.id),
        )  # fmt: skip

    def adopt(self, endpoint_id: str) -> None:
        """Give the events of a time before endpoints to this one."""
        self._db.execute(
            "update events set deliveries = json_replace(deliveries, '$[0].endpoint', ?)"
            " where json_extract(deliveries, '$[0].endpoint') = ''",
            (endpoint_id,),
        )

    def find(self, event_id: str) -> Event | None:
        return next(iter(self._select("where id = ?", event_id)), None)

    def newest_id(self) -> str | None:
        row = self._db.execute("select id from events order by number desc limit 1").fetchone()
        return None if row is None else str(row[0])

    def waiting(self) -> list[Event]:
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
        rows: Iterable[tuple[str, str, bytes, float, str, bytes, bytes]] = self._db.execute(
            f"select {_COLUMNS} from events {rest}",  # noqa: S608 - constants of this file
            values,
        )
        return [
            Event(
                id=row[0], name=row[1], body=row[2], created_at=row[3],
                deliveries=msgspec.json.decode(row[5], type=list[Delivery]),
                attempts=msgspec.json.decode(row[6], type=list[Attempt]),
            )
            for row in rows
        ]  # fmt: skip
