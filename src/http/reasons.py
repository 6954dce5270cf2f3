"""A reason to say no, and the few kinds of them that there are."""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

RETRY_AFTER_SECONDS = 1


class Reason(Struct, frozen=True):
    """A row of the table."""

    status: int
    code: str
    title: str
    detail: str | None = None
    """Said in place of the exception's own words; without either there is no detail."""
    members: tuple[str, ...] = ()
    """Attributes of the exception that the client can use."""
    headers: Callable[[Any], Mapping[str, str]] | None = None
    speaks: bool = False
    """The exception's own words are meant for clients."""


def rule(status: int, code: str, title: str, *members: str) -> Reason:
    """Return a row whose exception has words for clients."""
    return Reason(status, code, title, members=members, speaks=True)


def no(status: int, code: str, title: str, detail: str, *members: str) -> Reason:
    """Return a row that has the words."""
    return Reason(status, code, title, detail, members)


def login(_: Exception) -> Mapping[str, str]:
    """Ask for a token."""
    return {"www-authenticate": 'Bearer realm="khata"'}


def bad_login(_: Exception) -> Mapping[str, str]:
    """Ask for another token."""
    return {"www-authenticate": 'Bearer realm="khata", error="invalid_token"'}


def bad_signature(_: Exception) -> Mapping[str, str]:
    """Ask for what Razorpay signs with."""
    return {"www-authenticate": 'Razorpay-Signature realm="khata"'}


def _later(said: Exception) -> Mapping[str, str]:
    return {"retry-after": str(getattr(said, "retry_after_seconds", RETRY_AFTER_SECONDS))}


def limited(said: Exception) -> Mapping[str, str]:
    """Say which limit, and until when; what the framework says by itself names none."""
    limit = getattr(said, "limit", None)
    if limit is None:
        return _later(said)
    later = _later(said)
    left = limit.left(0, int(later["retry-after"]))
    return {**later, "ratelimit-policy": limit.policy, "ratelimit": left}


def wait(status: int, code: str, title: str, detail: str) -> Reason:
    """Return a row that says when to come back."""
    return Reason(status, code, title, detail, headers=_later)
