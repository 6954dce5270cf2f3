"""Every no that the edge itself says, before or around a rule; `problems` gives each its words.

Refusal
├── MalformedBody            the body is not JSON
├── InvalidInput             well-formed, and not what we take; carries the fields
├── UnsupportedMediaType     the body is something else than JSON
├── BodyTooLarge             more bytes than we read
├── BodyTooSlow              the body did not arrive in time
├── HeadersTooLarge          more header bytes than we read
├── AddressTooLong           more bytes of path and query than we read
├── RepeatedHeader           a header that must be sent once was sent twice
├── Unauthenticated          nobody is named who could do this
├── NoShopper                nobody is named who could own a cart
├── BadToken                 a token is named, and it is not good
│   └── DeadLogin            a refresh token is named, and its login is over
├── InvalidCredentials       no account has this e-mail with this password
├── Forbidden                this role may not
├── ForeignForm              a form was sent by a page that is not ours, or of another session
├── InvalidSignature         the provider's signature is not the provider's
├── BookAltered              what stands in the book is not what was signed
├── PreconditionFailed       If-Match names something that this resource never was
├── KeyReused                the Idempotency-Key was used for another body
├── RequestInProgress        the same key is still being worked on
├── ReadModelBehind          the read model has not reached Khata-Position in time
├── TooManyRequests          more than the rate limit
└── Overloaded               more work at once than this process takes
"""

from collections.abc import Iterable

from msgspec import Struct

from src.http.limit_headers import Limit


class FieldError(Struct, frozen=True):
    """What is wrong with one field; never its value."""

    field: str
    message: str


class Refusal(Exception):
    """The edge said no. Nothing happened."""


class MalformedBody(Refusal):
    """The body is not JSON."""

    def __init__(self, why: str | None = None) -> None:
        super().__init__("The body is not JSON" + ("." if why is None else f": {why}."))


class InvalidInput(Refusal):
    """The request can be read, and says something that we do not take."""

    def __init__(self, *errors: FieldError) -> None:
        super().__init__("invalid input")
        self.errors = errors

    @classmethod
    def of(cls, field: str, message: str) -> "InvalidInput":
        """Refuse one field."""
        return cls(FieldError(field, message))


class UnsupportedMediaType(Refusal):
    """The body is something else than JSON."""


class BodyTooLarge(Refusal):
    """More bytes than we read."""

    def __init__(self, bytes_max: int) -> None:
        super().__init__(f"The body may have at most {bytes_max} bytes.")


class BodyTooSlow(Refusal):
    """The body did not arrive in time."""


class HeadersTooLarge(Refusal):
    """More header bytes than we read."""


class AddressTooLong(Refusal):
    """More bytes of path and query than we read."""


class RepeatedHeader(Refusal):
    """A header that must be sent once was sent twice; which of them counts is nobody's guess."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The header {name} was sent more than once.")


class Unauthenticated(Refusal):
    """Nobody is named who could do this."""


class NoShopper(Unauthenticated):
    """Nobody is named who could own a cart: neither a customer nor a guest."""


class BadToken(Unauthenticated):
    """A token is named, and it is not good."""


class DeadLogin(BadToken):
    """A refresh token is named, and its login is over: only a password begins another."""


class InvalidCredentials(Refusal):
    """No account has this e-mail with this password; which of the two is wrong is not said."""


class Forbidden(Refusal):
    """This role may not; says which ones may."""

    def __init__(self, roles: Iterable[str]) -> None:
        super().__init__(f"This is for: {', '.join(sorted(roles))}.")


class ForeignForm(Refusal):
    """A form was sent by a page that is not ours, or of another session."""


class InvalidSignature(Refusal):
    """The provider's signature is not the provider's."""


class BookAltered(Refusal):
    """What stands in the book is not what was signed."""


class PreconditionFailed(Refusal):
    """If-Match names something that this resource never was."""


class KeyReused(Refusal):
    """The Idempotency-Key was used for another body."""


class Wait(Refusal):
    """Not now; `retry_after_seconds` says when it is worth asking again."""

    def __init__(self, retry_after_seconds: int = 1) -> None:
        super().__init__("later")
        self.retry_after_seconds = retry_after_seconds


class RequestInProgress(Wait):
    """The same key is still being worked on."""


class ReadModelBehind(Wait):
    """The read model has not reached Khata-Position in time."""


class TooManyRequests(Wait):
    """More than the rate limit."""

    def __init__(self, retry_after_seconds: int = 1, limit: Limit | None = None) -> None:
        super().__init__(retry_after_seconds)
        self.limit = limit


class Overloaded(Wait):
    """More work at once than this process takes."""
