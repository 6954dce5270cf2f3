"""Where letters leave the shop: the mail server's address, taken apart, and the folder instead."""

from email.headerregistry import Address
from email.policy import SMTP
from pathlib import Path
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from src.http.places import is_loopback

SMTP_PORT, SUBMISSION_PORT, IMPLICIT_TLS_PORT = 25, 587, 465
IMPLICIT_TLS = "smtps"
OUTBOX = "outbox"
SENDERS_NAME = "khata"
ADDRESS_LENGTH_MAX = 320


class MailServer(Struct, frozen=True, kw_only=True):
    """A mail server, and how it is spoken to."""

    host: str
    port: int
    is_implicit_tls: bool
    """TLS from the first byte, as smtps:// says."""
    is_loopback: bool
    """Nobody listens in between: TLS is taken if it is offered, by whatever certificate."""
    username: str | None
    password: str | None

    def __repr__(self) -> str:
        return f"MailServer({self.place!r})"

    @property
    def place(self) -> str:
        """Where it is, without the password."""
        scheme = IMPLICIT_TLS if self.is_implicit_tls else "smtp"
        return f"{scheme}://{self.host}:{self.port}"


class MailSettings(Struct, frozen=True, kw_only=True):
    """How an installation sends letters."""

    server: MailServer | None
    """None puts letters into the folder."""
    outbox: Path
    sender: str
    """As it stands in `From`."""
    shop_url: str
    """Where links lead, without a slash at the end."""

    @property
    def where(self) -> str:
        """Where letters go, in words."""
        return str(self.outbox) if self.server is None else self.server.place


def mail_settings(
    smtp_url: str | None, home: Path, sender: str | None, shop_url: str
) -> MailSettings:
    """Put together what was given."""
    shop = shop_url.rstrip("/")
    return MailSettings(
        server=None if smtp_url is None else mail_server(smtp_url),
        outbox=home / OUTBOX,
        sender=sender or own_sender(shop),
        shop_url=shop,
    )


def mail_server(url: str) -> MailServer:
    """Take an smtp:// or smtps:// address apart."""
    parts = urlsplit(url)
    host = parts.hostname or "localhost"
    implicit = parts.scheme == IMPLICIT_TLS
    loopback = is_loopback(host)
    usual = IMPLICIT_TLS_PORT if implicit else SMTP_PORT if loopback else SUBMISSION_PORT
    return MailServer(
        host=host,
        port=parts.port or usual,
        is_implicit_tls=implicit,
        is_loopback=loopback,
        username=None if parts.username is None else unquote(parts.username),
        password=None if parts.password is None else unquote(parts.password),
    )


def sender_of(text: str) -> str | None:
    """Return the one address that this is, with or without a name; None if it is something else."""
    if len(text) > ADDRESS_LENGTH_MAX or not text.isprintable():
        return None
    header = SMTP.header_factory("from", text)
    addresses: tuple[Address, ...] = header.addresses
    if len(addresses) != 1 or header.defects or not addresses[0].domain:
        return None
    return text


def own_sender(shop_url: str) -> str:
    """Return the sender of a shop that names none."""
    host = urlsplit(shop_url).hostname or "localhost"
    return f"{SENDERS_NAME}@{'localhost' if is_loopback(host) or ':' in host else host}"
