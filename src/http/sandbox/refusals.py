"""Every no that Razorpay says, in its own words and its own shape."""

from msgspec import UNSET, Struct, UnsetType


class ErrorBody(Struct, frozen=True):
    code: str
    description: str
    source: str | None
    step: str | None
    reason: str | None
    metadata: dict[str, str]
    field: str | UnsetType = UNSET


class Refusal(Exception):
    """An answer other than 200, complete with the body that goes on the wire."""

    def __init__(self, status: int, body: object) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body


def invalid(
    description: str,
    field: str | None = None,
    *,
    step: str = "payment_initiation",
    reason: str = "input_validation_failed",
    metadata: dict[str, str] | None = None,
) -> Refusal:
    """400: the request says something that cannot be."""
    about = UNSET if field is None else field
    body = ErrorBody(
        "BAD_REQUEST_ERROR", description, "business", step, reason, metadata or {}, about
    )
    return Refusal(400, {"error": body})


def refused(description: str, *, status: int = 400, code: str = "BAD_REQUEST_ERROR") -> Refusal:
    """The request is well formed, but not now, not here or not by you."""
    return Refusal(status, {"error": ErrorBody(code, description, "NA", "NA", "NA", {})})


def too_old_to_refund() -> Refusal:
    """As published, this one error says null where the others say NA."""
    description = (
        "Refund is not supported by the bank because the payment is more than 6 months old"
    )
    body = ErrorBody("BAD_REQUEST_ERROR", description, None, None, None, {})
    return Refusal(400, {"error": body})


def unknown_id() -> Refusal:
    return invalid("The id provided does not exist")


def malformed_id(text: str) -> Refusal:
    return invalid(f"{text} is not a valid id")


def unsent(fields: list[str]) -> Refusal:
    verb = "is" if len(fields) == 1 else "are"
    description = f"{', '.join(fields)} {verb} not required and should not be sent"
    return invalid(description, fields[0], reason="extra_field_sent")


def unauthenticated() -> Refusal:
    return refused("Authentication failed", status=401)


def unknown_key() -> Refusal:
    return refused("The api key provided is invalid", status=401)


def no_route() -> Refusal:
    """The gateway in front of Razorpay answers an unknown path, not Razorpay itself."""
    return Refusal(404, {"message": "no Route matched with those values"})


def busy() -> Refusal:
    return refused("Request failed because another payment operation is in progress.")
