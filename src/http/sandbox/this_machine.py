"""What is on this machine, told by its name alone: nothing is ever looked up."""

from ipaddress import ip_address
from urllib.parse import urlsplit


def is_here(host: str | None) -> bool:
    """Whether a host, without its port, is `localhost` or a loopback address."""
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False


def host_of(url: str) -> str | None:
    """The host of a URL, in lower case; None where there is none."""
    try:
        place = urlsplit(url)
        _ = place.port  # Whose port is no number, its host is not trusted either.
    except ValueError:
        return None
    return place.hostname
