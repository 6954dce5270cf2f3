"""What a sandbox has to be told before it starts."""

from pathlib import Path
from typing import Literal

from msgspec import Struct

TEST_KEY_PREFIX = "rzp_test_"


class LiveKeyRefused(ValueError):
    """A key that is not a test key was given to the sandbox."""


class SandboxSettings(Struct, frozen=True, kw_only=True):
    state_path: Path
    """The SQLite file that remembers everything across restarts; one sandbox at a time uses it."""
    key_id: str
    """The API key the shop uses; must start with `rzp_test_`."""
    key_secret: str
    """The API key's secret; also signs what checkout.js hands to the browser."""
    webhook_secret: str
    """Signs the webhooks; Razorpay keeps it apart from the key secret, and so do we."""
    webhook_url: str | None = None
    """Where webhooks are delivered; without it they wait in the queue."""
    host: str = "127.0.0.1"
    """The loopback address to listen on."""
    port: int = 8001
    """The port to listen on."""
    seed: int = 1
    """Where the ids begin when the state is first made; a state keeps the seed it was made with."""
    retry_scale: float = 1.0
    """Multiplies Razorpay's retry ladder (0, 6, 19, 40, ... seconds); 0.02 suits one machine."""
    retry_gap_seconds_max: float | None = None
    """Tries of one event are no further apart than this, for a day, and a shop that comes back gets
    all at once; None is Razorpay's own ladder."""
    repeated_receipt: Literal["same_order", "refuse"] = "same_order"
    """A `unique_receipt` order asked for again with an equal body: the same order, or a 400."""

    def __post_init__(self) -> None:
        if not self.key_id.startswith(TEST_KEY_PREFIX):
            raise LiveKeyRefused(
                f"The sandbox plays with invented money: its key id must start with "
                f"{TEST_KEY_PREFIX!r}. For a live key, talk to Razorpay and run no sandbox."
            )
        if not (self.key_secret and self.webhook_secret):
            raise ValueError("The sandbox needs a key secret and a webhook secret, neither empty.")
        if self.retry_scale <= 0:
            raise ValueError("retry_scale multiplies waiting times and must be above zero.")
