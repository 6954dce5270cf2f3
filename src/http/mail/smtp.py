"""Letters by SMTP: one connection a letter, encrypted on every way that leaves this machine."""

import asyncio
import socket
import ssl
from collections.abc import Sequence
from typing import NoReturn

from aiosmtplib import (
    SMTP,
    SMTPDataError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from src.http.mail.mailer import Envelope, MailRefusedError, MailUnavailableError
from src.http.mail.settings import MailServer

COMMAND_TIMEOUT_SECONDS = 10.0
HAND_OVER_TIMEOUT_SECONDS = 30.0
"""For a whole letter, however slowly its server speaks."""
PERMANENT_FROM = 500
"""Reply codes below it say: later."""
NO_SUCH_HOST = frozenset((socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)))
"""Not every C library knows both; a name service that does not answer says another."""


class SmtpMailer:
    """Speaks to one mail server."""

    def __init__(
        self,
        server: MailServer,
        command_timeout_seconds: float = COMMAND_TIMEOUT_SECONDS,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._server = server
        self._timeout_seconds = command_timeout_seconds
        self._tls = tls

    async def hand_over(self, envelope: Envelope) -> None:
        """Hand one letter over; raises MailUnavailableError, MailRefusedError.

        Only what the server says of this very letter is believed for ever. A
        refused login, sender or greeting is about the shop: letters wait until
        somebody mends it.
        """
        try:
            async with asyncio.timeout(HAND_OVER_TIMEOUT_SECONDS), self._client() as client:
                await client.send_message(envelope.message)
        except (SMTPRecipientsRefused, SMTPDataError, SMTPNotSupported) as error:
            _judge(error)
        except (SMTPException, OSError, ssl.SSLError, ValueError) as error:
            raise MailUnavailableError(said_of(error)) from None

    async def greet(self) -> None:
        """Connect, encrypt and log in as for a letter, and leave; raises MailUnavailableError."""
        try:
            async with asyncio.timeout(self._timeout_seconds), self._client() as client:
                await client.noop()
        except (SMTPException, OSError, ssl.SSLError, ValueError) as error:
            raise MailUnavailableError(said_of(error)) from None

    async def forget(self, mailboxes: Sequence[str]) -> None:
        """Nothing is kept here."""

    def _client(self) -> SMTP:
        """Without TLS only to this machine: a server that offers none gets no letter."""
        server = self._server
        upgrade = None if server.is_loopback else True
        return SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            timeout=self._timeout_seconds,
            use_tls=server.is_implicit_tls,
            start_tls=False if server.is_implicit_tls else upgrade,
            validate_certs=not server.is_loopback,
            tls_context=self._tls,
        )


def _judge(error: SMTPRecipientsRefused | SMTPDataError | SMTPNotSupported) -> NoReturn:
    """Tell never from not now; the server's own words are left out, they may name the address."""
    match error:
        case SMTPRecipientsRefused(recipients=refused):
            code = max(each.code for each in refused)
        case SMTPDataError(code=code):
            pass
        case _:
            raise MailRefusedError("the server cannot write to such an address") from None
    if code >= PERMANENT_FROM:
        raise MailRefusedError(f"the server says {code}") from None
    raise MailUnavailableError(f"the server says {code}") from None


def said_of(error: Exception) -> str:
    """Say what went wrong, without the server's words, which may name an address."""
    if isinstance(error, SMTPResponseException):
        return f"{type(error).__name__} {error.code}"
    if isinstance(error.__cause__, socket.gaierror) and error.__cause__.errno in NO_SUCH_HOST:
        return "no such host"
    if isinstance(error.__cause__, OSError):
        return f"{type(error).__name__}: {type(error.__cause__).__name__}"
    return type(error).__name__
