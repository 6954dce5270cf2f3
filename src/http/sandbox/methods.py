"""How a payment looks by its method, and why banks say no.

Fields and values as in razorpay/markdown-docs@ab3bda5 api/payments/fetch-with-id.md.
"""

from hashlib import sha256
from typing import Any, Literal

from msgspec import Struct

from src.http.sandbox.entities import Card, Upi
from src.http.sandbox.ids import Ids

Method = Literal["upi", "card", "netbanking", "wallet"]
PAYER_VPA = "success@razorpay"


def details(method: Method, ids: Ids) -> dict[str, Any]:
    """The fields of a payment that only its method has, before the bank has answered."""
    match method:
        case "upi":
            upi = Upi(payer_account_type="bank_account", vpa=PAYER_VPA, flow="intent")
            return {"vpa": PAYER_VPA, "upi": upi, "acquirer_data": {"rrn": None}}
        case "card":
            card = Card(
                id=ids.new("card_"),
                name="",
                last4="1111",
                network="Visa",
                type="debit",
                issuer=None,
            )
            return {"card_id": card.id, "card": card, "acquirer_data": {"auth_code": None}}
        case "netbanking":
            return {"bank": "HDFC", "acquirer_data": {"bank_transaction_id": None}}
        case "wallet":
            return {"wallet": "payzapp", "acquirer_data": {"transaction_id": None}}


def approval(method: str, payment_id: str) -> dict[str, str | None]:
    """What the bank writes beside a payment that it approves."""
    digest = sha256(payment_id.encode())
    digits = f"{int.from_bytes(digest.digest()) % 10**12:012}"
    match method:
        case "upi":
            return {"rrn": digits, "upi_transaction_id": digest.hexdigest()[:32].upper()}
        case "card":
            return {"auth_code": digits[:6]}
        case "netbanking":
            return {"bank_transaction_id": digits[:7]}
        case _:
            return {"transaction_id": None}


class Reason(Struct, frozen=True):
    description: str
    source: str
    step: str
    code: str = "BAD_REQUEST_ERROR"


DECLINED = "payment_failed"
TIMED_OUT = "payment_timed_out"
REASONS = {
    DECLINED: Reason(
        "Your payment didn't go through as it was declined by the bank. Try another payment"
        " method or contact your bank.",
        "bank",
        "payment_authorization",
    ),
    "insufficient_funds": Reason(
        "Your payment could not be completed due to insufficient account balance. Try again with"
        " another card or account.",
        "customer",
        "payment_authorization",
    ),
    "card_declined": Reason(
        "Your payment was declined by the bank. Try another card or contact your bank.",
        "bank",
        "payment_authorization",
    ),
    TIMED_OUT: Reason(
        "Payment was unsuccessful as you could not complete it in time.",
        "customer",
        "payment_authentication",
    ),
    "payment_cancelled": Reason(
        "Your payment has been cancelled. Try again or complete the payment later.",
        "customer",
        "payment_authentication",
    ),
    "incorrect_otp": Reason(
        "Your payment could not be completed because an incorrect OTP was entered.",
        "customer",
        "payment_authentication",
    ),
    "gateway_technical_error": Reason(
        "Payment was unsuccessful due to a temporary issue. If amount got deducted, it will be"
        " refunded within 5-7 working days.",
        "gateway",
        "payment_response",
        "GATEWAY_ERROR",
    ),
}
