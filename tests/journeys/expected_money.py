"""What the journals of money must hold, made from rows and JSON alone, one fact at a time."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from src.events.envelope import StoredEvent

Json = dict[str, Any]
Facts = Sequence[tuple[StoredEvent, str, Json]]
Rows = set[tuple[Any, ...]]

COLUMNS: Mapping[str, str] = {
    "payment_steps": "position, next_position, ours_position, razorpay_order_id,"
    " razorpay_payment_id, status, amount_minor, session_ending, order_id",
    "payment_quarters": "quarter, currency, method, status, reason, payments, amount_minor",
    "refund_steps": "position, next_position, razorpay_order_id, refund_id, status",
    "case_steps": "position, next_position, case_id, status, opened_at",
}
SAID = {
    "PaymentAuthorized": "authorized",
    "PaymentCaptured": "captured",
    "PaymentFailed": "failed",
    "PaymentReturned": "returned",
}
GOES = {
    "RefundRequested": "requested",
    "RefundFiled": "pending",
    "RefundProcessed": "processed",
    "RefundFailed": "failed",
    "RefundRefused": "refused",
    "RefundDropped": "dropped",
}
ENDINGS = {"CheckoutFailed", "CheckoutCancelled", "CheckoutExpired", "CheckoutSuperseded"}


def payment_steps(facts: Facts) -> Rows:
    """Look for the end of the session among everything that stood in the book before."""
    steps = [(event, key, fact) for event, key, fact in facts if event.type in SAID]
    opened = _opened(facts)
    rows: Rows = set()
    for event, key, fact in steps:
        payment = fact["razorpay_payment_id"]
        later = [e.position for e, k, f in steps if (k, f["razorpay_payment_id"]) == (key, payment)]
        ours = max(event.position, opened[key][0]) if key in opened else None
        rows.add(
            (
                event.position,
                min((at for at in later if at > event.position), default=None),
                ours,
                key,
                payment,
                SAID[event.type],
                fact["amount"]["amount"],
                _ending(facts, opened[key][1], ours) if ours else None,
                _order(facts, key, payment) if event.type == "PaymentCaptured" else None,
            )
        )
    return rows


def _opened(facts: Facts) -> dict[str, tuple[int, str]]:
    return {
        key: (event.position, fact["checkout_session_id"])
        for event, key, fact in facts
        if event.type == "PaymentOrderOpened"
    }


def _ending(facts: Facts, session: str, before: int) -> str | None:
    ends = [
        e.type
        for e, key, _ in facts
        if key == session and e.type in ENDINGS and e.position < before
    ]
    return ends[0].removeprefix("Checkout").lower() if ends else None


def _order(facts: Facts, key: str, payment: str) -> str | None:
    for event, _, fact in facts:
        paid = fact["payment"] if event.type == "OrderPlaced" else None
        if paid and (paid["razorpay_order_id"], paid["razorpay_payment_id"]) == (key, payment):
            return str(fact["order_id"])
    return None


def payment_quarters(facts: Facts) -> Rows:
    """Count our payments by where they stand, in the quarter in which they were first heard of."""
    heard: dict[tuple[str, str], list[tuple[StoredEvent, Json]]] = {}
    for event, key, fact in facts:
        if event.type in SAID:
            heard.setdefault((key, fact["razorpay_payment_id"]), []).append((event, fact))
    opened, counts, sums = _opened(facts), Counter[Any](), Counter[Any]()
    for (key, _), news in heard.items():
        if key in opened:
            sums[_sum(news)] += news[-1][1]["amount"]["amount"]
            counts[_sum(news)] += 1
    return {(*where, counts[where], sums[where]) for where in counts}


def _sum(news: Sequence[tuple[StoredEvent, Json]]) -> tuple[Any, ...]:
    since = datetime(2000, 1, 1, tzinfo=UTC)
    first, (last, fact) = news[0][0].recorded_at, news[-1]
    methods = [said["method"] for _, said in news if said["method"]]
    return (
        first - (first - since) % timedelta(minutes=15),
        fact["amount"]["currency"],
        methods[-1] if methods else "",
        SAID[last.type],
        fact.get("reason") or "",
    )


def refund_steps(facts: Facts) -> Rows:
    """Every word on a refund, and the next."""
    steps = [(event, key, fact["refund_id"]) for event, key, fact in facts if event.type in GOES]
    rows: Rows = set()
    for event, key, refund in steps:
        later = [e.position for e, *about in steps if about == [key, refund]]
        after = min((at for at in later if at > event.position), default=None)
        rows.add((event.position, after, key, refund, GOES[event.type]))
    return rows


def case_steps(facts: Facts) -> Rows:
    """A row for the opening of a case, and one for its end."""
    opened = {f["case_id"]: e for e, _, f in facts if e.type == "CaseOpened"}
    resolved = {f["case_id"]: e for e, _, f in facts if e.type == "CaseResolved"}
    rows: Rows = set()
    for case, event in opened.items():
        end = resolved.get(case)
        after = end.position if end else None
        rows.add((event.position, after, case, "open", event.recorded_at))
        if end:
            rows.add((end.position, None, case, "resolved", event.recorded_at))
    return rows


MODELS = {
    "payment_steps": payment_steps,
    "payment_quarters": payment_quarters,
    "refund_steps": refund_steps,
    "case_steps": case_steps,
}
