"""One receipt, one Razorpay order: what is asked for, and what must come back."""

from src.commands.gateway import GatewayRefusedError, ProviderOrder
from src.events.capture import CaptureMode
from src.events.money import Money
from src.http.razorpay.currencies import objection
from src.http.razorpay.entities import OrderEntity, words

RECEIPT_LENGTH_MAX = 40
CAPTURE_WITHIN_MINUTES = 3 * 24 * 60
"""How long authorized money can be captured, by Razorpay or by us: as long as we keep asking."""
_EXPIRY = {
    CaptureMode.AUTOMATIC: "automatic_expiry_period",
    CaptureMode.MANUAL: "manual_expiry_period",
}
UNIQUE_RECEIPT = "unique_receipt"
"""The field that makes a repeated request harmless, on accounts that know it."""
PROGRESS = ("created", "attempted", "paid")
"""The states of a Razorpay order, least first."""


def refuse_impossible(receipt: str, due: Money) -> None:
    """Raise GatewayRefusedError for what Razorpay would refuse anyway."""
    if not 0 < len(receipt) <= RECEIPT_LENGTH_MAX:
        raise GatewayRefusedError(f"a receipt has 1 to {RECEIPT_LENGTH_MAX} characters")
    if against := objection(due):
        raise GatewayRefusedError(against)


def wish(receipt: str, due: Money, *, unique: bool, mode: CaptureMode) -> dict[str, object]:
    """Return the body of POST /v1/orders."""
    options = {_EXPIRY[mode]: CAPTURE_WITHIN_MINUTES, "refund_speed": "normal"}
    capture: dict[str, object] = {"capture": mode.value, "capture_options": options}
    body: dict[str, object] = {"amount": due.amount, "currency": due.currency, "receipt": receipt}
    return body | {"payment": capture} | ({UNIQUE_RECEIPT: True} if unique else {})


def agreeing(order: ProviderOrder, receipt: str, due: Money) -> ProviderOrder:
    """Return the order if it is the one asked for; raise GatewayRefusedError if it is not."""
    if order.receipt != receipt or order.due != due:
        raise GatewayRefusedError(
            f"{order.razorpay_order_id} already has this receipt, for another amount or currency"
            if order.receipt == receipt
            else f"{order.razorpay_order_id} has another receipt than the one asked for"
        )
    return order


def furthest_then_oldest(order: OrderEntity) -> tuple[int, int, str]:
    """Sort orders of one receipt so that everybody who looks picks the same one."""
    status = words(order.status)
    progress = PROGRESS.index(status) if status in PROGRESS else -1
    created_at = order.created_at if isinstance(order.created_at, int) else 0
    return -progress, created_at, order.id
