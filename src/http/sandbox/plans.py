"""Which mischief is planned for webhooks, and which of it hits which event."""

from collections.abc import Sequence
from typing import Annotated, Literal

from msgspec import Meta, Struct

from src.http.sandbox.entities import Dispute, Entity, Payment, Refund
from src.http.sandbox.store import Store

COPIES_MAX = 100
DELAY_SECONDS_MAX = 7 * 24 * 60 * 60.0
EVENTS_MAX = 1_000_000
PADDING_KIB_MAX = 4_096
PLANS_MAX = 100
REORDERED_GAP_SECONDS = 0.5


class Happening(Struct, frozen=True):
    """An event before it has an id and a signature; entities in the order they are contained."""

    name: str
    entities: tuple[Entity, ...]


class Only(Struct, frozen=True, forbid_unknown_fields=True):
    """What an event must be about for a plan to hit it; the plan waits until one is."""

    order: str | None = None
    payment: str | None = None
    event: str | None = None

    def fits(self, happening: Happening) -> bool:
        named = {each for entity in happening.entities for each in _ids(entity)}
        return (
            self.event in (None, happening.name)
            and (self.order is None or self.order in named)
            and (self.payment is None or self.payment in named)
        )


class Plan(Struct, frozen=True, forbid_unknown_fields=True):
    """What the deliveries of the next operation suffer; used up by it, counts by what they say."""

    drop: bool | Annotated[int, Meta(ge=0, le=EVENTS_MAX)] = False
    """Hold back every event of the next operation, or the next so many; a flush frees them."""
    duplicate: Annotated[int, Meta(ge=1, le=COPIES_MAX)] = 1
    """Deliver each event so many times at once."""
    delay_seconds: Annotated[float, Meta(ge=0, le=DELAY_SECONDS_MAX)] = 0.0
    reorder: bool = False
    """Deliver the events of the operation last to first, a little apart."""
    bad_signature: bool | Annotated[int, Meta(ge=0, le=EVENTS_MAX)] = False
    """Sign with a secret nobody has; a redelivery signs properly again."""
    tamper_amount: Annotated[int, Meta(ge=0)] | None = None
    """Say this amount, in minor units and correctly signed, instead of the true one."""
    only: Only | None = None
    """Wait for events about this order, this payment or of this name, and leave others alone."""
    hold_until: Literal["flush", "fetched"] | None = None
    """`fetched`: until the shop asks the API for the order or the payment, as after a callback."""
    wrong_secret: bool = False
    """Sign with the secret of the API key: a real secret, and the wrong one."""
    unknown_order: bool = False
    """Name an order that exists nowhere, correctly signed."""
    huge_body: Annotated[int, Meta(ge=0, le=PADDING_KIB_MAX)] = 0
    """Add so many KiB to the body, correctly signed."""
    not_utf8: bool = False
    """Send bytes that are no UTF-8, correctly signed."""
    without_event_id: bool = False
    """Leave the headers with the event's id away."""
    swap_id: bool = False
    """Send each event under the id of the event before it: one id, other bytes."""


class Bend(Struct, frozen=True):
    """What one event suffers of a plan."""

    plan: Plan
    held: bool = False
    forged: bool = False
    late_seconds: float = 0.0


UNBENT = Bend(Plan())


class Plans:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._planned = store.recall("plans", list[Plan], [])

    @property
    def planned(self) -> list[Plan]:
        return self._planned

    def is_full(self, plan: Plan) -> bool:
        return len(self._others(plan)) >= PLANS_MAX

    def plan(self, plan: Plan) -> None:
        """In place of an earlier plan for the same events; a plan of nothing only ends that one."""
        self._keep([*self._others(plan), *_if_any(plan)])

    def take(self, happenings: Sequence[Happening]) -> list[Bend]:
        """One bend for each event of an operation; a plan for some goes before one for all."""
        bends = [UNBENT] * len(happenings)
        free = list(range(len(happenings)))
        for plan in sorted(self._planned, key=lambda each: each.only is None):
            hit = [at for at in free if plan.only is None or plan.only.fits(happenings[at])]
            if hit:
                free = [at for at in free if at not in hit]
                self._apply(plan, hit, bends)
        return bends

    def clear(self) -> None:
        self._planned = []

    def _apply(self, plan: Plan, hit: list[int], bends: list[Bend]) -> None:
        dropped, forged = _reach(plan.drop, len(hit)), _reach(plan.bad_signature, len(hit))
        for place, at in enumerate(hit):
            late = (len(hit) - 1 - place) * REORDERED_GAP_SECONDS if plan.reorder else 0.0
            held = place < dropped or plan.hold_until is not None
            bends[at] = Bend(plan, held, place < forged, plan.delay_seconds + late)
        self.plan(_left_over(plan, dropped, forged))

    def _others(self, plan: Plan) -> list[Plan]:
        return [each for each in self._planned if each.only != plan.only]

    def _keep(self, planned: list[Plan]) -> None:
        self._planned = planned
        self._store.remember("plans", planned)


def _if_any(plan: Plan) -> list[Plan]:
    return [] if plan == Plan(only=plan.only) else [plan]


def _reach(wish: bool | int, events: int) -> int:  # noqa: FBT001 - as the plan spells it
    return events if wish is True else min(int(wish), events)


def _left_over(plan: Plan, dropped: int, forged: int) -> Plan:
    """Counts go on into the next operation, everything else is used up."""
    drop = 0 if plan.drop is True else int(plan.drop) - dropped
    bad_signature = 0 if plan.bad_signature is True else int(plan.bad_signature) - forged
    return Plan(drop=drop or False, bad_signature=bad_signature or False, only=plan.only)


def _ids(entity: Entity) -> tuple[str | None, ...]:
    match entity:
        case Payment():
            return entity.id, entity.order_id
        case Refund() | Dispute():
            return entity.id, entity.payment_id
        case _:
            return (entity.id,)
