"""Razorpay's ids: a prefix and fourteen case-sensitive letters and digits, none ever twice.

The n-th id is n, multiplied and shifted modulo 62^14. The multiplier shares no
factor with 62, so that different numbers give different ids. Every start of the
sandbox takes a fresh block of numbers (store.py), so that neither a reset nor a
power cut can bring an id back.
"""

from hashlib import sha256
from string import ascii_letters, digits

ALPHABET = digits + ascii_letters
LENGTH_CHARACTERS = 14
SPACE: int = len(ALPHABET) ** LENGTH_CHARACTERS
NUMBERS_PER_START = 2**40


class Ids:
    def __init__(self, seed: int, starts: int) -> None:
        self._multiplier = _without_factors_of_the_space(_number(f"{seed} multiplier"))
        self._shift = _number(f"{seed} shift")
        self._next = starts * NUMBERS_PER_START

    def new(self, prefix: str = "") -> str:
        number, self._next = self._next, self._next + 1
        return prefix + _spell((number * self._multiplier + self._shift) % SPACE)


def _number(text: str) -> int:
    return int.from_bytes(sha256(text.encode()).digest()) % SPACE


def _without_factors_of_the_space(number: int) -> int:
    while number % 2 == 0 or number % 31 == 0:
        number += 1
    return number


def _spell(number: int) -> str:
    letters: list[str] = []
    for _ in range(LENGTH_CHARACTERS):
        number, digit = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[digit])
    return "".join(letters)
