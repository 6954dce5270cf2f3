"""A letter for tests of the ways that letters leave by."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from src.events.letter import Letter, LetterKind
from src.http.mail.mailer import Envelope
from src.http.mail.message import Words, written
from src.http.mail.settings import MailSettings
from src.http.mail.texts import CLAIM

EMAIL = "asha@example.in"
ASKED_AT = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


def mail(home: Path = Path(), sender: str = "Chai Shop <shop@chai.example>") -> MailSettings:
    return MailSettings(
        server=None, outbox=home / "outbox", sender=sender, shop_url="https://chai.example/shop"
    )


def letter(number: int = 1, mailbox: str = "a" * 40) -> Letter:
    return Letter(
        letter_id=UUID(int=number),
        kind=LetterKind.CLAIM,
        mailbox=mailbox,
        about="",
        address=b"sealed",
        asked_at=ASKED_AT,
    )


def words(**asks: str) -> Words:
    return Words(
        text=CLAIM,
        page="claim",
        asks={"email": EMAIL, "token": "s3cr-et_", **asks},
        says={"secret": "s3cr-et_", "until": "2 March 2026, 12:30 UTC"},
    )


def envelope(number: int = 1, email: str = EMAIL, mailbox: str = "a" * 40) -> Envelope:
    return written(letter(number, mailbox), email, words(), mail())
