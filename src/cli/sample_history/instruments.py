"""How people in India pay, and why it fails: as Razorpay's payments show it."""

from random import Random
from typing import Any

from msgspec.structs import replace

from src.cli.sample_history.chance import chance_of, provider_id, weighted
from src.http.sandbox.entities import Card, Payment, Upi
from src.http.sandbox.methods import REASONS, approval

METHODS = {"upi": 68.0, "card": 17.0, "netbanking": 9.0, "wallet": 6.0}
"""Shares of all payments, in percent."""
BANKS = {"HDFC": 30.0, "SBIN": 28.0, "ICIC": 20.0, "UTIB": 14.0, "KKBK": 8.0}
WALLETS = {"phonepe": 50.0, "amazonpay": 30.0, "mobikwik": 20.0}
NETWORKS = {"Visa": 48.0, "MasterCard": 27.0, "RuPay": 25.0}
FAILURES = {
    "upi": {"payment_timed_out": 45.0, "payment_failed": 30.0, "payment_cancelled": 25.0},
    "card": {"incorrect_otp": 35.0, "card_declined": 30.0, "insufficient_funds": 35.0},
    "netbanking": {"payment_cancelled": 50.0, "gateway_technical_error": 50.0},
    "wallet": {"insufficient_funds": 70.0, "gateway_technical_error": 30.0},
}
FEE_PERCENT, TAX_PERCENT = 2, 18


def drawn(chance: Random, shares: dict[str, float]) -> str:
    """Draw one by its share."""
    return weighted(chance, list(shares), list(shares.values()))


def method_of(payment_id: str) -> str:
    """Return how a payment was tried: always the same for the same payment."""
    return drawn(chance_of(payment_id), METHODS)


def details(payment_id: str) -> dict[str, Any]:
    """Return the fields that only a payment's method has."""
    chance = chance_of(payment_id)
    match drawn(chance, METHODS):
        case "upi":
            vpa = f"payer{chance.randrange(10**6):06}@examplebank"
            upi = Upi(payer_account_type="bank_account", vpa=vpa, flow="intent")
            return {"vpa": vpa, "upi": upi}
        case "card":
            card = Card(
                id=provider_id("card_", payment_id),
                name="",
                last4=f"{chance.randrange(10**4):04}",
                network=drawn(chance, NETWORKS),
                type=chance.choice(("debit", "credit")),
                issuer=drawn(chance, BANKS),
            )
            return {"card_id": card.id, "card": card}
        case "netbanking":
            return {"bank": drawn(chance, BANKS)}
        case _:
            return {"wallet": drawn(chance, WALLETS)}


def captured(payment: Payment) -> Payment:
    """Return the payment once its money was taken, with the fee."""
    fee = (payment.amount * FEE_PERCENT + 50) // 100
    tax = (fee * TAX_PERCENT + 50) // 100
    return replace(
        payment,
        status="captured",
        captured=True,
        fee=fee + tax,
        tax=tax,
        acquirer_data=approval(payment.method, payment.id),
    )


def failed(payment: Payment, chance: Random) -> Payment:
    """Return the payment once it came to nothing, and why."""
    reason = drawn(chance, FAILURES[payment.method])
    why = REASONS[reason]
    return replace(
        payment,
        status="failed",
        error_code=why.code,
        error_description=why.description,
        error_source=why.source,
        error_step=why.step,
        error_reason=reason,
    )
