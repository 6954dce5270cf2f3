"""What names a person, turned into what the book may hold: sealed boxes and keyed hashes."""

import hashlib
import hmac
from typing import TypeVar

import msgspec
from msgspec import Struct

from src.commands.rejections import PersonErased
from src.events.identifiers import mailbox_id
from src.events.ports import KeyDestroyedError, KeyRing, Sealed

T = TypeVar("T", bound=Struct)


class People:
    """Seals with each person's own key; hashes with keys of this installation."""

    def __init__(self, keys: KeyRing, mailbox_key: bytes, wish_key: bytes) -> None:
        self._keys = keys
        self._mailbox_key = mailbox_key
        self._wish_key = wish_key

    async def seal(self, person: str, value: Struct | str) -> Sealed:
        """Seal with the key of this customer, guest or not; raises PersonErased."""
        try:
            return await self._keys.seal(person, msgspec.json.encode(value))
        except KeyDestroyedError as gone:
            raise PersonErased(person) from gone

    async def open(self, sealed: Sealed, kind: type[T]) -> T | None:
        """Return what was sealed, or None once the person was erased."""
        plain = await self._keys.open(sealed)
        return None if plain is None else msgspec.json.decode(plain, type=kind)

    async def open_text(self, sealed: Sealed) -> str | None:
        """Return a text that was sealed, or None once the person was erased."""
        plain = await self._keys.open(sealed)
        return None if plain is None else msgspec.json.decode(plain, type=str)

    def mailbox(self, email: str) -> str:
        """Return the name under which the book knows an e-mail address."""
        return mailbox_id(email, self._mailbox_key)

    def wish(self, *parts: Struct | str | None) -> str:
        """Return what tells one request of a buyer from another without keeping either."""
        return hmac.new(self._wish_key, msgspec.json.encode(parts), hashlib.sha256).hexdigest()
