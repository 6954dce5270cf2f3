"""The checks that orders and refunds share, in Razorpay's words."""

from typing import Any, cast

from src.http.sandbox.currencies import EXPONENTS
from src.http.sandbox.refusals import invalid, unsent

AMOUNT_MAX = 2**53 - 1
RECEIPT_CHARACTERS_MAX = 40
NOTES_MAX = 15
NOTE_KEY_CHARACTERS_MAX = 255
NOTE_VALUE_CHARACTERS_MAX = 512
SPEEDS = ("normal", "optimum")
"""Of refunds."""


def only_fields(body: dict[str, Any], allowed: frozenset[str]) -> None:
    if unknown := [name for name in body if name not in allowed]:
        raise unsent(unknown)


def integer(amount: object) -> int:
    """A whole number of minor units; 100.0 and "100" are none."""
    if not isinstance(amount, int) or isinstance(amount, bool):
        raise invalid("The amount must be an integer.", "amount")
    if amount > AMOUNT_MAX:
        raise invalid("Amount exceeds maximum amount allowed.", "amount")
    return amount


def currency(code: object) -> str:
    if code is None:
        raise invalid("currency: is required.", "currency")
    if not isinstance(code, str):
        raise _wrong_type("currency", "string", code)
    if code not in EXPONENTS:
        raise invalid("Currency is not supported", "currency")
    return code


def last_digit(amount: int, code: str) -> None:
    """Of three decimals banks clear two: 99.991 KWD must be sent as 99990."""
    if EXPONENTS[code] == 3 and amount % 10:  # noqa: PLR2004 - three decimals
        raise invalid(f"The last digit of the amount must be 0 for {code}.", "amount")


def minimum(code: str) -> int:
    """One unit of the currency: 100 paise, 1 yen, 1000 fils."""
    return int(10 ** EXPONENTS[code])


def receipt(text: object) -> str | None:
    if text is None or isinstance(text, str):
        if text is not None and len(text) > RECEIPT_CHARACTERS_MAX:
            raise invalid("The receipt may not be greater than 40 characters.", "receipt")
        return text
    raise _wrong_type("receipt", "string", text)


def notes(pairs: object) -> dict[str, Any] | list[Any]:
    """The notes as they are kept: an empty object becomes an empty list."""
    if pairs is None or pairs in ([], {}):
        return []
    found = as_object(pairs)
    if found is None:
        raise _wrong_type("notes", "object", pairs)
    if len(found) > NOTES_MAX:
        raise invalid("Number of fields in notes should be less than or equal to 15", "notes")
    for key, value in found.items():
        _note(key, value)
    return found


def _note(key: str, value: object) -> None:
    if isinstance(value, dict | list):
        raise invalid("Notes validation failed.", "notes")
    if len(key) > NOTE_KEY_CHARACTERS_MAX or len(str(value)) > NOTE_VALUE_CHARACTERS_MAX:
        raise invalid("Notes validation failed.", "notes")


def as_object(value: object) -> dict[str, Any] | None:
    """A parsed JSON value, if it is an object."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def flag(name: str, value: object) -> bool:
    """Razorpay takes true and false, and 1 and 0 from older clients."""
    if isinstance(value, bool) or value in (0, 1):
        return bool(value)
    raise _wrong_type(name, "boolean", value)


def _wrong_type(name: str, wanted: str, value: object) -> Exception:
    return invalid(f"{name}: expected {wanted} but provided {value}", name)
