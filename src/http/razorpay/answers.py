"""What an answer of Razorpay means: something usable, a clear no, or nothing we can rely on.

The SDK drops the HTTP status and everything of the error but its description,
so the answer is judged before the SDK sees it.
"""

from collections.abc import Sequence
from http import HTTPStatus

import msgspec
from msgspec import Struct
from requests import Response

from src.commands.gateway import GatewayRefusedError, GatewayUnavailableError
from src.http.razorpay.entities import UNREADABLE, words
from src.http.razorpay.ids import is_order_id

ASK_AGAIN_STATUSES = frozenset(
    {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
)
"""Answers of the 4xx family that time may change, whatever error code comes with them."""
ASK_AGAIN_CODES = frozenset({"GATEWAY_ERROR", "SERVER_ERROR", "SERVICE_UNAVAILABLE"})
"""Error codes that speak of Razorpay's or a bank's trouble, not of our request."""
IN_PROGRESS = ("operation is in progress", "is still in progress")
"""Words of a refusal that another request of the same payment is in the way of, for seconds."""
WRONG_KEY = (
    "Razorpay does not accept the key: RAZORPAY_KEY_ID and RAZORPAY_KEY_SECRET are wrong, "
    "do not belong together, or were revoked"
)


class Complaint(Struct, frozen=True):
    """The `error` of an answer; any part may be missing."""

    code: object = None
    description: object = None
    reason: object = None
    field: object = None
    metadata: object = None


class ComplaintError(GatewayRefusedError):
    """A clear no, with Razorpay's reasons."""

    def __init__(self, description: str, status: int, complaint: Complaint) -> None:
        super().__init__(description, status)
        self._complaint = complaint

    @property
    def existing_order_id(self) -> str | None:
        """The order that already has the receipt we asked for, if Razorpay names it."""
        try:
            order_id = msgspec.convert(self._complaint.metadata, dict[str, object]).get("order_id")
        except msgspec.ValidationError:
            return None  # Empty metadata may be a list.
        return order_id if isinstance(order_id, str) and is_order_id(order_id) else None

    def rejects_field(self, name: str) -> bool:
        """Whether this is about a field that Razorpay does not know."""
        about = f"{self._complaint.field} {self._complaint.description}"
        unknown = self._complaint.reason == "extra_field_sent" or "should not be sent" in about
        return unknown and name in about


def usable(response: Response, secrets: Sequence[str]) -> Response:
    """Return the answer if it is a JSON object and a yes; otherwise raise a GatewayError.

    The secrets are blotted out of whatever text the answer puts into the error.
    """
    status = response.status_code
    if status == HTTPStatus.UNAUTHORIZED:
        raise GatewayRefusedError(WRONG_KEY, status)
    answer = _json_object(response)
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES and answer is not None:
        return response
    if status in ASK_AGAIN_STATUSES or answer is None or not _is_client_error(status):
        raise GatewayUnavailableError(f"Razorpay gave no usable answer (HTTP {status})")
    raise _refusal(status, answer, secrets)


def _json_object(response: Response) -> dict[str, object] | None:
    # The SDK will decode in exactly this way, so that it cannot fail where this did not.
    try:
        return msgspec.convert(response.json(), dict[str, object])
    except (ValueError, RecursionError):
        return None


def _is_client_error(status: int) -> bool:
    return HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR


def _refusal(
    status: int, answer: dict[str, object], secrets: Sequence[str]
) -> ComplaintError | GatewayUnavailableError:
    complaint = _complaint(answer)
    if complaint is None or str(complaint.code).upper() in ASK_AGAIN_CODES:
        return GatewayUnavailableError(f"Razorpay gave no usable answer (HTTP {status})")
    description = str(complaint.description or "Razorpay refused without saying why")
    if any(busy in description for busy in IN_PROGRESS):
        return GatewayUnavailableError("Razorpay is busy with this payment")
    for secret in secrets:
        description = description.replace(secret, "…")
    return ComplaintError(words(description) or "…", status, complaint)


def _complaint(answer: dict[str, object]) -> Complaint | None:
    if "error" not in answer:
        # The edge before Razorpay's API answers unknown paths with a bare message.
        return Complaint(description=answer.get("message"))
    try:
        return msgspec.convert(answer["error"], Complaint)
    except UNREADABLE:
        return None
