"""The letterbox: where letters are asked for, with the address sealed, and taken out again."""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from src.events.identifiers import normalised_email
from src.events.letter import Letter, LetterKind, LetterStore, Outcome
from src.events.sealing import TokenBytes, shut, unlock


class LetterboxFullError(Exception):
    """As many letters wait as may wait."""


class Letterbox:
    """Seals addresses with one secret of the installation, and makes proofs with another."""

    def __init__(
        self, store: LetterStore, seal_key: bytes, proof_key: bytes, token_bytes: TokenBytes
    ) -> None:
        self._store = store
        self._seal_key = seal_key
        self._proof_key = proof_key
        self._token_bytes = token_bytes

    async def ask(  # noqa: PLR0913  # what is written, to whom, and when it was asked for
        self,
        letter_id: UUID,
        kind: LetterKind,
        email: str,
        *,
        mailbox: str,
        asked_at: datetime,
        about: str = "",
    ) -> None:
        """Ask for a letter, whoever may live there; raises LetterboxFullError.

        It goes to the very spelling that the mailbox is known by. Some other one
        with the same name here, as with a Kelvin sign for a k, may be somebody
        else's mailbox where letters are delivered.
        """
        address = normalised_email(email).encode()
        sealed = shut(self._seal_key, address, _name(letter_id), self._token_bytes)
        letter = Letter(
            letter_id=letter_id,
            kind=kind,
            mailbox=mailbox,
            about=about,
            address=sealed,
            asked_at=asked_at,
        )
        if not await self._store.add(letter):
            raise LetterboxFullError

    async def take(self, at: datetime, letters_max: int) -> Sequence[Letter]:
        """Take letters out, for a lease."""
        return await self._store.take(at, letters_max)

    def address(self, letter: Letter) -> str:
        """Return the e-mail address that a letter goes to; raises BrokenBoxError."""
        return unlock(self._seal_key, letter.address, _name(letter.letter_id)).decode()

    def secret(self, letter: Letter) -> str:
        """Return what a letter lets its reader prove: the same at every try, and stored nowhere."""
        mac = hmac.digest(self._proof_key, letter.letter_id.bytes, "sha256")
        return urlsafe_b64encode(mac).decode().rstrip("=")

    async def note_offered(self, letter: Letter) -> None:
        """Say that the book knows the letter's proof."""
        await self._store.note_offered(letter)

    async def put_back(self, letter: Letter, next_at: datetime) -> None:
        """Say when to try again."""
        await self._store.put_back(letter, next_at)

    async def remove(self, letter: Letter, outcome: Outcome) -> None:
        """Say what became of a letter."""
        await self._store.remove(letter, outcome)

    async def forget(self, mailboxes: Sequence[str]) -> None:
        """Forget every letter to these mailboxes."""
        if mailboxes:
            await self._store.forget(mailboxes)

    async def close(self) -> None:
        """Let go of everything."""
        await self._store.close()


def _name(letter_id: UUID) -> str:
    return f"letter:{letter_id}"
