"""Passwords: argon2id, off the loop, and the same no for everybody."""

import anyio
import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from src.http.common_passwords import COMMON, OWN, weakness
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


async def test_the_same_password_is_right_however_a_device_writes_it() -> None:
    passwords = Passwords()
    composed, decomposed, wide = "caf\u00e9 au lait", "cafe\u0301 au lait", "\uff43af\u00e9 au lait"
    hashed = await passwords.hash(composed)
    assert [await passwords.verify(hashed, each) for each in (composed, decomposed, wide)] == [
        True
    ] * 3
    assert not await passwords.verify(hashed, "cafe au lait")


async def test_a_hash_of_before_is_still_the_hash_of_its_password() -> None:
    before = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("correct horse")
    assert await Passwords().verify(before, "correct horse")


COMMONEST = (
    "password123",
    "PASSWORD2024",
    "P@ssw0rd123",
    "  password  ",
    "password password",
    "123password!",
    "1234567890",
    "9876543210!",
    "qwertyuiop",
    "sunshine99!!",
    "aaaaaaaaaa",
    "121212121212",
    "!!!!!!!!!!!!",
    "\uff50assword123",
)
OF_ONES_OWN = ("khata12345", "Khata 2026 !", "asha.rao@example.in", "Asha.Rao1990", "asharao!!!1")
CHOSEN = (
    "six chai before noon",
    "correct horse",
    "xkcd 936 staple",
    "dragon84751263",
    "zenobia quillfeather 77665 54433",
    "\u0928\u092e\u0938\u094d\u0924\u0947 \u0926\u0941\u0928\u093f\u092f\u093e",
    "*)(&;:'{}]",
)


@pytest.mark.parametrize("password", COMMONEST)
async def test_what_everybody_guesses_first_is_refused_with_advice(password: str) -> None:
    with pytest.raises(InvalidInput) as said:
        await Passwords().hash_new("password", password, "asha.rao@example.in")
    (error,) = said.value.errors
    assert (error.field, error.message) == ("password", COMMON)
    assert "three or four words are good" in error.message


@pytest.mark.parametrize("password", OF_ONES_OWN)
async def test_a_password_is_not_made_of_the_email_or_of_this_softwares_name(password: str) -> None:
    with pytest.raises(InvalidInput) as said:
        await Passwords().hash_new("password", password, "Asha.Rao@example.in")
    assert [error.message for error in said.value.errors] == [OWN]


@pytest.mark.parametrize("password", CHOSEN)
async def test_what_nobody_guesses_first_is_taken(password: str) -> None:
    passwords = Passwords()
    hashed = await passwords.hash_new("password", password, "asha.rao@example.in")
    assert await passwords.verify(hashed, password)


async def test_a_password_has_its_length_also_when_two_signs_are_one() -> None:
    with pytest.raises(InvalidInput):
        await Passwords().hash_new("password", "e\u0301" * 5, None)


@given(st.text(min_size=1, max_size=PASSWORD_LENGTH_MAX), st.none() | st.emails())
def test_any_text_is_judged_and_never_breaks_the_judge(text: str, email: str | None) -> None:
    assert weakness(text, email) in {None, COMMON, OWN}


@pytest.mark.parametrize("length", [PASSWORD_LENGTH_MIN - 1, PASSWORD_LENGTH_MAX + 1])
def test_a_password_has_a_length(length: int) -> None:
    with pytest.raises(InvalidInput):
        parse(f'"{"a" * length}"'.encode(), Password)
    assert parse(f'"{"a" * PASSWORD_LENGTH_MIN}"'.encode(), Password)
