"""What analysts see of money: payments, refunds with their steps, and disputes."""

from collections.abc import Mapping

from src.projections.published.view import View

BOOK = "The number of the shop's book."
MINOR = "in minor units of `currency`"
CURRENCY = "ISO 4217."
RAZORPAY_ORDER = "Razorpay's order."
RAZORPAY_PAYMENT = "Razorpay's payment."
STEP = "Of the fact in the book."
NEXT = (
    "Of the next step of the same one; null after the last. What was known at n are the rows"
    " with `position <= n and (next_position is null or next_position > n)`."
)
_PAID: Mapping[str, str] = {
    "razorpay_order_id": f"{RAZORPAY_ORDER} Each checkout session has one of its own.",
    "razorpay_payment_id": f"{RAZORPAY_PAYMENT} A Razorpay order may have many, one a try.",
    "status": "authorized (promised by the bank), captured, failed, or returned: promised,"
    " never taken, and given back by Razorpay.",
    "amount_minor": f"As Razorpay last said, {MINOR}.",
    "currency": CURRENCY,
    "method": "upi, card, netbanking, …, as Razorpay said by then; null while it had not.",
    "reason": "Why it failed, in Razorpay's word; null unless it failed, or without a word.",
    "first_seen": "When the payment was first heard of, UTC.",
}
_SESSION: Mapping[str, str] = {
    "checkout_session_id": "The session that it pays for; null for money that is not the shop's.",
    "session_ending": "How the session had first ended (failed, cancelled, expired or superseded)"
    " before this was known of the shop's money; null when it had not.",
    "late": "Whether it was captured, and the session had ended before; also when the session"
    " was opened again for it.",
    "order_id": "The order that was paid with it; null for none.",
}
_OURS = (
    "The position from which it was known, and known to be the shop's: of this fact, or of the"
    " one that came later and said whose Razorpay order it is; null for foreign money."
)
PAYMENTS = View(
    name="payments",
    comment="One row a payment that was tried, as it stands now; foreign money on the same"
    " Razorpay account has no session.",
    columns={
        "book": BOOK,
        **_PAID,
        "changed_at": "When it came to this status, UTC.",
        "captured_at": "When the money was known to be taken, UTC; null if it was not.",
        **_SESSION,
        "ordered_at": "When it became that order, UTC; null for none.",
        "ours_position": _OURS,
        "position": STEP,
    },
    query="""
select step.book, step.razorpay_order_id, step.razorpay_payment_id, step.status,
    step.amount_minor, step.currency, step.method, step.reason, step.first_seen,
    step.at as changed_at, case when step.status = 'captured' then step.at end as captured_at,
    step.checkout_session_id, step.session_ending,
    step.session_ending is not null and step.status = 'captured' as late,
    step.order_id, step.ordered_at, step.ours_position, step.position
from models.payment_steps as step
where step.next_position is null
""",
    models=("payment_steps",),
    order=("razorpay_order_id", "razorpay_payment_id"),
    time="first_seen",
)
PAYMENT_STEPS = View(
    name="payment_steps",
    comment="One row a step of a payment: what was known of it from that fact on.",
    columns={
        "book": BOOK,
        "position": STEP,
        "next_position": NEXT,
        "ours_position": _OURS,
        "at": "When the fact was recorded, UTC.",
        **_PAID,
        **_SESSION,
        "order_position": "Of the fact that made that order; null for none.",
        "ordered_at": "When it became that order, UTC; null for none.",
    },
    query="""
select step.book, step.position, step.next_position, step.ours_position, step.at,
    step.razorpay_order_id, step.razorpay_payment_id, step.status, step.amount_minor,
    step.currency, step.method, step.reason, step.first_seen, step.checkout_session_id,
    step.session_ending,
    step.session_ending is not null and step.status = 'captured' as late,
    step.order_id, step.order_position, step.ordered_at
from models.payment_steps as step
""",
    models=("payment_steps",),
    order=("razorpay_order_id", "razorpay_payment_id", "position"),
    born="position",
    time="at",
)
PAYMENTS_BY_QUARTER = View(
    name="payments_by_quarter",
    comment="One row a quarter of an hour, currency, method, status and reason: the shop's payments"
    " that were first heard of then, as they stand now.",
    columns={
        "book": BOOK,
        "quarter": "When the quarter of an hour began, UTC; every time zone's day begins with one.",
        "currency": CURRENCY,
        "method": "As in `payments`; null where none was named.",
        "status": "As in `payments`.",
        "reason": "Why they failed; null unless they failed, or without a word.",
        "payments": "How many.",
        "amount_minor": f"Of all of them, {MINOR}.",
    },
    query="""
select book, quarter, currency, nullif(method, '') as method, status,
    nullif(reason, '') as reason, payments, amount_minor
from models.payment_quarters
""",
    models=("payment_steps",),
    order=("currency", "quarter", "coalesce(method, '')", "status", "coalesce(reason, '')"),
    time="quarter",
)
_REFUND: Mapping[str, str] = {
    "razorpay_order_id": RAZORPAY_ORDER,
    "refund_id": "Ours; it follows from Razorpay's where the refund was made there.",
    "razorpay_refund_id": "Razorpay's; null before Razorpay has it.",
    "razorpay_payment_id": "The payment that goes back.",
    "order_id": "The order that the money had paid for; null where it became none.",
    "cause": "order-cancelled, staff, case, outside (made at Razorpay itself), or what sends"
    " money back by itself: paid-twice, late-money-stock-gone, late-money-coupon-gone,"
    " late-money-cart-ordered.",
    "status": "requested, pending, processed; or failed, refused, dropped: the money stayed.",
    "amount_minor": f"What is to go back, {MINOR}.",
    "currency": CURRENCY,
    "failure": "Why it failed or was refused, in Razorpay's words; null otherwise.",
    "requested_at": "When it was first heard of, UTC.",
}
REFUNDS = View(
    name="refunds",
    comment="One row a refund, as it stands now.",
    columns={
        "book": BOOK,
        **_REFUND,
        "changed_at": "When it came to this status, UTC.",
        "position": STEP,
    },
    query="""
select step.book, step.razorpay_order_id, step.refund_id, step.razorpay_refund_id,
    step.razorpay_payment_id, step.order_id, step.cause, step.status, step.amount_minor,
    step.currency, step.failure, step.requested_at, step.at as changed_at, step.position
from models.refund_steps as step
where step.next_position is null
""",
    models=("refund_steps",),
    order=("razorpay_order_id", "refund_id"),
    time="requested_at",
)
REFUND_STEPS = View(
    name="refund_steps",
    comment="One row a step of a refund: what was known of it from that fact on.",
    columns={
        "book": BOOK,
        "position": STEP,
        "next_position": NEXT,
        "at": "When the fact was recorded, UTC.",
        **_REFUND,
    },
    query="""
select step.book, step.position, step.next_position, step.at, step.razorpay_order_id,
    step.refund_id, step.razorpay_refund_id, step.razorpay_payment_id, step.order_id, step.cause,
    step.status, step.amount_minor, step.currency, step.failure, step.requested_at
from models.refund_steps as step
""",
    models=("refund_steps",),
    order=("razorpay_order_id", "refund_id", "position"),
    born="position",
    time="at",
)
DISPUTES = View(
    name="disputes",
    comment="One row a dispute: what a customer's bank wants back.",
    columns={
        "book": BOOK,
        "dispute_id": "Razorpay's.",
        "razorpay_order_id": RAZORPAY_ORDER,
        "razorpay_payment_id": RAZORPAY_PAYMENT,
        "reason_code": "The bank's code; null when it gave none.",
        "status": "open, action_required, under_review; or its ends: closed, won, lost.",
        "amount_minor": f"What the bank asks for, {MINOR}.",
        "deducted_minor": f"What the bank took, {MINOR}; null while it has not said so.",
        "currency": CURRENCY,
        "respond_by": "Until when the bank wants an answer, UTC; null when it did not say.",
        "opened_at": "When it was first heard of, UTC.",
        "changed_at": "When it came to this status, UTC.",
        "position": "Of the fact that opened it.",
    },
    query="""
select book, dispute_id, razorpay_order_id, razorpay_payment_id, reason_code, status,
    amount_minor, deducted_minor, currency, respond_by, opened_at, changed_at, position
from models.disputes
""",
    models=("disputes",),
    order=("razorpay_order_id", "dispute_id"),
    born="position",
    time="opened_at",
)
VIEWS: tuple[View, ...] = (
    PAYMENTS,
    PAYMENT_STEPS,
    PAYMENTS_BY_QUARTER,
    REFUNDS,
    REFUND_STEPS,
    DISPUTES,
)
