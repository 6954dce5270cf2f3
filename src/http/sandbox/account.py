"""One merchant's account at this Razorpay: everything that the calls work on."""

from collections.abc import Callable

from src.http.sandbox.clock import Clock
from src.http.sandbox.deliveries import Deliveries
from src.http.sandbox.entity_table import EntityTable
from src.http.sandbox.event_table import EventTable
from src.http.sandbox.faults import Faults
from src.http.sandbox.ids import Ids
from src.http.sandbox.settings import SandboxSettings
from src.http.sandbox.store import Store
from src.http.sandbox.wire import sign


class Account:
    def __init__(self, settings: SandboxSettings, wall: Callable[[], float]) -> None:
        self.settings = settings
        self.store = store = Store(settings.state_path)
        seed = store.recall("seed", int, settings.seed)
        store.remember("seed", seed)
        self.ids = Ids(seed, store.count_start())
        self.account_id = store.recall("account_id", str, "") or self.ids.new("acc_")
        store.remember("account_id", self.account_id)
        self.clock = Clock(wall, store.recall("skipped_seconds", float, 0.0))
        self.entities = EntityTable(store, self.clock)
        self.events = EventTable(store)
        self.faults = Faults(store)
        self.deliveries = Deliveries(settings, store, self.events, self.clock)
        self.occupied_payments: set[str] = set()
        """Payments with a capture or refund that is not committed yet: one at a time."""

    def sign(self, body: bytes) -> str:
        """The signature of a webhook, made with the secret of today."""
        return sign(body, self.settings.webhook_secret)

    def advance_clock(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.store.remember("skipped_seconds", self.clock.skipped_seconds)
        self.store.after_commit(self.deliveries.wake)

    def reset(self) -> None:
        """Forget everything but the ids that were given out; they never come again."""
        self.store.forget_everything()
        self.entities.forget_everything()
        self.faults.clear()
        self.deliveries.forget_everything()
        self.occupied_payments.clear()
        self.clock.skipped_seconds = 0.0
