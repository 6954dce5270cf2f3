"""The same wish sent twice is carried out once, and answered twice with the same words.

A claim is made before the work and is a lease: whoever finds it expired runs
the same command id again, and the book itself knows what was done already. A
5xx answer is not kept, so that a repetition tries the same command again.
"""

import hashlib
import math
import re
from collections.abc import Callable, Sequence
from typing import Protocol
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Struct

from src.events.identifiers import named
from src.http.auth import ANONYMOUS
from src.http.refusals import InvalidInput, KeyReused, RequestInProgress

KEY_LENGTH_MAX = 255
IDEMPOTENCY_LEASE_SECONDS = 30
"""More than two questions to the provider may take; so long does a dead process hold on."""
KEEP_HOURS = 24
ANONYMOUS_REPLAY_SECONDS = 600
"""Callers without a name are told apart by their address alone, and the answer may hold a
secret: whoever shares the address and guesses the key and the body has this long to do so."""
PURGE_ROWS_MAX = 5_000
NONCE_BYTES = 12
REPLAYED = (b"idempotent-replayed", b"true")

METHOD = "POST"
"""Every other write says what shall be, and can be said twice."""
IGNORED_PATHS = frozenset(
    (
        "/customers/login",
        "/customers/refresh",
        "/customers/logout",
        "/customers/logout-everywhere",
        "/customers/claim",
        "/customers/claim/request",
        "/customers/password/forgotten",
        "/customers/password/reset",
        "/orders/lookup",
        "/webhooks/razorpay",
    )
)
"""POSTs that neither create nor move anything, or that know their repetitions themselves."""
KEPT_HEADERS = frozenset(
    (
        *(b"content-security-policy", b"content-type", b"etag", b"location"),
        *(b"khata-position", b"khata-recorded-at", b"referrer-policy"),
    )
)
_KEY = re.compile(rb"[\x21-\x7e]{1,%d}" % KEY_LENGTH_MAX)


class Ours(Struct, frozen=True):
    """The work is ours to do, until the lease expires."""

    lease: object
    """What `finish` and `release` want to see: the store knows what it means."""
    command_id: UUID
    """The command of the first try."""
    again: bool
    """An earlier try may have done it."""


class Running(Struct, frozen=True):
    """Somebody else is at it."""


class Finished(Struct, frozen=True):
    """It was done; this is the sealed answer."""

    answer: bytes
    age_seconds: float = 0.0
    """How long ago it was kept."""


class OtherWish(Struct, frozen=True):
    """The key was used for another body."""


Claim = Ours | Running | Finished | OtherWish


class IdempotencyStore(Protocol):
    """Remembers wishes, for all processes of one installation."""

    async def claim(
        self, key: str, fingerprint: bytes, command_id: UUID, about: str | None = None
    ) -> Claim:
        """Take the lease of a new wish, or of one whose lease has expired."""
        ...

    async def finish(self, key: str, answer: bytes, about: str | None = None) -> None:
        """Keep the answer, and whom it is about; the first one counts."""
        ...

    async def forget(self, about: Sequence[str]) -> None:
        """Forget every answer that is about one of these."""
        ...

    async def release(self, key: str, lease: object) -> None:
        """Let the next try begin at once, unless the lease went to another meanwhile."""
        ...

    async def purge(self) -> int:
        """Forget at most PURGE_ROWS_MAX wishes older than KEEP_HOURS; return how many."""
        ...


class Wish(Struct, frozen=True):
    """A request with an Idempotency-Key: the same wish gives the same names."""

    command_id: UUID
    key: str
    fingerprint: bytes
    replay_seconds: float = math.inf
    """An older answer is not given again."""


def wish(header: bytes, caller: str, path: str, body: bytes, new_id: Callable[[], UUID]) -> Wish:
    """Name a wish; raises InvalidInput for a key that cannot be one.

    The command has the wish's name, so that the book knows a repetition also when all
    else is forgotten; but nobody in particular could say that name after anybody, and
    would be given what the book knows, so theirs is remembered with the claim alone.
    """
    if not _KEY.fullmatch(header):
        raise InvalidInput.of(
            "Idempotency-Key", f"must be 1 to {KEY_LENGTH_MAX} visible ASCII characters"
        )
    name = named(caller, METHOD, path, header.decode("ascii"))
    # Hashed, because clients make keys of anything, also of what nobody should keep.
    fingerprint = hashlib.sha256(body or b"{}").digest()
    if caller.startswith(ANONYMOUS):
        return Wish(new_id(), name.hex, fingerprint, ANONYMOUS_REPLAY_SECONDS)
    return Wish(name, name.hex, fingerprint)


TOO_MANY_REQUESTS = 429
"""Nothing was begun; the same wish may be sent again."""


class KeptAnswer(Struct, frozen=True, array_like=True):
    """What is sent again."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class Idempotency:
    """Claims wishes, and seals and opens their answers with the installation's key."""

    def __init__(self, store: IdempotencyStore, key: bytes, nonce: Callable[[int], bytes]) -> None:
        self._store = store
        self._box = AESGCM(key)
        self._nonce = nonce

    async def begin(self, wish: Wish, about: str | None = None) -> Ours | KeptAnswer:
        """Return the lease, or the answer that was given; raises what there is to refuse."""
        claim = await self._store.claim(wish.key, wish.fingerprint, wish.command_id, about)
        match claim:
            case Ours():
                return claim
            case Finished(sealed, age_seconds) if age_seconds <= wish.replay_seconds:
                return self._open(wish, sealed)
            case Running():
                raise RequestInProgress
            case Finished() | OtherWish():
                raise KeyReused

    async def end(  # noqa: PLR0913, PLR0917  # an answer has that many parts
        self,
        wish: Wish,
        lease: Ours,
        status: int,
        headers: list[tuple[bytes, bytes]],
        body: bytes,
        about: str | None = None,
    ) -> None:
        """Keep the answer, or give the lease back when it does not say how it ended."""
        if status >= 500 or status == TOO_MANY_REQUESTS:  # noqa: PLR2004  # server errors
            await self._store.release(wish.key, lease.lease)
            return
        kept = [(name, value) for name, value in headers if name in KEPT_HEADERS]
        plain = msgspec.msgpack.encode(KeptAnswer(status, kept, body))
        nonce = self._nonce(NONCE_BYTES)
        sealed = nonce + self._box.encrypt(nonce, plain, wish.key.encode())
        await self._store.finish(wish.key, sealed, about)

    def _open(self, wish: Wish, sealed: bytes) -> KeptAnswer:
        try:
            plain = self._box.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], wish.key.encode())
        except InvalidTag as error:
            raise UnreadableAnswerError("sealed with another installation key") from error
        return msgspec.msgpack.decode(plain, type=KeptAnswer)


class UnreadableAnswerError(Exception):
    """A kept answer cannot be opened; the installation's key is not the one that sealed it."""
