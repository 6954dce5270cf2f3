"""What the demo shop's page has to be told."""

from urllib.parse import urlsplit

from msgspec import Struct


class Storefront(Struct, frozen=True, kw_only=True):
    """One installation's demo shop."""

    key_id: str
    """The public half of the API key, for checkout.js."""
    checkout_script: str
    """Where checkout.js comes from; nothing else that is foreign ever runs in the page."""
    provider_url: str
    """Where the payment window's frame may come from, besides the script's own origin."""

    @property
    def script_origin(self) -> str:
        """The one foreign origin that scripts may come from."""
        return _origin(self.checkout_script)

    @property
    def frame_origins(self) -> list[str]:
        """The origins that may show a frame in the page, each once."""
        return list(dict.fromkeys((self.script_origin, _origin(self.provider_url))))


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
