"""Orders, payments and everything else that has an id, kept as the JSON they are on the wire."""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from src.http.sandbox.clock import Clock
from src.http.sandbox.entities import (
    Dispute,
    Downtime,
    Entity,
    Order,
    Payment,
    Refund,
    Settlement,
)
from src.http.sandbox.refusals import malformed_id, unknown_id
from src.http.sandbox.store import Store

E = TypeVar("E", Order, Payment, Refund, Dispute, Settlement, Downtime)
PREFIXES: dict[type[Entity], str] = {
    Order: "order_",
    Payment: "pay_",
    Refund: "rfnd_",
    Dispute: "disp_",
    Settlement: "setl_",
    Downtime: "down_",
}
ID_LENGTH_CHARACTERS = 14
_KINDS: dict[type[Entity], str] = {
    Order: "order",
    Payment: "payment",
    Refund: "refund",
    Dispute: "dispute",
    Settlement: "settlement",
    Downtime: "payment.downtime",
}
_LAG = "list_lag_seconds"
_BODY_THEN = (
    "coalesce((select e.body from earlier as e where e.id = entities.id and e.until > ?"
    " order by e.until limit 1), body)"
)
_encode = msgspec.json.Encoder().encode
_DECODERS: dict[type[Entity], Any] = {kind: msgspec.json.Decoder(kind) for kind in _KINDS}


class Page(msgspec.Struct, frozen=True):
    """Which part of a list is asked for; newest first, as Razorpay answers."""

    count: int = 10
    skip: int = 0
    created_from: int | None = None
    created_to: int | None = None


class EntityTable:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._db, self._store, self._clock = store.db, store, clock
        self._lag_seconds = store.recall(_LAG, float, 0.0)

    def lag_lists(self, seconds: float) -> None:
        """Let lists show what was so many seconds ago, from what changes after this call."""
        self._lag_seconds = seconds
        self._store.remember(_LAG, seconds)
        self._forget_before(self._clock.now() - seconds)

    def forget_everything(self) -> None:
        """What is in the file, somebody else forgets."""
        self._lag_seconds = 0.0

    def add(
        self,
        entity: Entity,
        *,
        parent: str | None = None,
        receipt: str | None = None,
        request: Mapping[str, Any] | None = None,
    ) -> None:
        asked = None if request is None else _encode(request)
        self._db.execute(
            "insert into entities (id, kind, parent, receipt, status, created_at, body, request)"
            " values (?, ?, ?, ?, ?, ?, ?, ?)",
            (entity.id, entity.entity, parent, receipt, entity.status, entity.created_at,
             _encode(entity), asked),
        )  # fmt: skip

    def save(self, entity: Entity) -> None:
        if self._lag_seconds:
            self._keep_for_lists(entity.id)
        self._db.execute(
            "update entities set status = ?, body = ? where id = ?",
            (entity.status, _encode(entity), entity.id),
        )

    def find(self, kind: type[E], entity_id: str) -> E | None:
        row = self._db.execute(
            "select body from entities where id = ? and kind = ?", (entity_id, _KINDS[kind])
        ).fetchone()
        return None if row is None else self._read(kind, row[0])

    def get(self, kind: type[E], entity_id: str) -> E:
        """The entity, or Razorpay's refusal of an id it does not know or cannot read."""
        found = self.find(kind, entity_id)
        if found is not None:
            return found
        bare = entity_id.removeprefix(PREFIXES[kind])
        if len(bare) != ID_LENGTH_CHARACTERS or not (bare.isascii() and bare.isalnum()):
            raise malformed_id(bare)
        raise unknown_id()

    def request_of(self, entity_id: str | None) -> dict[str, Any]:
        """The body that the entity was created with."""
        row = self._db.execute("select request from entities where id = ?", (entity_id,)).fetchone()
        return msgspec.json.decode(row[0], type=dict[str, Any]) if row and row[0] else {}

    def of_parent(self, kind: type[E], parent: str) -> list[E]:
        """Oldest first."""
        rows = self._db.execute(
            "select body from entities where parent = ? and kind = ? order by number",
            (parent, _KINDS[kind]),
        )
        return [self._read(kind, body) for (body,) in rows]

    def by_receipt(self, kind: type[E], receipt: str) -> list[E]:
        rows = self._db.execute(
            "select body from entities where receipt = ? and kind = ? order by number",
            (receipt, _KINDS[kind]),
        )
        return [self._read(kind, body) for (body,) in rows]

    def page(
        self, kind: type[E], page: Page, where: Mapping[str, Any], *, lags: bool = True
    ) -> list[E]:
        """`where` maps conditions, written in this package, to their one value each."""
        wanted: dict[str, Any] = {"kind = ?": _KINDS[kind], **where}
        if page.created_from is not None:
            wanted["created_at >= ?"] = page.created_from
        if page.created_to is not None:
            wanted["created_at <= ?"] = page.created_to
        seen_at = self._clock.now() - (self._lag_seconds if lags else 0.0)
        rows = self._db.execute(
            f"select {_BODY_THEN} from entities where {' and '.join(wanted)}"  # noqa: S608 - see above
            " and created_at <= ? order by number desc limit ? offset ?",
            (seen_at, *wanted.values(), seen_at, page.count, page.skip),
        )
        return [self._read(kind, body) for (body,) in rows]

    def in_the_air(self, status: str, created_to: float) -> list[Payment]:
        """Payments that have been in one unfinished status since a moment or longer."""
        rows = self._db.execute(
            "select body from entities where kind = 'payment'"
            " and status in ('created', 'authorized') and status = ? and created_at <= ?",
            (status, created_to),
        )
        return [self._read(Payment, body) for (body,) in rows]

    def _keep_for_lists(self, entity_id: str) -> None:
        now = self._clock.now()
        self._db.execute(
            "insert into earlier select id, body, ? from entities where id = ?", (now, entity_id)
        )
        self._forget_before(now - self._lag_seconds)

    def _forget_before(self, moment: float) -> None:
        self._db.execute("delete from earlier where until <= ?", (moment,))

    @staticmethod
    def _read(kind: type[E], body: bytes) -> E:
        found: E = _DECODERS[kind].decode(body)
        return found
