"""Whom we believe to be Razorpay: today's root certificates, read once per process.

requests reads the certificates again for every connection it opens, which costs
some 16 ms of CPU, twenty-five times the call itself.
"""

import ssl
from functools import cache
from typing import Any

import certifi
from requests.adapters import HTTPAdapter
from urllib3.util.ssl_ import create_urllib3_context


class TrustingAdapter(HTTPAdapter):
    """An adapter whose connections share one TLS context that always verifies."""

    def __init__(self, pool_maxsize: int) -> None:
        self._tls = _context(certifi.where())
        super().__init__(pool_maxsize=pool_maxsize, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  # requests' own signature
        super().init_poolmanager(*args, **kwargs, ssl_context=self._tls)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:  # noqa: ANN401  # the same
        return super().proxy_manager_for(proxy, **kwargs, ssl_context=self._tls)

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:  # noqa: ANN401, ARG002  # the same
        """Leave the connection to the context, which requires and checks the certificate."""
        conn.cert_reqs = "CERT_REQUIRED"


@cache
def _context(roots: str) -> ssl.SSLContext:
    context = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED)
    context.load_verify_locations(roots)
    return context
