"""Where webhooks go: up to thirty endpoints, the first of them named by the settings."""

from collections.abc import Callable
from hashlib import sha256

from msgspec import Struct
from msgspec.structs import replace

from src.http.sandbox.clock import Clock
from src.http.sandbox.settings import SandboxSettings
from src.http.sandbox.store import Store
from src.http.sandbox.this_machine import host_of, is_here

ENDPOINTS_MAX = 30
EVENTS = (
    "payment.authorized", "payment.captured", "payment.failed", "order.paid",
    "refund.created", "refund.processed", "refund.failed", "refund.speed_changed",
    "payment.dispute.created", "payment.dispute.won", "payment.dispute.lost",
    "payment.dispute.closed", "payment.dispute.under_review", "payment.dispute.action_required",
    "payment.downtime.started", "payment.downtime.updated", "payment.downtime.resolved",
    "settlement.processed",
)  # fmt: skip
"""What an endpoint subscribes to that names nothing; it gets every other event, too."""


class Endpoint(Struct, frozen=True, kw_only=True):
    id: str
    url: str | None
    """None while nobody said where the shop is; its webhooks wait."""
    secret: str | None = None
    """None: the one of the settings. Empty: none at all, and nothing is signed."""
    events: tuple[str, ...] = ()
    """Nothing for every event."""
    active: bool = True
    disabled_at: int = 0
    alert_email: str | None = None
    created_at: int
    updated_at: int


class Configured(Struct, frozen=True):
    """What the settings said when they were last looked at; the secret only as its digest."""

    url: str | None
    secret_digest: str


class Endpoints:
    def __init__(
        self, store: Store, settings: SandboxSettings, clock: Clock, new_id: Callable[[], str]
    ) -> None:
        self._store, self._settings, self._clock = store, settings, clock
        self._all = store.recall("endpoints", list[Endpoint], [])
        if self._all:
            self._follow_settings()
        else:
            self.begin(new_id())

    def begin(self, first_id: str) -> None:
        """One endpoint, as the settings name it, and no other."""
        now = self._clock.seconds()
        url = self._settings.webhook_url
        self._keep([Endpoint(id=first_id, url=url, created_at=now, updated_at=now)])
        self._store.remember("configured", self._configured())

    @property
    def all(self) -> list[Endpoint]:
        return self._all

    @property
    def first(self) -> Endpoint:
        return self._all[0]

    def find(self, endpoint_id: str) -> Endpoint | None:
        """The endpoint of this id; without one, the first."""
        if not endpoint_id:
            return self.first
        return next((each for each in self._all if each.id == endpoint_id), None)

    def wanting(self, event: str) -> list[Endpoint]:
        return [each for each in self._all if not each.events or event in each.events]

    def secret_of(self, endpoint: Endpoint) -> str:
        return self._settings.webhook_secret if endpoint.secret is None else endpoint.secret

    def add(self, endpoint: Endpoint) -> None:
        self._keep([*self._all, endpoint])

    def save(self, endpoint: Endpoint) -> Endpoint:
        """Keep it as it now is; enabling and disabling are told by `active`."""
        now = self._clock.seconds()
        was_disabled_at = endpoint.disabled_at or now
        changed = replace(
            endpoint, updated_at=now, disabled_at=0 if endpoint.active else was_disabled_at
        )
        self._keep([changed if each.id == changed.id else each for each in self._all])
        return changed

    def disable(self, endpoint_id: str) -> None:
        found = self.find(endpoint_id)
        if found is not None and found.active:
            self.save(replace(found, active=False))

    def _follow_settings(self) -> None:
        """What the settings say anew wins over what was changed here since."""
        before = self._store.recall("configured", Configured, Configured(None, ""))
        now = self._configured()
        if before == now:
            return
        url = self.first.url if before.url == now.url else now.url
        secret = self.first.secret if before.secret_digest == now.secret_digest else None
        self.save(replace(self.first, url=url, secret=secret))
        self._store.remember("configured", now)

    def _configured(self) -> Configured:
        digest = sha256(self._settings.webhook_secret.encode()).hexdigest()
        return Configured(self._settings.webhook_url, digest)

    def _keep(self, endpoints: list[Endpoint]) -> None:
        self._all = endpoints
        self._store.remember("endpoints", endpoints)


def is_on_this_machine(url: str) -> bool:
    """Whether a URL is plain HTTP to a loopback address; never looks a name up."""
    return url.lower().startswith("http://") and is_here(host_of(url))
