"""What analysts see of the unusual: cases with their steps, and the deliveries of webhooks."""

from collections.abc import Mapping

from src.projections.published.payments import (
    BOOK,
    CURRENCY,
    MINOR,
    NEXT,
    RAZORPAY_ORDER,
    RAZORPAY_PAYMENT,
    STEP,
)
from src.projections.published.view import View

_CASE: Mapping[str, str] = {
    "case_id": "As the API calls it.",
    "kind": "Why a person is needed: wrong-amount, refund-failed, disputed, webhook-stuck, ….",
    "status": "open or resolved. How it was resolved is for staff alone: a note may name somebody.",
    "amount_minor": f"The money that it is about, {MINOR}; null when it is about none.",
    "currency": f"{CURRENCY} Null when it is about no money.",
    "razorpay_order_id": f"{RAZORPAY_ORDER} Null when it is about none.",
    "razorpay_payment_id": f"{RAZORPAY_PAYMENT} Null when it is about none.",
    "checkout_session_id": "The session that the money came for; null when it is about none.",
    "opened_at": "When it was opened, UTC.",
}
CASES = View(
    name="cases",
    comment="One row a case: something that a person has to look at, as it stands now.",
    columns={
        "book": BOOK,
        **_CASE,
        "resolved_at": "When it was settled, UTC; null while it is open.",
        "position": STEP,
    },
    query="""
select step.book, step.case_id, step.kind, step.status, step.amount_minor, step.currency,
    step.razorpay_order_id, step.razorpay_payment_id, step.checkout_session_id, step.opened_at,
    case when step.status = 'resolved' then step.at end as resolved_at, step.position
from models.case_steps as step
where step.next_position is null
""",
    models=("case_steps",),
    order=("case_id",),
    time="opened_at",
)
CASE_STEPS = View(
    name="case_steps",
    comment="One row a step of a case: opened, and resolved.",
    columns={
        "book": BOOK,
        "position": STEP,
        "next_position": NEXT,
        "at": "When the fact was recorded, UTC.",
        **_CASE,
    },
    query="""
select step.book, step.position, step.next_position, step.at, step.case_id, step.kind,
    step.status, step.amount_minor, step.currency, step.razorpay_order_id,
    step.razorpay_payment_id, step.checkout_session_id, step.opened_at
from models.case_steps as step
""",
    models=("case_steps",),
    order=("position",),
    born="position",
    time="at",
)
WEBHOOK_DELIVERIES = View(
    name="webhook_deliveries",
    comment="One row a correctly signed delivery, without its bytes: Razorpay sends some of them"
    " more than once, and each that came is here once.",
    columns={
        "book": BOOK,
        "webhook_id": "As the API calls it.",
        "provider": "Who sent it.",
        "event_id": "As the sender named the delivery; null when it did not.",
        "received_at": "When it was on disk, UTC.",
        "status": "received, handled or parked: it cannot be used now, and is kept.",
        "name": "The sender's name of the event, as payment.captured; null before it was read.",
        "razorpay_order_id": f"{RAZORPAY_ORDER} Null when it is about none, or before it was read.",
        "outcome": "applied, nothing new, or acknowledged; null unless it was handled.",
        "reason": "Why it is parked; null otherwise.",
        "handled_at": "When what it says was in the book, UTC; null before.",
        "secret_index": "Which of the secrets verified it; 0 is the newest.",
        "position": STEP,
    },
    query="""
select book, webhook_id, provider, event_id, received_at, status, name, razorpay_order_id,
    outcome, reason, handled_at, secret_index, position
from models.webhooks
""",
    models=("webhooks",),
    order=("webhook_id",),
    born="position",
    time="received_at",
)
VIEWS: tuple[View, ...] = (CASES, CASE_STEPS, WEBHOOK_DELIVERIES)
