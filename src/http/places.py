"""Where servers are: whether an address can be read, and how one is reached from here."""

from ipaddress import ip_address
from urllib.parse import urlsplit

LOOPBACK_HOST = "127.0.0.1"


def is_address(text: str, schemes: frozenset[str]) -> bool:
    """Whether it can be read; whether anybody answers there is for `khata doctor` to find out."""
    try:
        parts = urlsplit(text)
        port_is_fine = parts.port != 0
    except ValueError:
        return False
    names_a_place = bool(parts.hostname or parts.query or parts.scheme == "unix")
    return parts.scheme in schemes and names_a_place and port_is_fine


def is_origin(text: str) -> bool:
    """Whether a browser would name itself so: scheme and place in small letters, nothing else."""
    if not is_address(text, frozenset({"http", "https"})) or not text.isascii():
        return False
    parts = urlsplit(text)
    usual = {"http": 80, "https": 443}[parts.scheme]
    named = f"{parts.scheme}://{parts.netloc}"
    return text == named == named.lower() and not set("@*") & set(text) and parts.port != usual


def origin_of(url: str) -> str:
    """Return how a browser names where an address is."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, as far as its name says."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def reachable(host: str) -> str:
    """An address to call for one to listen on: everywhere includes here."""
    host = {"0.0.0.0": LOOPBACK_HOST, "::": "::1"}.get(host, host)  # noqa: S104 - recognised, never listened on
    return f"[{host}]" if ":" in host else host
