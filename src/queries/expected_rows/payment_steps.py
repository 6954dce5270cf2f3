"""Payment steps: one row a word of the provider, complete in itself, on the stream of its money.

What other streams say of it, how its session had ended and which order it became,
is not judged here; the ends themselves are, each on the stream of its session.
"""

from typing import Any

from src.events.checkout import ENDINGS, CheckoutEnding
from src.events.identifiers import CHECKOUT, PAYMENT
from src.events.payment import (
    PaymentAuthorized,
    PaymentCaptured,
    PaymentFailed,
    PaymentNews,
    PaymentOrderOpened,
    PaymentReturned,
)
from src.queries.expected_rows.table import NONE, Fact, Rows, Stood, Table, one

MODEL = "payment_steps"
STATUS = {
    PaymentAuthorized: "authorized",
    PaymentCaptured: "captured",
    PaymentFailed: "failed",
    PaymentReturned: "returned",
}


def _steps(stood: Stood) -> Rows:
    opened = _opening(stood)
    heard: dict[str, list[Fact]] = {}
    for fact in stood.facts:
        if isinstance(fact.event, PaymentNews):
            heard.setdefault(fact.event.razorpay_payment_id, []).append(fact)
    return {
        str(fact.position): _row(facts[: n + 1], facts[n + 1 :], opened)
        for facts in heard.values()
        for n, fact in enumerate(facts)
    }


def _row(heard: list[Fact], later: list[Fact], opened: Fact | None) -> tuple[Any, ...]:
    """Take everything from the last word, but the method from the last that named one."""
    last = heard[-1]
    news: PaymentNews = last.event
    methods = [fact.event.method for fact in heard if fact.event.method]
    return (
        news.razorpay_payment_id,
        STATUS[type(news)],
        news.amount.amount,
        news.amount.currency,
        methods[-1] if methods else None,
        news.reason if isinstance(news, PaymentFailed) else None,
        heard[0].at,
        last.at,
        later[0].position if later else None,
        None if opened is None else opened.event.checkout_session_id,
        None if opened is None else max(opened.position, last.position),
    )


def _opening(stood: Stood) -> Fact | None:
    found = (fact for fact in stood.facts if isinstance(fact.event, PaymentOrderOpened))
    return next(found, None)


def _opened(stood: Stood) -> Rows:
    fact = _opening(stood)
    return NONE if fact is None else one(fact.event.checkout_session_id, fact.position)


def _ended(stood: Stood) -> Rows:
    """Only the first end counts; a session that was opened again may have others."""
    for fact in stood.facts:
        if isinstance(fact.event, CheckoutEnding):
            return one(ENDINGS[type(fact.event)], fact.position)
    return NONE


STEPS = Table(
    model=MODEL,
    name="payment_steps",
    categories=(PAYMENT,),
    key="razorpay_order_id",
    inner_key="position",
    columns=(
        "razorpay_payment_id",
        "status",
        "amount_minor",
        "currency",
        "method",
        "reason",
        "first_seen",
        "at",
        "next_position",
        "checkout_session_id",
        "ours_position",
    ),
    needs_facts=True,
    expected=_steps,
)
OPENINGS = Table(
    model=MODEL,
    name="payment_openings",
    categories=(PAYMENT,),
    key="razorpay_order_id",
    columns=("checkout_session_id", "position"),
    needs_facts=True,
    expected=_opened,
)
ENDS = Table(
    model=MODEL,
    name="session_ends",
    categories=(CHECKOUT,),
    key="checkout_session_id",
    columns=("ending", "position"),
    needs_facts=True,
    expected=_ended,
)
