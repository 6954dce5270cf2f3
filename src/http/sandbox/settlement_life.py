"""What Razorpay pays out to the merchant, and what each payout is made of.

    settled = payments - their fees - refunds - lost disputes

A fee has its tax in it, as on the payment (razorpay/markdown-docs api/settlements).
"""

from hashlib import sha256
from typing import Any

from msgspec import UNSET, Struct, UnsetType

from src.http.sandbox.account import Account
from src.http.sandbox.currencies import HOME_CURRENCY, in_paise
from src.http.sandbox.entities import Dispute, Notes, Order, Payment, Refund, Settlement
from src.http.sandbox.webhooks import Happening


class Row(Struct, frozen=True, kw_only=True):
    """One thing that was settled, in the order of the published keys."""

    entity_id: str
    type: str
    debit: int = 0
    credit: int = 0
    amount: int
    currency: str = HOME_CURRENCY
    fee: int = 0
    tax: int = 0
    on_hold: bool = False
    settled: bool = True
    created_at: int
    settled_at: int
    settlement_id: str
    posted_at: int | None = None
    credit_type: str | UnsetType = "default"
    description: str | None = None
    notes: Notes | None = None
    payment_id: str | None = None
    settlement_utr: str | None
    order_id: str | None = None
    order_receipt: str | None = None
    method: str | None = None
    card_network: str | None = None
    card_issuer: str | None = None
    card_type: str | None = None
    dispute_id: str | None = None


class Payout(Struct, frozen=True):
    """When and under which name a settlement is paid out."""

    id: str
    utr: str
    at: int


def settle(account: Account) -> tuple[Settlement, list[Row], list[Happening]] | None:
    """Pay out what was not settled yet; nothing, when that is nothing or less."""
    settlement_id, now = account.ids.new("setl_"), account.clock.seconds()
    utr = f"{now}{sha256(settlement_id.encode()).hexdigest()[:6]}"
    rows = _rows(account, Payout(settlement_id, utr, now))
    amount = sum(row.credit - row.debit for _, row in rows)
    if amount <= 0:
        return None
    settlement = Settlement(id=settlement_id, amount=amount, utr=utr, created_at=now)
    account.entities.add(settlement)
    for source_id, row in rows:
        account.settled.add(source_id, row.settled_at, row)
    happened = [Happening("settlement.processed", (settlement,))]
    return settlement, [row for _, row in rows], happened


def _rows(account: Account, payout: Payout) -> list[tuple[str, Row]]:
    """What is to be settled, oldest first, each with the id it is never settled again under."""
    found: list[tuple[str, Row]] = []
    for entity in account.settled.waiting():
        match entity:
            case Payment(captured=True):
                found.append((entity.id, _payment(account, entity, payout)))
            case Refund():
                payment = account.entities.get(Payment, entity.payment_id)
                if payment.captured:
                    found.append((entity.id, _refund(account, entity, payment, payout)))
            case Dispute():
                found.append((entity.id, _adjustment(account, entity, payout)))
            case _:
                pass
    return found


def _payment(account: Account, payment: Payment, payout: Payout) -> Row:
    worth, fee = in_paise(payment.amount, payment.currency), payment.fee or 0
    return Row(
        entity_id=payment.id, type="payment", credit=worth - fee, amount=worth, fee=fee,
        tax=payment.tax or 0, created_at=payment.created_at, description=payment.description,
        notes=payment.notes, **_paid_out(payout), **_paid_with(account, payment),
    )  # fmt: skip


def _refund(account: Account, refund: Refund, payment: Payment, payout: Payout) -> Row:
    worth = in_paise(refund.amount, refund.currency)
    return Row(
        entity_id=refund.id, type="refund", debit=worth, amount=worth,
        created_at=refund.created_at, notes=refund.notes, payment_id=payment.id,
        **_paid_out(payout), **_paid_with(account, payment),
    )  # fmt: skip


def _adjustment(account: Account, dispute: Dispute, payout: Payout) -> Row:
    worth = in_paise(dispute.amount_deducted, dispute.currency)
    return Row(
        entity_id=account.ids.new("adj_"), type="adjustment", debit=worth, amount=worth,
        created_at=dispute.created_at, description="Debit to recover a lost dispute",
        credit_type=UNSET, dispute_id=dispute.id, **_paid_out(payout),
    )  # fmt: skip


def _paid_out(payout: Payout) -> dict[str, Any]:
    return {"settlement_id": payout.id, "settled_at": payout.at, "settlement_utr": payout.utr}


def _paid_with(account: Account, payment: Payment) -> dict[str, Any]:
    order = account.entities.find(Order, payment.order_id or "")
    about = {
        "order_id": payment.order_id,
        "order_receipt": order and order.receipt,
        "method": payment.method,
    }
    if payment.card is UNSET:
        return about
    card = payment.card
    return {
        **about, "card_network": card.network, "card_issuer": card.issuer, "card_type": card.type,
    }  # fmt: skip
