"""Under which name an address is counted: IPv4 whole, IPv6 by the network that one client has."""

from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

IPV6_PREFIX_BITS = 64
"""Whoever has one address of such a network has all of them."""
REMEMBERED_MAX = 4096
UNKNOWN = "unknown"
"""What is no address, as a proxy may write it: all such callers are counted together."""


@lru_cache(maxsize=REMEMBERED_MAX)
def counted_address(text: str) -> str:
    """Return the name under which whoever calls from this address is counted."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return UNKNOWN
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ip_network((address, IPV6_PREFIX_BITS), strict=False))
