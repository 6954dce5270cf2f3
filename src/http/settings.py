"""What the HTTP edge has to be told."""

from msgspec import Struct

KIB = 1024


class HttpSettings(Struct, frozen=True, kw_only=True):
    """Limits and names of the edge; every default suits one shop on one machine."""

    issuer: str = "khata"
    """`iss` of every token: the installation."""
    audience: str = "khata-api"
    """`aud` of every token: this API."""
    body_bytes_max: int = 64 * KIB
    """The largest body of a call."""
    webhook_body_bytes_max: int = 1024 * KIB
    """The largest body below /webhooks."""
    large_bodies_at_once_max: int = 32
    """So many bodies may arrive at the same time that are not announced to be of a call's size."""
    header_bytes_max: int = 16 * KIB
    """All header names and values together."""
    address_bytes_max: int = 8 * KIB
    """Path and query of a request together."""
    cors_origins: tuple[str, ...] = ()
    """KHATA_CORS_ORIGINS: whose pages may call from a browser: exact origins, or `*`."""
    https_only: bool = False
    """Tell browsers to come by https alone: the shop's public address is one."""
    body_timeout_seconds: float = 10.0
    """So long may a body take to arrive."""
    reads_at_once_max: int = 256
    """More reads than this at the same time are told to come back later."""
    staff_reads_at_once_max: int = 64
    """Below /admin, /audit and /analytics."""
    writes_at_once_max: int = 512
    """More writes than this at the same time are told to come back later."""
    rate_per_second: int = 1_000
    """KHATA_RATE_PER_SECOND: requests of one identity, and of one address; 0 is no limit."""
    door_email_per_minute: int = 10
    """KHATA_DOOR_EMAIL_PER_MINUTE: tries for one e-mail at each door, as at the login."""
    door_address_per_minute: int = 60
    """KHATA_DOOR_ADDRESS_PER_MINUTE: tries of one address at each door."""
    trusted_proxies: tuple[str, ...] = ()
    """KHATA_TRUSTED_PROXIES: whose X-Forwarded-For is believed: addresses and networks."""
    webhooks_at_once_max: int = 512
    """Deliveries have room of their own: a provider gives up on who is busy too often."""
    access_log: bool = True
    """One line a request: route, status, milliseconds, request id."""
    docs: bool = True
    """Serve the OpenAPI document and its viewer."""
