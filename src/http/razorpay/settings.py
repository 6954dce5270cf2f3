"""How to reach Razorpay, and as whom."""

from urllib.parse import urlsplit

from msgspec import Struct

from src.events.capture import CaptureMode

OFFICIAL_URL = "https://api.razorpay.com"
OFFICIAL_CHECKOUT = "https://checkout.razorpay.com/v1/checkout.js"
CHECKOUT_PATH = "/v1/checkout.js"
LIVE_PREFIX = "rzp_live_"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class RazorpaySettingsError(ValueError):
    """These settings cannot work, or would be dangerous if they did; the text says why."""


class RazorpaySettings(Struct, frozen=True, kw_only=True):
    """One Razorpay account, and how patient we are with it."""

    key_id: str
    """The public half of the API key, `rzp_test_…` or `rzp_live_…`."""
    key_secret: str
    """The secret half of the API key; it also signs what checkout.js hands back."""
    previous_key_secrets: tuple[str, ...] = ()
    """Secrets of the same key that were replaced; payments under way may still be signed so."""
    webhook_secrets: tuple[str, ...] = ()
    """What webhooks are signed with, newest first; older ones stay while retries are under way."""
    capture: CaptureMode = CaptureMode.AUTOMATIC
    """Who takes the money of the orders that are created from now on."""
    base_url: str | None = None
    """Where Razorpay answers, without `/v1`; None is Razorpay itself. Never with a live key."""
    connect_timeout_seconds: float = 3.0
    """How long a connection may take to open."""
    read_timeout_seconds: float = 10.0
    """How long Razorpay may stay silent once asked."""
    deadline_seconds: float = 12.0
    """How long one call may take in all, waiting for a thread and follow-up questions included."""
    threads: int = 16
    """How many questions may be under way at once."""
    waiting_max: int = 64
    """How many more may wait for a thread; beyond that, calls fail at once."""

    def __post_init__(self) -> None:
        if not self.key_id or not self.key_secret:
            raise RazorpaySettingsError("RAZORPAY_KEY_ID and RAZORPAY_KEY_SECRET are both needed")
        if not (self.key_id + "".join(self.key_secrets)).isascii():
            raise RazorpaySettingsError("a key of Razorpay's is plain ASCII: was it copied whole?")
        if any(character.isspace() for character in self.key_id):
            raise RazorpaySettingsError("RAZORPAY_KEY_ID has a space in it: was it copied whole?")
        if not all(self.previous_key_secrets):
            raise RazorpaySettingsError("RAZORPAY_PREVIOUS_KEY_SECRETS contains an empty secret")
        if not all(self.webhook_secrets):
            raise RazorpaySettingsError("RAZORPAY_WEBHOOK_SECRETS contains an empty secret")
        if self.base_url is not None:
            _check_base_url(self.base_url)
        if self.is_live and self.url != OFFICIAL_URL:
            raise RazorpaySettingsError(
                "a live key is only ever sent to Razorpay itself: unset RAZORPAY_BASE_URL"
            )

    @property
    def key_secrets(self) -> tuple[str, ...]:
        """What a callback may be signed with, the current secret first."""
        return (self.key_secret, *self.previous_key_secrets)

    @property
    def is_live(self) -> bool:
        """Whether this key moves real money; however it is spelled or quoted, it counts as one."""
        return LIVE_PREFIX in self.key_id.lower()

    @property
    def url(self) -> str:
        """Where to ask, without a trailing slash: the SDK's paths begin with one."""
        return (self.base_url or OFFICIAL_URL).rstrip("/")

    @property
    def checkout_script(self) -> str:
        """Where a browser gets checkout.js: from Razorpay, or from whoever plays it."""
        return OFFICIAL_CHECKOUT if self.url == OFFICIAL_URL else self.url + CHECKOUT_PATH

    @property
    def is_local(self) -> bool:
        """Whether Razorpay is played by a process on this machine."""
        return urlsplit(self.url).hostname in LOOPBACK

    def __repr__(self) -> str:
        return f"RazorpaySettings(key_id={self.key_id!r}, url={self.url!r})"

    def __rich_repr__(self) -> list[tuple[str, str]]:
        return [("key_id", self.key_id), ("url", self.url)]


def _check_base_url(base_url: str) -> None:
    try:
        parts = urlsplit(base_url)
        port_is_fine = parts.port != 0
    except ValueError as wrong:
        raise RazorpaySettingsError("RAZORPAY_BASE_URL is not an address") from wrong
    if parts.scheme not in {"http", "https"} or not parts.hostname or not port_is_fine:
        raise RazorpaySettingsError("RAZORPAY_BASE_URL must be an http or https address")
    if parts.username is not None or parts.query or parts.fragment:
        raise RazorpaySettingsError("RAZORPAY_BASE_URL takes no user, query or fragment")
    if parts.path.rstrip("/").endswith("/v1"):
        raise RazorpaySettingsError("RAZORPAY_BASE_URL goes without /v1: the SDK adds it")
