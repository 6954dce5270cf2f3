"""Letters, written: the words filled in, and every header from a checked value."""

from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTPUTF8
from email.utils import format_datetime
from urllib.parse import quote, urlencode, urlsplit

from msgspec import Struct

from src.events.letter import Letter
from src.http.mail.mailer import Envelope, MailRefusedError
from src.http.mail.settings import MailSettings
from src.http.mail.texts import Text

LINE_LENGTH_MAX = 990
"""A link stays on one line, as every program that shows letters wants it."""
_POLICY = SMTPUTF8.clone(max_line_length=LINE_LENGTH_MAX)


class Words(Struct, frozen=True, kw_only=True):
    """What one letter says, and where it leads."""

    text: Text
    page: str
    """The part of the shop that the link opens."""
    asks: dict[str, str]
    """What the page has to know; it stands behind `#`, which browsers send to nobody."""
    says: dict[str, str]
    """What is filled into the text besides."""


def written(letter: Letter, email: str, words: Words, mail: MailSettings) -> Envelope:
    """Write a letter; raises MailRefusedError for an address that no letter can have."""
    known = {
        "shop": urlsplit(mail.shop_url).netloc,
        "link": link(mail.shop_url, words.page, words.asks),
        **words.says,
    }
    message = EmailMessage(policy=_POLICY)
    message["From"] = mail.sender
    message["To"] = _address(email)
    message["Subject"] = words.text.subject.substitute(known)
    message["Date"] = format_datetime(letter.asked_at)
    # The same at every try, so that a mail program shows a letter that came twice once.
    message["Message-ID"] = f"<{letter.letter_id}@{_domain(mail.sender)}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(words.text.body.substitute(known))
    return Envelope(
        name=f"{letter.asked_at:%Y%m%dT%H%M%S.%fZ}-{letter.kind.value}-{letter.letter_id}",
        mailbox=letter.mailbox,
        message=message,
    )


def link(shop_url: str, page: str, asks: dict[str, str]) -> str:
    """Return the address of a page of the shop; secrets stand behind `#`."""
    asked = urlencode(asks, quote_via=quote)
    return f"{shop_url}/#{page}" + (f"?{asked}" if asked else "")


def in_words(at: datetime) -> str:
    """Write a time as people read it."""
    return f"{at.day} {at:%B %Y, %H:%M} UTC"


def _address(email: str) -> Address:
    """Take an address apart strictly; a domain in other letters is written as servers want it.

    One that would not come out the same when it is read again is refused: what
    is written for the German sharp s, for one, is another's domain today.
    """
    name, _, domain = email.rpartition("@")
    try:
        written = domain.encode("idna")
        if not (name and domain) or written.decode("idna").lower() != domain.lower():
            raise ValueError  # noqa: TRY301 - it is refused as every other odd address
        return Address(username=name, domain=written.decode())
    except (MessageError, UnicodeError, ValueError, IndexError):
        raise MailRefusedError("no letter can have such an address") from None


def _domain(sender: str) -> str:
    header = _POLICY.header_factory("from", sender)
    domain: str = header.addresses[0].domain
    return domain
