"""One merchant's account at this Razorpay: everything that the calls work on."""

from collections.abc import Callable

from src.http.sandbox.clock import Clock
from src.http.sandbox.deliveries import Deliveries
from src.http.sandbox.endpoints import Endpoints
from src.http.sandbox.entity_table import EntityTable
from src.http.sandbox.event_table import EventTable
from src.http.sandbox.faults import Faults
from src.http.sandbox.ids import Ids
from src.http.sandbox.plans import Plans
from src.http.sandbox.settings import SandboxSettings
from src.http.sandbox.settled_table import SettledTable
from src.http.sandbox.store import Store


class Account:
    def __init__(self, settings: SandboxSettings, wall: Callable[[], float]) -> None:
        self.settings = settings
        self.store = store = Store(settings.state_path)
        self.ids = self._ids_of(store.recall("seed", int, settings.seed))
        self.account_id = store.recall("account_id", str, "") or self.ids.new("acc_")
        store.remember("account_id", self.account_id)
        self.clock = Clock(wall, store.recall("skipped_seconds", float, 0.0))
        self.entities = EntityTable(store, self.clock)
        self.settled = SettledTable(store)
        self.events = EventTable(store)
        self.faults = Faults(store)
        self.plans = Plans(store)
        self.endpoints = Endpoints(store, settings, self.clock, self.ids.new)
        if store.is_lifted:
            self.events.adopt(self.endpoints.first.id)
        self.deliveries = Deliveries(settings, store, self.events, self.endpoints, self.clock)
        self.occupied_payments: set[str] = set()
        """Payments with a capture or refund that is not committed yet: one at a time."""

    def advance_clock(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.store.remember("skipped_seconds", self.clock.skipped_seconds)
        self.store.after_commit(self.deliveries.wake)

    def reset(self, seed: int | None = None) -> None:
        """Forget everything but the ids that were given out; they never come again.

        Another seed makes it another account. Where a seed is new to this state, its
        ids are those of a new state with this seed.
        """
        self.store.forget_everything()
        self.entities.forget_everything()
        self.faults.clear()
        self.plans.clear()
        self.deliveries.forget_everything()
        self.occupied_payments.clear()
        self.clock.skipped_seconds = 0.0
        if seed is not None:
            self.ids = self._ids_of(seed)
            self.account_id = self.ids.new("acc_")
            self.store.remember("account_id", self.account_id)
        self.endpoints.begin(self.endpoints.first.id if seed is None else self.ids.new())

    def _ids_of(self, seed: int) -> Ids:
        return Ids(seed, self.store.count_start(seed))
