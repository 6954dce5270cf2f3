"""Checkout sessions and their steps: a row each, for every session that ever began."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from src.events.capture import CheckoutRevived
from src.events.checkout import (
    NO_CHECKOUT,
    Checkout,
    CheckoutEnding,
    CheckoutStarted,
    CheckoutState,
    CheckoutSuperseded,
    OrderCreated,
    PaymentConfirmed,
    PaymentIntentCreated,
    PaymentIntentRequested,
    PaymentWaived,
    evolve,
    public_state,
)
from src.events.identifiers import CHECKOUT
from src.queries.expected_rows.table import Fact, Rows, Stood, Table, one

WORDS = {
    "CheckoutStarted": "started",
    "PaymentIntentRequested": "payment_requested",
    "PaymentIntentCreated": "payment_opened",
    "PaymentWaived": "payment_waived",
    "PaymentConfirmed": "payment_confirmed",
    "OrderCreated": "order_created",
    "HoldExtended": "hold_extended",
    "HoldLapsed": "hold_lapsed",
    "CheckoutRevived": "revived",
    "CheckoutFailed": "failed",
    "CheckoutCancelled": "cancelled",
    "CheckoutExpired": "expired",
    "CheckoutSuperseded": "superseded",
}
PAYABLE = (PaymentIntentCreated, PaymentWaived, PaymentConfirmed)
PAID = (PaymentWaived, PaymentConfirmed)


def _session(stood: Stood) -> Rows:
    """Read what was frozen from the first fact, and when it came to what from the others."""
    facts, last = stood.facts, stood.facts[-1]
    reached = [*_first(facts, PAYABLE), *_first(facts, PAID), *_first(facts, OrderCreated)]
    orders = [fact.event.order_id for fact in facts if isinstance(fact.event, OrderCreated)]
    return one(
        *_frozen(facts),
        public_state(stood.state).value,
        facts[0].at,
        facts[0].position,
        *reached,
        orders[0] if orders else None,
        *_ending(facts),
        sum(isinstance(fact.event, CheckoutRevived) for fact in facts),
        _spent(facts, CheckoutState.CHECKOUT_STARTED),
        _spent(facts, CheckoutState.PAYMENT_PENDING),
        last.at,
        last.position,
    )


def _frozen(facts: Sequence[Fact]) -> tuple[Any, ...]:
    begun: CheckoutStarted = facts[0].event
    asked = [fact.event for fact in facts if isinstance(fact.event, PaymentIntentRequested)]
    customer, guest = begun.customer_id, begun.customer_id is None
    if asked:
        customer, guest = asked[0].customer_id, asked[0].guest
    return (
        begun.cart_id,
        customer,
        guest,
        begun.currency,
        sum(line.line_total.amount for line in begun.lines),
        asked[0].totals.total.amount if asked else None,
        begun.coupon.code if begun.coupon else None,
        len(begun.lines),
        sum(line.quantity for line in begun.lines),
    )


def _first(facts: Sequence[Fact], kinds: Any) -> tuple[Any, Any]:  # noqa: ANN401 - one class, or several
    found = [fact for fact in facts if isinstance(fact.event, kinds)]
    return (found[0].at, found[0].position) if found else (None, None)


def _ending(facts: Sequence[Fact]) -> tuple[Any, ...]:
    ends = [fact for fact in facts if isinstance(fact.event, CheckoutEnding)]
    if not ends:
        return (None, None, None, None)
    return (ends[-1].at, ends[-1].position, _word(ends[-1]), _reason(ends[-1]))


def _spent(facts: Sequence[Fact], state: CheckoutState) -> timedelta:
    stays = zip(_states(facts), facts, facts[1:], strict=False)
    spent = (after.at - fact.at for stood, fact, after in stays if public_state(stood) is state)
    return sum(spent, timedelta(0))


def _states(facts: Sequence[Fact]) -> Iterator[Checkout]:
    state = NO_CHECKOUT
    for fact in facts:
        state = evolve(state, fact.event)
        yield state


def _steps(stood: Stood) -> Rows:
    """Say of each fact what it led to and how long it took."""
    rows: dict[str, tuple[Any, ...]] = {}
    before: Fact | None = None
    for state, fact in zip(_states(stood.facts), stood.facts, strict=True):
        after = None if before is None else fact.at - before.at
        known = (fact.at, _word(fact), public_state(state).value, _reason(fact), after)
        rows[f"{fact.position}"] = known
        before = fact
    return rows


def _word(fact: Fact) -> str:
    return WORDS[type(fact.event).__name__]


def _reason(fact: Fact) -> str | None:
    if isinstance(fact.event, CheckoutSuperseded):
        return fact.event.by
    reason: str | None = getattr(fact.event, "reason", None)
    return reason


SESSIONS = Table(
    model="carts",
    name="checkout_sessions",
    categories=(CHECKOUT,),
    key="checkout_session_id",
    columns=(
        "cart_id",
        "customer_id",
        "guest",
        "currency",
        "subtotal_minor",
        "total_minor",
        "coupon_code",
        "lines",
        "units",
        "state",
        "started_at",
        "started_position",
        "pending_at",
        "pending_position",
        "confirmed_at",
        "confirmed_position",
        "ordered_at",
        "ordered_position",
        "order_id",
        "ended_at",
        "ended_position",
        "ended_as",
        "ended_reason",
        "revivals",
        "started_for",
        "pending_for",
        "changed_at",
        "changed_position",
    ),
    needs_facts=True,
    expected=_session,
)
STEPS = Table(
    model="carts",
    name="checkout_steps",
    categories=(CHECKOUT,),
    key="checkout_session_id",
    inner_key="position",
    columns=("at", "step", "state", "reason", "after"),
    needs_facts=True,
    expected=_steps,
)
