"""Every fact in a plain English sentence, without anything that names a person."""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from src.events import (
    capture,
    cart,
    case,
    checkout,
    coupon,
    customer,
    dispute,
    mailbox,
    order,
    payment,
    product,
    refund,
    shipping,
    stock,
    webhook,
)
from src.events.money import Money
from src.events.pricing import Totals
from src.queries.amounts import written


def describe(event: Struct) -> str:
    """Say what happened; every fact of the catalogue has words."""
    return WORDS[type(event)](event)


def _units(quantity: int) -> str:
    return _count(quantity, "unit")


def _were(quantity: int) -> str:
    return "was" if quantity == 1 else "were"


def _count(number: int, what: str) -> str:
    return f"1 {what}" if number == 1 else f"{number} {what}s"


def _paid(amount: Money, method: str | None, payment_id: str) -> str:
    ways = {"upi": "UPI", "emi": "EMI"}
    how = f"{ways.get(method, method)}, " if method else ""
    return f"{written(amount)} ({how}{payment_id})"


def _because(reason: str | None) -> str:
    return f" because: {reason}" if reason else ""


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith(".") else f"{sentence}."


def _total(totals: Totals) -> str:
    return written(totals.total)


def _started(event: checkout.CheckoutStarted) -> str:
    lines = ", ".join(f"{line.quantity} of {line.name}" for line in event.lines)
    until = f"{event.expires_at:%H:%M:%S} UTC"
    return f"Checkout began for {lines}; prices and stock are held until {until}."


def _placed(event: order.OrderPlaced) -> str:
    by = "a guest" if event.guest else "a customer"
    return f"Order {event.order_number} over {_total(event.totals)} was placed by {by}."


def _adjusted(event: stock.StockAdjusted) -> str:
    return f"The count of {event.sku} was corrected by {event.delta:+d}{_because(event.reason)}."


def _case_opened(event: case.CaseOpened) -> str:
    about = f" over {written(event.amount)}" if event.amount else ""
    return f"A person is needed ({event.kind.value}){about}: {event.reason}"


def _handled(event: webhook.WebhookHandled) -> str:
    about = f" about {event.razorpay_order_id}" if event.razorpay_order_id else ""
    return f"The message {event.name}{about} was handled: {event.outcome}."


def _methods(event: shipping.ShippingMethodDefined) -> str:
    rates = "1 rate" if len(event.rates) == 1 else f"{len(event.rates)} rates"
    return f"The shipping method {event.code} was set, with {rates}."


WORDS: dict[type[Struct], Callable[[Any], str]] = {
    cart.CartOpened: lambda e: f"A cart was opened in {e.currency}.",
    cart.CartItemSet: lambda e: f"The cart holds {_units(e.quantity)} of {e.sku}.",
    cart.CartItemRemoved: lambda e: f"{e.sku} was taken out of the cart.",
    cart.CartCouponApplied: lambda e: f"The coupon {e.code} was put on the cart.",
    cart.CartCouponRemoved: lambda e: f"The coupon {e.code} was taken off the cart.",
    cart.CartLocked: lambda _: "The cart was locked for a checkout.",
    cart.CartUnlocked: lambda e: f"The cart was unlocked again ({e.reason}).",
    cart.CartOrdered: lambda _: "The cart became an order.",
    cart.CartTaken: lambda _: "The guest's cart became the customer's.",
    cart.CartMerged: lambda _: "What was in the guest's cart went into the customer's.",
    checkout.CheckoutStarted: _started,
    checkout.PaymentIntentRequested: lambda e: (
        f"Addresses and shipping ({e.shipping.name}) were fixed; {_total(e.totals)} is to be paid."
    ),
    checkout.PaymentIntentCreated: lambda e: (
        f"Razorpay opened its order {e.razorpay_order_id} over {written(e.due)}."
    ),
    checkout.PaymentWaived: lambda _: "There was nothing to pay.",
    checkout.PaymentConfirmed: lambda e: (
        f"The payment of {_paid(e.amount, None, e.razorpay_payment_id)} was confirmed."
    ),
    checkout.OrderCreated: lambda e: f"The checkout became order {e.order_number}.",
    capture.HoldExtended: lambda e: (
        f"Everything is held while the money of {e.razorpay_payment_id} is taken."
    ),
    capture.HoldLapsed: lambda e: (
        f"The money of {e.razorpay_payment_id} was not taken{_because(e.reason)}."
    ),
    capture.CheckoutRevived: lambda e: (
        f"Everything is held again while the late money of {e.razorpay_payment_id} is taken."
    ),
    checkout.CheckoutFailed: lambda e: (
        f"The checkout ended: payment {e.razorpay_payment_id} failed{_because(e.reason)}."
    ),
    checkout.CheckoutCancelled: lambda e: f"The checkout was cancelled ({e.reason}).",
    checkout.CheckoutExpired: lambda _: "The checkout was not paid in time and expired.",
    checkout.CheckoutSuperseded: lambda _: (
        "The checkout ended: another one of the same cart was paid first."
    ),
    stock.StockReceived: lambda e: f"{_units(e.quantity)} of {e.sku} came in.",
    stock.StockAdjusted: _adjusted,
    stock.StockReserved: lambda e: f"{_units(e.quantity)} of {e.sku} {_were(e.quantity)} reserved.",
    stock.StockCommitted: lambda e: f"{_units(e.quantity)} of {e.sku} {_were(e.quantity)} sold.",
    stock.StockReleased: lambda e: (
        f"{_units(e.quantity)} of {e.sku} {_were(e.quantity)} given back ({e.reason})."
    ),
    stock.StockReservationExpired: lambda e: (
        f"{_units(e.quantity)} of {e.sku} {_were(e.quantity)} given back: the time to pay was over."
    ),
    stock.StockReturned: lambda e: (
        f"{_units(e.quantity)} of {e.sku} came back: the order was cancelled."
    ),
    payment.PaymentOrderOpened: lambda e: (
        f"{written(e.due)} is due on Razorpay's order {e.razorpay_order_id}."
    ),
    payment.PaymentAuthorized: lambda e: (
        f"{_paid(e.amount, e.method, e.razorpay_payment_id)} was authorized."
    ),
    payment.PaymentCaptured: lambda e: (
        f"{_paid(e.amount, e.method, e.razorpay_payment_id)} was captured."
    ),
    payment.PaymentFailed: lambda e: (
        f"A payment of {_paid(e.amount, e.method, e.razorpay_payment_id)}"
        f" failed{_because(e.reason)}."
    ),
    payment.PaymentReturned: lambda e: (
        f"Razorpay returned {_paid(e.amount, e.method, e.razorpay_payment_id)}, which nobody took."
    ),
    payment.CaptureRequested: lambda e: (
        f"Razorpay is asked to take {_paid(e.amount, None, e.razorpay_payment_id)}."
    ),
    payment.CaptureDeclined: lambda e: (
        f"The money of {e.razorpay_payment_id} is left to Razorpay{_because(e.reason)}."
    ),
    payment.CaptureRefused: lambda e: (
        f"Razorpay did not take the money of {e.razorpay_payment_id}{_because(e.reason)}."
    ),
    refund.RefundRequested: lambda e: f"{written(e.amount)} is to go back: {_ended(e.reason)}",
    refund.RefundFiled: lambda e: (
        f"Razorpay is sending {written(e.amount)} back ({e.razorpay_refund_id})."
    ),
    refund.RefundProcessed: lambda e: f"{written(e.amount)} went back ({e.razorpay_refund_id}).",
    refund.RefundFailed: lambda e: f"The refund of {written(e.amount)} failed{_because(e.reason)}.",
    refund.RefundRefused: lambda e: f"Razorpay refused the refund{_because(e.reason)}.",
    refund.RefundDropped: lambda _: "The refund was not needed: the money had gone back already.",
    dispute.DisputeOpened: lambda e: (
        f"The bank disputes {written(e.amount)} of {e.razorpay_payment_id}"
        f"{_because(e.reason_code)}."
    ),
    dispute.DisputeMoved: lambda e: f"The dispute is now {e.status.replace('_', ' ')}.",
    case.CaseOpened: _case_opened,
    case.CaseResolved: lambda _: "A person settled it.",
    order.OrderPlaced: _placed,
    order.OrderFulfilled: lambda e: f"A parcel of the order left ({e.reference}).",
    order.OrderCancelled: lambda e: f"The order was cancelled ({e.reason}).",
    customer.CustomerRegistered: lambda _: "A customer opened an account.",
    customer.GuestIdentified: lambda _: "A guest said who they are.",
    customer.ProfileRevised: lambda _: "The customer changed their details.",
    customer.PasswordChanged: lambda _: "The customer chose another password.",
    customer.AddressKept: lambda _: "The customer keeps an address.",
    customer.AddressDropped: lambda _: "The customer removed an address.",
    customer.CartChosen: lambda _: "The customer fills another cart from now on.",
    customer.CustomerErased: lambda _: "The person was erased; their keys are destroyed.",
    mailbox.AccountOpened: lambda _: "A mailbox got its account.",
    mailbox.GuestSeen: lambda _: "A guest gave a mailbox as theirs.",
    mailbox.GuestsClaimed: lambda e: (
        f"The owner of the mailbox claimed {_count(len(e.guests), 'guest')}."
    ),
    mailbox.ProofOffered: lambda e: (
        f"A letter went to the mailbox, to prove whose it is ({e.purpose.value})."
    ),
    mailbox.MailboxProven: lambda e: f"The mailbox was proven ({e.purpose.value}).",
    mailbox.AccountClosed: lambda _: "The mailbox has no account any more.",
    coupon.CouponDefined: lambda e: f"The terms of coupon {e.code} were set.",
    coupon.CouponReserved: lambda e: f"Coupon {e.code} was held for the checkout.",
    coupon.CouponRedeemerNamed: lambda e: f"The redeemer of coupon {e.code} became known.",
    coupon.CouponCommitted: lambda e: f"Coupon {e.code} was used.",
    coupon.CouponReleased: lambda e: f"Coupon {e.code} was given back ({e.reason}).",
    coupon.CouponReturned: lambda e: f"The use of coupon {e.code} counts no more.",
    shipping.ShippingMethodDefined: _methods,
    webhook.WebhookReceived: lambda e: f"A signed message from {e.provider} was stored.",
    webhook.WebhookHandled: _handled,
    webhook.WebhookReplayed: lambda _: "A person had the message thought about once more.",
    webhook.WebhookParked: lambda e: f"The message {e.name} was put aside: {e.reason}.",
    product.ProductListed: lambda e: f"{e.sku} is for sale at {written(e.price)}.",
    product.ProductRevised: lambda e: f"{e.sku} is now sold at {written(e.price)}.",
}
"""One row a fact; a test holds this against the catalogue."""
