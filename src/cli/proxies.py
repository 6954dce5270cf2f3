"""Proxies in front of the API: whose word is believed about where a request comes from.

`X-Forwarded-For` is read from its right end, where our own proxy writes: the
first address that is none of ours is the caller's, and what stands left of it
may have been written by anybody. Nobody else's header is read at all.
"""

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network, ip_network
from typing import Any

from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

_MAPPED_BITS = 96
"""Of an IPv4 address as a server sees it that listens on IPv6 as well: ::ffff:192.0.2.1."""


def behind(app: Any, proxies: Sequence[str]) -> Any:  # noqa: ANN401  # ASGI applications have no common type
    """Return the application as it is behind these addresses and networks."""
    return ProxyHeadersMiddleware(app, list(_as_seen(proxies))) if proxies else app


def _as_seen(proxies: Sequence[str]) -> Iterator[str]:
    for each in proxies:
        yield each
        network = ip_network(each)
        if isinstance(network, IPv4Network):
            yield f"::ffff:{network.network_address}/{_MAPPED_BITS + network.prefixlen}"
