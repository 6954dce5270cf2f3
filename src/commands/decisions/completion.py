"""Money for a checkout session becomes its order, all in one append.

The session confirms and completes, what it holds is committed, the order
appears complete in itself and the cart is closed. There is no moment in which
the customer has paid and the book does not say so.
"""

from src.commands.decisions.endings import superseded
from src.commands.decisions.holds import commit, redeemers_of, reserve_coupon, reserve_stock
from src.commands.decisions.merged_carts import taken_out
from src.commands.view import Fact, View
from src.events.cart import CartOrdered, LockedCart, MergedCart
from src.events.checkout import (
    AwaitingPayment,
    CheckoutStarted,
    Ended,
    IntentRequested,
    OrderCreated,
    PaymentConfirmed,
    PaymentIntentRequested,
    PaymentWaived,
    Started,
)
from src.events.identifiers import (
    CART,
    CHECKOUT,
    ORDER,
    order_of,
    stream,
)
from src.events.order import OrderPayment, OrderPlaced


def paid(checkout: IntentRequested | AwaitingPayment, payment: OrderPayment) -> list[Fact]:
    """Return what follows when money comes in time: the session's own holds are committed."""
    return _completed(checkout.basis, checkout.intent, payment)


def waived(checkout: IntentRequested) -> list[Fact]:
    """Return what follows when there is nothing to pay."""
    return _completed(checkout.basis, checkout.intent, None)


def paid_late(
    view: View, checkout: Ended, intent: PaymentIntentRequested, payment: OrderPayment
) -> list[Fact]:
    """Return what follows when money comes after the end: stock and coupon are taken again.

    Another open session of the same cart ends first, and what it held is used
    first; if the cart went into a customer's, that one loses what is bought.
    Raises InventoryUnavailable or CouponNotApplicable when not all of it can be
    taken.
    """
    basis = checkout.basis
    before = _supersede_open_session(view, basis)
    after = view.assuming(before)
    redeemers = redeemers_of(intent.customer_id, intent.mailbox, guest=intent.guest)
    taken = [
        *reserve_stock(after, basis.checkout_session_id, basis.lines),
        *reserve_coupon(after, basis.checkout_session_id, basis.coupon, redeemers),
    ]
    return [*before, *taken, *_completed(basis, intent, payment)]


def _supersede_open_session(view: View, basis: CheckoutStarted) -> list[Fact]:
    cart = view.cart(basis.cart_id)
    if isinstance(cart, MergedCart):
        return taken_out(view, cart, basis.lines, by=basis.checkout_session_id)
    if not isinstance(cart, LockedCart):
        return []
    other = view.checkout(cart.checkout_session_id)
    if not isinstance(other, Started | IntentRequested | AwaitingPayment):
        raise AssertionError(f"cart {basis.cart_id} is locked by an ended session")
    return superseded(other, by=basis.checkout_session_id)


def _completed(
    basis: CheckoutStarted, intent: PaymentIntentRequested, payment: OrderPayment | None
) -> list[Fact]:
    session, cart_id = basis.checkout_session_id, basis.cart_id
    order_id, number = order_of(session)
    placed = _placed(basis, intent, payment, (order_id, number))
    return [
        (stream(CHECKOUT, session), _money(intent, payment)),
        (stream(CHECKOUT, session), OrderCreated(order_id=order_id, order_number=number)),
        *commit(basis, order_id),
        (stream(ORDER, order_id), placed),
        (stream(CART, cart_id), CartOrdered(checkout_session_id=session, order_id=order_id)),
    ]


def _money(
    intent: PaymentIntentRequested, payment: OrderPayment | None
) -> PaymentConfirmed | PaymentWaived:
    if payment is None:
        return PaymentWaived(total=intent.totals.total)
    return PaymentConfirmed(
        razorpay_order_id=payment.razorpay_order_id,
        razorpay_payment_id=payment.razorpay_payment_id,
        amount=payment.amount,
    )


def _placed(
    basis: CheckoutStarted,
    intent: PaymentIntentRequested,
    payment: OrderPayment | None,
    names: tuple[str, str],
) -> OrderPlaced:
    return OrderPlaced(
        order_id=names[0],
        order_number=names[1],
        cart_id=basis.cart_id,
        checkout_session_id=basis.checkout_session_id,
        customer_id=intent.customer_id,
        guest=intent.guest,
        mailbox=intent.mailbox,
        contact=intent.contact,
        shipping_address=intent.shipping_address,
        billing_address=intent.billing_address,
        lines=basis.lines,
        coupon=basis.coupon,
        shipping=intent.shipping,
        totals=intent.totals,
        payment=payment,
    )
