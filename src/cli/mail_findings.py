"""What `khata doctor` finds about letters: whether they leave, and as whose."""

import os

from src.cli.finding import Finding
from src.http.mail.mailer import MailUnavailableError
from src.http.mail.settings import MailServer
from src.http.mail.smtp import SmtpMailer
from src.settings import Settings

GREETING_TIMEOUT_SECONDS = 5.0


async def mail(settings: Settings) -> list[Finding]:
    """Greet the mail server as for a letter, and look at what letters say of the shop."""
    server = settings.mail.server
    leaves = _outbox(settings) if server is None else await _server(server)
    return [leaves, _sender(settings), _shop_url(settings)]


def _outbox(settings: Settings) -> Finding:
    outbox = settings.mail.outbox
    says = f"not set: letters are files in {outbox}, and reach nobody"
    # Whether the folder can be made says the finding about KHATA_HOME.
    if outbox.exists() and not (outbox.is_dir() and os.access(outbox, os.W_OK | os.X_OK)):
        return Finding("SMTP_URL", f"{says}; it is not a folder of this user", f"move {outbox}")
    return Finding("SMTP_URL", says)


async def _server(server: MailServer) -> Finding:
    try:
        await SmtpMailer(server, GREETING_TIMEOUT_SECONDS).greet()
    except MailUnavailableError as error:
        return Finding("SMTP_URL", f"{server.place}: {error.reason}", _mend(server))
    return Finding("SMTP_URL", f"{server.place} takes letters")


def _mend(server: MailServer) -> str:
    tls = "" if server.is_loopback else ", or a server that speaks TLS by a good certificate"
    return f"correct host, port, name or password{tls}; other signs in them as %40"


def _sender(settings: Settings) -> Finding:
    sender = settings.mail.sender
    if settings.mail_from is not None:
        return Finding("KHATA_MAIL_FROM", sender)
    server = settings.mail.server
    if server is None or server.is_loopback:
        return Finding("KHATA_MAIL_FROM", f"not set: {sender}")
    return Finding(
        "KHATA_MAIL_FROM",
        f"not set: letters come from {sender}, which few servers take",
        "set it to an address that this mail server may send as",
    )


def _shop_url(settings: Settings) -> Finding:
    url = settings.mail.shop_url
    if settings.shop_url is not None or settings.mail.server is None:
        return Finding("KHATA_SHOP_URL", url)
    return Finding(
        "KHATA_SHOP_URL",
        f"not set: links in letters lead to {url}, which only this machine reaches",
        "set it to where customers find the shop",
    )
