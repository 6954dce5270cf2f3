"""Passwords: argon2id, in threads of their own, so that a login never keeps the loop waiting."""

import unicodedata
from collections.abc import Callable
from typing import Annotated, TypeVar

import anyio.to_thread
from anyio import CapacityLimiter
from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError
from msgspec import Meta

from src.http.common_passwords import weakness
from src.http.refusals import InvalidInput, Overloaded

PASSWORD_LENGTH_MIN = 10
PASSWORD_LENGTH_MAX = 128
MEMORY_KIB = 19 * 1024
PASSES = 2
LANES = 1
"""OWASP's second choice of equals: little memory a login, about 15 ms."""
THREADS_MAX = 1
"""A second one would take the other core from the shop."""
WAITING_MAX = 200
RETRY_AFTER_SECONDS = 5

Password = Annotated[str, Meta(min_length=PASSWORD_LENGTH_MIN, max_length=PASSWORD_LENGTH_MAX)]

T = TypeVar("T")


class Passwords:
    """Hashes and verifies; more than WAITING_MAX at once are told to come back later."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(
            time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES, type=Type.ID
        )
        self._threads = CapacityLimiter(THREADS_MAX)
        self._nobodys = self._hasher.hash("nobody has this password")

    async def hash(self, password: str) -> str:
        """Return what can be stored of a password."""
        return await self._in_thread(lambda: self._hasher.hash(_normal(password)))

    async def hash_new(self, field: str, password: str, email: str | None) -> str:
        """Return what can be stored of a password that somebody chose.

        Raises InvalidInput, which names the field, for one that is guessed too easily.
        """
        return await self._in_thread(lambda: self._hash_new(field, _normal(password), email))

    def _hash_new(self, field: str, password: str, email: str | None) -> str:
        if len(password) < PASSWORD_LENGTH_MIN:  # What was typed as two signs may be one.
            raise InvalidInput.of(field, f"must have at least {PASSWORD_LENGTH_MIN} characters")
        if (why := weakness(password, email)) is not None:
            raise InvalidInput.of(field, why)
        return self._hasher.hash(password)

    async def verify(self, hashed: str | None, password: str) -> bool:
        """Whether it is the password; an account that does not exist takes as long to say no."""
        known = self._nobodys if hashed is None else hashed
        right = await self._in_thread(lambda: self._is_right(known, _normal(password)))
        return right and hashed is not None

    def _is_right(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _in_thread(self, work: Callable[[], T]) -> T:
        if self._threads.statistics().tasks_waiting >= WAITING_MAX:
            raise Overloaded(RETRY_AFTER_SECONDS)
        return await anyio.to_thread.run_sync(work, limiter=self._threads)


def _normal(password: str) -> str:
    """Return what two devices agree on that write the same signs in different ways."""
    return unicodedata.normalize("NFKC", password)
