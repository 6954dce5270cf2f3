"""The outbox as a person reads it: which letters came to an address, and what they carry."""

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTPUTF8
from pathlib import Path
from urllib.parse import parse_qs, unquote

from tests.shop import ShopUnderTest


def letters_to(shop: ShopUnderTest, email: str) -> list[EmailMessage]:
    """Return the letters to an address, the oldest first."""
    return [letter for letter in _letters(shop.settings.mail.outbox) if letter["To"] == email]


def body(letter: EmailMessage) -> str:
    """Return what a letter says, on one line."""
    return " ".join(str(letter.get_content()).split())


def links(letter: EmailMessage) -> list[str]:
    """Return every link of a letter."""
    return re.findall(r"https?://\S+/#\S+", str(letter.get_content()))


def carried(letter: EmailMessage) -> dict[str, str]:
    """Return what the page is told that the letter's link opens."""
    (link,) = links(letter)
    asked = parse_qs(link.partition("?")[2])
    return {"page": unquote(link.partition("#")[2].partition("?")[0])} | {
        name: values[0] for name, values in asked.items()
    }


def _letters(folder: Path) -> Iterator[EmailMessage]:
    for file in sorted(folder.glob("*.eml")):
        yield message_from_bytes(file.read_bytes(), policy=SMTPUTF8)
