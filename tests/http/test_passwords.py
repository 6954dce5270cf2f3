"""Passwords: argon2id, off the loop, and the same no for everybody."""

import anyio
import pytest

from src.http.json_body import parse
from src.http.passwords import PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN, Password, Passwords
from src.http.refusals import InvalidInput

pytestmark = pytest.mark.anyio


async def test_only_the_password_itself_is_right() -> None:
    passwords = Passwords()
    hashed = await passwords.hash("correct horse")
    assert hashed.startswith("$argon2id$")
    assert await passwords.verify(hashed, "correct horse")
    assert not await passwords.verify(hashed, "Correct horse")
    assert not await passwords.verify(None, "nobody has this password")
    assert not await passwords.verify("no hash at all", "correct horse")


async def test_the_same_password_is_stored_differently_each_time() -> None:
    passwords = Passwords()
    assert await passwords.hash("correct horse") != await passwords.hash("correct horse")


async def test_the_loop_goes_on_while_a_password_is_hashed() -> None:
    passwords, turns = Passwords(), 0
    async with anyio.create_task_group() as group:
        group.start_soon(passwords.hash, "correct horse")
        while passwords._threads.borrowed_tokens == 0 and turns < 1000:  # noqa: SLF001  # when it begins is not told otherwise
            turns += 1
            await anyio.lowlevel.checkpoint()
        while passwords._threads.borrowed_tokens:  # noqa: SLF001  # as above
            turns += 1
            await anyio.lowlevel.checkpoint()
    assert turns > 1


@pytest.mark.parametrize("length", [PASSWORD_LENGTH_MIN - 1, PASSWORD_LENGTH_MAX + 1])
def test_a_password_has_a_length(length: int) -> None:
    with pytest.raises(InvalidInput):
        parse(f'"{"a" * length}"'.encode(), Password)
    assert parse(f'"{"a" * PASSWORD_LENGTH_MIN}"'.encode(), Password)
