"""The HTTP session that the SDK is given: it never waits for ever and never lets the SDK guess.

Whatever is not a usable answer becomes a GatewayError here, below the SDK. That
keeps the status and the reasons, which the SDK drops, and keeps the SDK from
printing failures to standard output, which belongs to Khata's commands.
"""

import base64
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import urllib3
from requests import PreparedRequest, Response, Session
from requests.cookies import RequestsCookieJar
from requests.utils import get_environ_proxies

from src.commands.gateway import GatewayUnavailableError
from src.http.razorpay.answers import usable
from src.http.razorpay.settings import RazorpaySettings
from src.http.razorpay.trust import TrustingAdapter


class RazorpaySession(Session):
    """A session with time limits, shared by all threads that talk to Razorpay."""

    def __init__(self, settings: RazorpaySettings) -> None:
        super().__init__()
        self._timeout = (settings.connect_timeout_seconds, settings.read_timeout_seconds)
        self._secrets = _secrets(settings)
        # A proxy named in the environment is read once; a server on this machine needs none.
        self.trust_env = False
        self.proxies = {} if settings.is_local else get_environ_proxies(settings.url)
        # Cookies are the one thing that threads would share, and Razorpay needs none.
        self.cookies = RequestsCookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))
        adapter = TrustingAdapter(settings.threads)
        self.mount("https://", adapter)
        self.mount("http://", adapter)

    def send(self, request: PreparedRequest, **kwargs: Any) -> Response:  # noqa: ANN401  # requests' own signature
        """Send with a time limit and follow no redirect; raise a GatewayError on every failure."""
        kwargs["timeout"] = self._timeout
        # A redirected POST would become a GET, and the key would travel to another address.
        kwargs["allow_redirects"] = False
        # The SDK names its own root certificates, of 2015; trust.py has today's.
        kwargs["verify"] = True
        try:
            response = super().send(request, **kwargs)
        except (OSError, urllib3.exceptions.HTTPError) as lost:  # requests' errors are OSErrors
            raise GatewayUnavailableError(
                f"no answer from Razorpay: {type(lost).__name__}"
            ) from lost
        return usable(response, self._secrets)


def _secrets(settings: RazorpaySettings) -> tuple[str, ...]:
    pair = f"{settings.key_id}:{settings.key_secret}".encode()
    encoded = base64.b64encode(pair).decode()
    return (*settings.key_secrets, encoded, *settings.webhook_secrets)
