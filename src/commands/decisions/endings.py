"""How an open checkout session ends without an order: cancelled, expired, failed, superseded."""

from datetime import datetime

from src.commands.decisions.holds import HoldEnd, release
from src.commands.rejections import NotPossibleNow, Unknown
from src.commands.view import Fact, View
from src.events.cart import CartUnlocked
from src.events.checkout import (
    AwaitingPayment,
    CheckoutCancelled,
    CheckoutEnding,
    CheckoutExpired,
    CheckoutFailed,
    CheckoutSuperseded,
    Completed,
    Confirmed,
    Ended,
    IntentRequested,
    NoCheckout,
    Open,
    Started,
    public_state,
)
from src.events.identifiers import CART, CHECKOUT, stream


def cancel(view: View, checkout_session_id: str, reason: str, now: datetime) -> list[Fact]:
    """Give a session up; one whose time is over expires instead.

    While promised money is being taken, it cannot be given up.
    """
    checkout = view.checkout(checkout_session_id)
    match checkout:
        case AwaitingPayment(securing=str()):
            raise NotPossibleNow("CancelCheckout", public_state(checkout))
        case Started() | IntentRequested() | AwaitingPayment():
            if overdue(checkout, now):
                return expired(checkout)
            return _end(checkout, CheckoutCancelled(reason=reason), HoldEnd.CANCELLED)
        case Ended():
            return []
        case NoCheckout():
            raise Unknown("checkout session", checkout_session_id)
        case Confirmed() | Completed():
            raise NotPossibleNow("CancelCheckout", public_state(checkout))


def expire(view: View, checkout_session_id: str, now: datetime) -> list[Fact]:
    """Let a session end whose time is over; any other is left alone."""
    checkout = view.checkout(checkout_session_id)
    match checkout:
        case Started() | IntentRequested() | AwaitingPayment() if overdue(checkout, now):
            return expired(checkout)
        case _:
            return []


def overdue(checkout: Open, now: datetime) -> bool:
    """Say whether an open session's time is over; it does not end while its money is taken."""
    is_secured = isinstance(checkout, AwaitingPayment) and checkout.securing is not None
    return now >= checkout.basis.expires_at and not is_secured


def expired(checkout: Open) -> list[Fact]:
    """Return the end of a session that was not paid in time."""
    ending = CheckoutExpired(expires_at=checkout.basis.expires_at)
    return _end(checkout, ending, HoldEnd.EXPIRED)


def failed(checkout: Open, razorpay_payment_id: str, reason: str | None) -> list[Fact]:
    """Return the end of a session whose payment failed."""
    ending = CheckoutFailed(razorpay_payment_id=razorpay_payment_id, reason=reason)
    return _end(checkout, ending, HoldEnd.FAILED)


def superseded(checkout: Open, by: str) -> list[Fact]:
    """Return the end of a session whose cart was paid through another one.

    The cart stays locked: the order that supersedes it follows in the same append.
    """
    basis = checkout.basis
    ended: Fact = (stream(CHECKOUT, basis.checkout_session_id), CheckoutSuperseded(by=by))
    return [ended, *release(basis, HoldEnd.SUPERSEDED)]


def _end(checkout: Open, ending: CheckoutEnding, why: HoldEnd) -> list[Fact]:
    basis = checkout.basis
    session = basis.checkout_session_id
    unlocked = CartUnlocked(checkout_session_id=session, reason=why)
    return [
        (stream(CHECKOUT, session), ending),
        *release(basis, why),
        (stream(CART, basis.cart_id), unlocked),
    ]
