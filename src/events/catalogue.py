"""Every fact that can stand in the book, and how the facts of each kind of stream add up."""

from collections.abc import Callable
from typing import Any, get_args

from msgspec import Struct

from src.events import (
    cart,
    checkout,
    coupon,
    customer,
    mailbox,
    order,
    payment,
    product,
    shipping,
    stock,
    webhook,
)
from src.events.identifiers import (
    CART,
    CHECKOUT,
    COUPON,
    CUSTOMER,
    MAILBOX,
    ORDER,
    PAYMENT,
    PRODUCT,
    SHIPPING,
    STOCK,
    WEBHOOK,
    Stream,
    category_of,
)


class Fold(Struct, frozen=True):
    """How a stream's facts become its state."""

    nothing_yet: Any
    evolve: Callable[[Any, Any], Any]
    events: tuple[type[Struct], ...]
    states: tuple[Any, ...]
    """What a state may be written down as; none, where a stream cannot grow long."""


def _fold(
    nothing_yet: object,
    evolve: Callable[[Any, Any], Any],
    events: Any,  # noqa: ANN401 - a union of classes has no type of its own
    states: tuple[Any, ...] = (),
) -> Fold:
    return Fold(nothing_yet, evolve, get_args(events) or (events,), states)


FOLDS: dict[str, Fold] = {
    CART: _fold(cart.NO_CART, cart.evolve, cart.CartEvent, get_args(cart.Cart)),
    CHECKOUT: _fold(checkout.NO_CHECKOUT, checkout.evolve, checkout.CheckoutEvent),
    STOCK: _fold(stock.NO_STOCK, stock.evolve, stock.StockEvent, (stock.Stock,)),
    PAYMENT: _fold(payment.UNKNOWN, payment.evolve, payment.PaymentEvent, (payment.Payment,)),
    ORDER: _fold(order.NO_ORDER, order.evolve, order.OrderEvent),
    CUSTOMER: _fold(
        customer.NOBODY, customer.evolve, customer.CustomerEvent, get_args(customer.Customer)
    ),
    MAILBOX: _fold(mailbox.EMPTY, mailbox.evolve, mailbox.MailboxEvent, (mailbox.Mailbox,)),
    COUPON: _fold(coupon.NO_COUPON, coupon.evolve, coupon.CouponEvent, (coupon.Coupon,)),
    SHIPPING: _fold(
        shipping.NO_METHODS, shipping.evolve, shipping.ShippingEvent, (shipping.ShippingMethods,)
    ),
    WEBHOOK: _fold(webhook.NEVER_SEEN, webhook.evolve, webhook.WebhookEvent),
    PRODUCT: _fold(product.UNLISTED, product.evolve, product.ProductEvent, (product.Product,)),
}

EVENTS: dict[str, type[Struct]] = {
    event.__name__: event for fold in FOLDS.values() for event in fold.events
}
"""By name, which is also the `type` column of the book."""

VERSIONS: dict[str, int] = dict.fromkeys(EVENTS, 1) | {"PaymentOrderOpened": 2}
"""The newest schema version of each fact; raise it together with an upcaster and a golden file."""


def fold_of(name: Stream) -> Fold:
    """Return how the facts of this stream add up."""
    return FOLDS[category_of(name)]
