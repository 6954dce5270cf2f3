"""Passwords that somebody who guesses tries first, and what is said to whoever chooses one.

Whoever guesses knows the lists of what people choose, and what people do when a
list refuses them: another case, a year or a few signs at either end, the same
word twice. So a password is also looked at without these.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import cast

ENDS_LENGTH_MAX = 6
"""So many digits and signs around a word make no other password of it."""
UNIT_LENGTH_MAX = 3
"""What is this short and said again and again is no password, whatever it is."""
NAMES = frozenset({"khata"})
"""What this software is called: every installation knows it."""
ROWS = ("01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")
"""What lies side by side, and is written in one go."""
ADVICE = "choose another, three or four words are good"
COMMON = f"is among the most common passwords; {ADVICE}"
OWN = f"is made of your e-mail or of this shop's name; {ADVICE}"


def weakness(password: str, email: str | None = None) -> str | None:
    """Say what is wrong with a password, or None; the first time it reads a list, for 70 ms."""
    forms = frozenset(_forms(password.casefold()))
    if forms & _own_words(email):
        return OWN
    if forms & _listed() or any(_is_dull(form) for form in forms):
        return COMMON
    return None


def _forms(password: str) -> Iterator[str]:
    """Give a password as it is, without its ends, and what it is made of if that is repeated."""
    plain = "".join(filter(str.isalnum, password))
    # Where signs are most of it, it is the signs that have to be guessed.
    for whole in (password, plain if 2 * len(plain) >= len(password) else password):
        word = _stripped(whole)
        for form in (whole, word if len(whole) - len(word) <= ENDS_LENGTH_MAX else whole):
            yield form
            yield _unit(form)


def _stripped(password: str) -> str:
    """Return what is between the first letter and the last."""
    places = [place for place, sign in enumerate(password) if sign.isalpha()]
    return password[places[0] : places[-1] + 1] if places else ""


def _unit(text: str) -> str:
    """Return the shortest text that is said again and again in this one; itself if none is."""
    return text[: (text + text).find(text, 1)] if text else ""


def _is_dull(form: str) -> bool:
    return len(form) <= UNIT_LENGTH_MAX or any(form in row or form[::-1] in row for row in ROWS)


def _own_words(email: str | None) -> frozenset[str]:
    if email is None:
        return NAMES
    whole = email.casefold()
    local, _, domain = whole.partition("@")
    plain = "".join(filter(str.isalnum, local))
    return NAMES | {whole, local, plain, _stripped(plain), domain, domain.partition(".")[0]}


@cache
def _listed() -> frozenset[str]:
    """Return the 30,000 that were found most often, read when the first password is chosen."""
    from zxcvbn.frequency_lists import (  # type: ignore[import-untyped]  # noqa: PLC0415  # 18 MB that a process without registrations spares
        FREQUENCY_LISTS,
    )

    lists = cast("Mapping[str, list[str]]", FREQUENCY_LISTS)
    return frozenset(lists["passwords"])
