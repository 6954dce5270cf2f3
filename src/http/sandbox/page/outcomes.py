"""What the customer sees once the bank has decided, and what the shop's page is told."""

from typing import Any

import msgspec

from src.http.sandbox.entities import Payment
from src.http.sandbox.page.admission import TurnedAway
from src.http.sandbox.page.markup import NOTHING, Markup, fill, hidden
from src.http.sandbox.page.screens import Screen
from src.http.sandbox.page.visit import Form, Visit
from src.http.sandbox.wire import sign_payment


def paid(visit: Visit, payment: Payment, key_secret: str) -> Screen:
    triple = {
        "razorpay_payment_id": payment.id,
        "razorpay_order_id": visit.order_id,
        "razorpay_signature": sign_payment(visit.order_id, payment.id, key_secret),
    }
    html = fill(
        "paid.html",
        detail=_json(triple),
        says="The bank has paid. The shop is told." if visit.origin else "The bank has paid.",
        payment_id=payment.id,
        order_id=visit.order_id,
        onward=_back_to_shop(visit, triple),
    )
    return Screen("Paid", html)


def failed(visit: Visit, payment: Payment) -> Screen:
    error: dict[str, Any] = {
        "code": payment.error_code,
        "description": payment.error_description,
        "source": payment.error_source,
        "step": payment.error_step,
        "reason": payment.error_reason,
        "metadata": {"payment_id": payment.id, "order_id": visit.order_id},
    }
    html = fill(
        "failed.html",
        detail=_json({"error": error}),
        says=payment.error_description or "",
        reason=payment.error_reason or "",
        onward=_after_failure(visit, error),
    )
    return Screen("The payment failed", html)


def unanswered(visit: Visit, payment: Payment) -> Screen:
    says = (
        f"{payment.id} stays open. After ten minutes it counts as failed, and even then the bank "
        "may still say yes. You can leave this window."
    )
    fields = {**visit.fields, "payment_id": payment.id}
    onward = _form("late", fields, "Let the bank say yes now")
    return _notice("The bank does not answer", says, onward, screen="unanswered")


def sent_back(visit: Visit) -> Screen:
    says = "The order had been paid already, or it was too late: the money goes back by itself."
    return _notice("Sent back", says, _way_out(visit))


def vanished() -> Screen:
    says = (
        "The payment was taken and the webhook is on its way. The page of the shop was closed "
        "before it heard of either. Go back with your browser, as the customer would."
    )
    return _notice("The tab was closed", says, screen="closed", event="closed")


def turned_away(visit: Visit, no: TurnedAway) -> Screen:
    return _notice(no.title, no.says, _way_out(visit), screen="turned-away")


def _notice(
    title: str, says: str, onward: Markup = NOTHING, *, screen: str = "notice", event: str = ""
) -> Screen:
    html = fill("notice.html", title=title, says=says, onward=onward, screen=screen, event=event)
    return Screen(title, html)


def _after_failure(visit: Visit, error: dict[str, Any]) -> Markup:
    if visit.tells_failures and not visit.origin:
        told = {f"error[{name}]": text for name, text in error.items() if isinstance(text, str)}
        return _back_to_shop(visit, {**told, "error[metadata]": _json(error["metadata"])})
    if visit.may_retry:
        return _form("embedded", visit.fields, "Try again")
    return fill("leave.html") if visit.origin else _way_out(visit)


def _back_to_shop(visit: Visit, told: Form) -> Markup:
    """A page in a frame leaves it to the shop's page, which is told everything."""
    if visit.origin or not visit.callback_url:
        return NOTHING
    return _form(visit.callback_url, told, "Back to the shop", returns="data-returns")


def _way_out(visit: Visit) -> Markup:
    return fill("cancel.html", text=visit.cancel_url) if visit.cancel_url else NOTHING


def _form(action: str, fields: Form, label: str, returns: str = "") -> Markup:
    return fill("onward.html", action=action, hidden=hidden(fields), label=label, returns=returns)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
