"""What the rest of Khata asks of the book and of the keys; Postgres and memory both answer."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol
from uuid import UUID

from msgspec import Struct

from src.events.envelope import Appended, Entry, StoredEvent
from src.events.identifiers import Stream

Reread = Callable[[dict[Stream, int]], Awaitable[Sequence[StoredEvent]]]
"""Returns the events of streams above each one's version, while the book is held."""


class Book(Protocol):
    """One shop's gapless sequence of facts."""

    async def append(self, entries: Sequence[Entry]) -> Appended:
        """Write what has not moved, in order, in one transaction.

        Raises `OutcomeUnknownError` when the connection died and sending it
        again did not clear up whether it had been written.
        """
        ...

    async def append_holding(
        self, decide: Callable[[Reread], Awaitable[Sequence[Entry]]]
    ) -> Appended:
        """Append what is decided while nobody else can write.

        What `decide` rereads cannot move before its entries are written. It is
        asked again if the connection dies before they were sent; afterwards
        they are sent again as in `append`, and may have moved then.
        """
        ...

    async def read_stream(
        self, stream: Stream, *, after: int = 0, up_to: int | None = None
    ) -> Sequence[StoredEvent]:
        """Return the stream's events with a version above `after`, oldest first."""
        ...

    async def read_streams(
        self, after: dict[Stream, int], *, each_max: int | None = None
    ) -> Sequence[StoredEvent]:
        """Return, in one round trip, the events of several streams above each one's version.

        Of each stream at most `each_max`, the oldest.
        """
        ...

    async def read_page(
        self, after: int, length: int, *, without: Sequence[str] = ()
    ) -> Sequence[StoredEvent]:
        """Return the events at positions above `after` and at most `after + length`.

        Those of the types in `without` are left out, but never the page's last
        event: it says how far was read.
        """
        ...

    async def head(self) -> int:
        """Return the last position, 0 for an empty book."""
        ...

    async def has_command(self, stream: Stream, command_id: UUID) -> int | None:
        """Return the last position that this command wrote to the stream, or None."""
        ...


class Snapshots(Protocol):
    """States of long streams, kept so that nobody folds them from birth; any may be gone."""

    async def find(self, stream: Stream) -> tuple[int, Any] | None:
        """Return a version and the state that this code folded there, if one is kept."""
        ...

    def offer(self, stream: Stream, version: int, state: object) -> None:
        """Keep a state, some time soon; whether it was kept, nobody is told."""
        ...


class Sealed(Struct, frozen=True):
    """Bytes that only the holder of a key can read; the key can be destroyed, the box stays."""

    key_id: str
    box: str
    """Base64 of nonce and AES-256-GCM ciphertext; the key id is authenticated with it."""


class KeyRing(Protocol):
    """Keys, one a person or foreign body, kept outside the book."""

    async def seal(self, key_id: str, plain: bytes) -> Sealed:
        """Seal with the key of this id, which is made, and made durable, if it is new."""
        ...

    async def open(self, sealed: Sealed) -> bytes | None:
        """Return what was sealed, or None once the key is destroyed."""
        ...


class OutcomeUnknownError(Exception):
    """The connection died during an append, and asking again did not say whether it was written."""


class DatabaseUnavailableError(Exception):
    """The database cannot be reached; nothing was sent to it."""


class KeyDestroyedError(Exception):
    """The key was destroyed; nothing more can be sealed with it."""
