"""What an installation is told: the environment, read once, and the secrets it keeps for itself.

Every wrong variable is named in one refusal, with what to do about it. No value
that may hold a secret is ever repeated, not in a message and not in a repr.
"""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Self

from msgspec import Struct
from msgspec.structs import replace

from src.environment import KEPT, Environment
from src.events.capture import CaptureMode
from src.events.time_zones import TIME_ZONE
from src.http.mail.settings import MailSettings, mail_settings, sender_of
from src.http.places import LOOPBACK_HOST, reachable
from src.http.razorpay.made_up_account import (
    KEY_PREFIX,
    Chance,
    made_up_key,
    made_up_webhook_secret,
    sandbox_seed,
)
from src.http.razorpay.settings import RazorpaySettings
from src.http.settings import HttpSettings

if TYPE_CHECKING:
    from src.http.sandbox.settings import SandboxSettings

PORT_MAX = 65_535
WORKERS_MAX = 64
CHECKOUT_TTL_SECONDS_MAX = 7 * 24 * 60 * 60
DRAIN_SECONDS_MAX = 300
OUTBOX_KEEP_MAX = 10_000_000
READ_TX_SECONDS_MAX = 600
RATE_PER_SECOND_MAX = 1_000_000
DOOR_PER_MINUTE_MAX = 10_000
INBOX_KEEP_DAYS_MAX = 3_650
WEBHOOKS_PATH = "/webhooks/razorpay"
SANDBOX_RETRY_SCALE = 0.02
SANDBOX_RETRY_GAP_SECONDS_MAX = 1.0


class SettingsError(Exception):
    """Some variables are wrong; the message has a line for each, and what to do."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class EngineUnknownError(Exception):
    """An address was asked for that neither a variable nor a running engine gives."""


class Settings(Struct, frozen=True, kw_only=True):
    """One installation. `from_environ` is how it is made outside tests."""

    home: Path
    """KHATA_HOME: where everything that is kept lives, absolute."""
    host: str
    """KHATA_HOST: the address that the API listens on."""
    port: int
    """KHATA_PORT: the port of the API; 0 takes any that is free."""
    sandbox_port: int
    """KHATA_SANDBOX_PORT: the port of the sandbox, always on loopback; 0 takes any."""
    workers: int
    """KHATA_WORKERS: how many API processes share the port."""
    drain_seconds: int
    """KHATA_DRAIN_SECONDS: so long a process told to stop says so before it takes no more."""
    checkout_ttl: timedelta
    """KHATA_CHECKOUT_TTL_SECONDS: how long a checkout session holds its stock."""
    outbox_keep: int
    """KHATA_OUTBOX_KEEP: about how many facts other systems find in Redis; 0 is no outbox."""
    inbox_keep_days: int
    """KHATA_INBOX_KEEP_DAYS: how long messages are readable that are about no order of ours."""
    time_zone: str
    """KHATA_TIME_ZONE: where the shop's days begin and end."""
    read_tx_seconds: int
    """KHATA_READ_TX_SECONDS: so long may a reader hold what it sees of the book."""
    database_url: str | None
    """DATABASE_URL: the application's role in PostgreSQL; None starts an engine."""
    owner_database_url: str | None
    """KHATA_OWNER_DATABASE_URL: the role that migrates; the application's unless given."""
    read_database_url: str | None
    """KHATA_READ_DATABASE_URL: the role that analysts read with; the application's unless given."""
    redis_url: str | None
    """REDIS_URL: Redis or Valkey; None starts an engine."""
    smtp_url: str | None
    """SMTP_URL: where mail is handed over; None writes it into KHATA_HOME/outbox."""
    mail_from: str | None
    """KHATA_MAIL_FROM: the sender of letters; khata@ the shop's host unless given."""
    shop_url: str | None
    """KHATA_SHOP_URL: where links in letters lead; the API's own address unless given."""
    master_key_file: Path
    """KHATA_MASTER_KEY_FILE: wraps every person's key; made on first use."""
    signing_keys_dir: Path
    """KHATA_SIGNING_KEYS_DIR: the keys that sign tokens; the first is made on first use."""
    razorpay: RazorpaySettings
    """RAZORPAY_…: the account that takes the money, or the sandbox that plays it; and
    KHATA_CAPTURE: who takes what a bank has promised."""
    has_own_razorpay: bool
    """Whether no account was given, so that `khata up` starts the sandbox."""
    traces_url: str | None = None
    """OTEL_EXPORTER_OTLP_ENDPOINT: where traces are sent; None makes none."""
    debug: bool = False
    """KHATA_DEBUG: 1 shows where an error came from."""
    http: HttpSettings = HttpSettings()
    """Limits and names of the edge."""

    @classmethod
    def from_environ(cls, environ: Mapping[str, str], chance: Chance = secrets.token_bytes) -> Self:
        """Read every variable; raises SettingsError with all that are wrong."""
        given = Environment(environ)
        home = given.home()
        sandbox_port = given.whole("KHATA_SANDBOX_PORT", 8001, 0, PORT_MAX)
        ttl = given.whole("KHATA_CHECKOUT_TTL_SECONDS", 1800, 1, CHECKOUT_TTL_SECONDS_MAX)
        database = given.url("DATABASE_URL", _POSTGRESQL)
        port = given.whole("KHATA_PORT", 8000, 0, PORT_MAX)
        has_own = not (given.text("RAZORPAY_KEY_ID") or given.text("RAZORPAY_BASE_URL"))
        if has_own or given.text("KHATA_SANDBOX_PORT"):
            given.apart("KHATA_PORT", port, "KHATA_SANDBOX_PORT", sandbox_port)
        settings = cls(
            home=home,
            host=given.host(),
            port=port,
            sandbox_port=sandbox_port,
            workers=given.whole("KHATA_WORKERS", 1, 1, WORKERS_MAX),
            drain_seconds=given.whole("KHATA_DRAIN_SECONDS", 0, 0, DRAIN_SECONDS_MAX),
            checkout_ttl=timedelta(seconds=ttl),
            outbox_keep=given.whole("KHATA_OUTBOX_KEEP", 100_000, 0, OUTBOX_KEEP_MAX),
            inbox_keep_days=given.whole("KHATA_INBOX_KEEP_DAYS", 30, 1, INBOX_KEEP_DAYS_MAX),
            time_zone=given.time_zone("KHATA_TIME_ZONE", TIME_ZONE),
            read_tx_seconds=given.whole("KHATA_READ_TX_SECONDS", 5, 1, READ_TX_SECONDS_MAX),
            database_url=database,
            owner_database_url=given.url("KHATA_OWNER_DATABASE_URL", _POSTGRESQL) or database,
            read_database_url=given.url("KHATA_READ_DATABASE_URL", _POSTGRESQL) or database,
            redis_url=given.url("REDIS_URL", _REDIS),
            smtp_url=given.url("SMTP_URL", _SMTP),
            mail_from=_mail_from(given),
            shop_url=given.url("KHATA_SHOP_URL", _HTTP),
            master_key_file=given.path("KHATA_MASTER_KEY_FILE", home / KEPT / "master.key"),
            signing_keys_dir=given.path("KHATA_SIGNING_KEYS_DIR", home / KEPT / "signing"),
            razorpay=_razorpay(given, home / KEPT, sandbox_port, chance),
            has_own_razorpay=has_own,
            traces_url=given.traces_url(),
            debug=given.flag("KHATA_DEBUG"),
            http=_http(given),
        )
        if given.problems:
            raise SettingsError(given.problems)
        return settings

    @property
    def app_url(self) -> str:
        """The database as the application; raises EngineUnknownError."""
        return _known(self.database_url, "DATABASE_URL")

    @property
    def owner_url(self) -> str:
        """The database as its owner; raises EngineUnknownError."""
        return _known(self.owner_database_url, "KHATA_OWNER_DATABASE_URL")

    @property
    def read_url(self) -> str:
        """The database as analysts read it; raises EngineUnknownError."""
        return _known(self.read_database_url, "KHATA_READ_DATABASE_URL")

    @property
    def cache_url(self) -> str:
        """Redis; raises EngineUnknownError."""
        return _known(self.redis_url, "REDIS_URL")

    @property
    def sandbox(self) -> "SandboxSettings":
        """How the sandbox plays the account; raises LiveKeyRefused for one of real money."""
        from src.http.sandbox.settings import (  # noqa: PLC0415 - a fifth of a second for an HTTP client
            SandboxSettings,
        )

        return SandboxSettings(
            seed=sandbox_seed(self.razorpay.key_id),
            state_path=self.home / "sandbox.db",
            key_id=self.razorpay.key_id,
            key_secret=self.razorpay.key_secret,
            webhook_secret=next(iter(self.razorpay.webhook_secrets), ""),
            webhook_url=self.api_url + WEBHOOKS_PATH,
            port=self.sandbox_port,
            retry_scale=SANDBOX_RETRY_SCALE,
            retry_gap_seconds_max=SANDBOX_RETRY_GAP_SECONDS_MAX,
        )

    @property
    def mail(self) -> MailSettings:
        """How letters leave the shop."""
        shop_url = self.shop_url or self.api_url
        return mail_settings(self.smtp_url, self.home, self.mail_from, shop_url)

    @property
    def api_url(self) -> str:
        """Where this machine reaches the API."""
        return f"http://{reachable(self.host)}:{self.port}"

    @property
    def sandbox_url(self) -> str:
        """Where this machine reaches the sandbox."""
        return f"http://{LOOPBACK_HOST}:{self.sandbox_port}"

    def __repr__(self) -> str:
        return f"Settings(home={str(self.home)!r}, api={self.api_url!r}, {self.razorpay!r})"

    def __rich_repr__(self) -> list[tuple[str, object]]:
        return [("home", self.home), ("api", self.api_url), ("razorpay", self.razorpay)]


_POSTGRESQL = frozenset({"postgresql", "postgres"})
_REDIS = frozenset({"redis", "rediss", "unix"})
_SMTP = frozenset({"smtp", "smtps"})
_HTTP = frozenset({"http", "https"})


def _mail_from(given: Environment) -> str | None:
    text = given.text("KHATA_MAIL_FROM")
    if text is not None and sender_of(text) is None:
        given.problems.append(
            "KHATA_MAIL_FROM must be one e-mail address, as shop@example.com, or with a name, "
            "as Chai Shop <shop@example.com>."
        )
    return text


def _http(given: Environment) -> HttpSettings:
    usual = HttpSettings()
    rate, email, address = (
        usual.rate_per_second,
        usual.door_email_per_minute,
        usual.door_address_per_minute,
    )
    most = DOOR_PER_MINUTE_MAX
    return HttpSettings(
        rate_per_second=given.whole("KHATA_RATE_PER_SECOND", rate, 0, RATE_PER_SECOND_MAX),
        door_email_per_minute=given.whole("KHATA_DOOR_EMAIL_PER_MINUTE", email, 1, most),
        door_address_per_minute=given.whole("KHATA_DOOR_ADDRESS_PER_MINUTE", address, 1, most),
        trusted_proxies=given.networks("KHATA_TRUSTED_PROXIES"),
        cors_origins=given.origins("KHATA_CORS_ORIGINS"),
        https_only=(given.text("KHATA_SHOP_URL") or "").lower().startswith("https://"),
    )


def _razorpay(
    given: Environment, kept: Path, sandbox_port: int, chance: Chance
) -> RazorpaySettings:
    """The account that was given, or else one that is made up once, for the sandbox to play."""
    key_id, key_secret = given.text("RAZORPAY_KEY_ID"), given.text("RAZORPAY_KEY_SECRET")
    base_url = given.text("RAZORPAY_BASE_URL")
    capture = CaptureMode(given.one_of("KHATA_CAPTURE", list(CaptureMode)))
    try:
        if key_id is None and key_secret is None:
            key_id, key_secret = made_up_key(kept, chance)
            # Port 0 means any: `khata up` reads the settings again once it has one.
            port = f":{sandbox_port}" if sandbox_port else ""
            base_url = base_url or f"http://{LOOPBACK_HOST}{port}"
        account = RazorpaySettings(
            key_id=key_id or "",
            key_secret=key_secret or "",
            previous_key_secrets=given.several("RAZORPAY_PREVIOUS_KEY_SECRETS"),
            capture=capture,
            base_url=base_url,
        )
        return replace(account, webhook_secrets=_webhook_secrets(given, account, kept, chance))
    except ValueError as wrong:
        given.problems.append(f"RAZORPAY_…: {wrong}.")
    except OSError as wrong:
        given.problems.append(f"KHATA_HOME: {kept} cannot be used ({wrong.strerror}).")
    return RazorpaySettings(key_id=KEY_PREFIX, key_secret=KEY_PREFIX)


def _webhook_secrets(
    given: Environment, account: RazorpaySettings, kept: Path, chance: Chance
) -> tuple[str, ...]:
    """Only a sandbox can be told a secret that we make up; Razorpay's is set at Razorpay."""
    secrets_given = given.several("RAZORPAY_WEBHOOK_SECRETS")
    if secrets_given:
        return secrets_given
    return (made_up_webhook_secret(kept, chance),) if account.is_local else ()


def _known(url: str | None, variable: str) -> str:
    if url is None:
        raise EngineUnknownError(f"No engine runs here: set {variable}, or start `khata up`.")
    return url
