"""What the demo shop's page has to be told."""

from urllib.parse import urlsplit

from msgspec import Struct

RAZORPAYS_SCRIPT = "https://checkout.razorpay.com"
RAZORPAYS_HOSTS = "https://*.razorpay.com"
"""Its checkout.js loads more scripts, reports and frames from hosts that it changes at will."""


class Storefront(Struct, frozen=True, kw_only=True):
    """One installation's demo shop."""

    key_id: str
    """The public half of the API key, for checkout.js."""
    checkout_script: str
    """Where checkout.js comes from; nothing foreign but that and what it loads runs in the page."""
    provider_url: str
    """Where the payment window's frame may come from, besides the script's own origin."""

    @property
    def script_origin(self) -> str:
        """The one foreign origin that scripts may come from."""
        return _origin(self.checkout_script)

    @property
    def is_razorpays_own(self) -> bool:
        """Whether the payment window is Razorpay's, and not the sandbox's."""
        return self.script_origin == RAZORPAYS_SCRIPT

    @property
    def frame_origins(self) -> list[str]:
        """The origins that may show a frame in the page, each once."""
        return list(dict.fromkeys((self.script_origin, _origin(self.provider_url))))


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
