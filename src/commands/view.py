"""What a decision sees: the states of the streams that it asks for, at one version each.

A decision is a pure function of a View. Which streams it needs may depend on
what it finds (the lines of a cart name the stock to look at), so it simply
asks; a state that is not at hand interrupts it with NotLoaded, is fetched, and
the decision starts over. The view remembers what was asked: those streams must
not have moved when the decision is written.
"""

from collections.abc import Callable, Iterable
from typing import Any

from msgspec import Struct

from src.events.cart import Cart
from src.events.catalogue import fold_of
from src.events.checkout import Checkout
from src.events.coupon import Coupon
from src.events.customer import Customer
from src.events.identifiers import (
    CART,
    CHECKOUT,
    COUPON,
    CUSTOMER,
    MAILBOX,
    ORDER,
    PAYMENT,
    PRODUCT,
    STOCK,
    WEBHOOK,
    Stream,
    stream,
)
from src.events.mailbox import Mailbox
from src.events.order import Order
from src.events.payment import Payment
from src.events.product import Product
from src.events.shipping import METHODS, ShippingMethods
from src.events.stock import Stock
from src.events.webhook import Webhook

Fact = tuple[Stream, Struct]
"""A fact and the stream on which it is to be written."""

Decide = Callable[["View"], list[Fact]]
"""A rule: returns what is new, [] when nothing is, or raises a Rejection."""


class NotLoaded(Exception):
    """The decision asked for a state that is not at hand."""

    def __init__(self, name: Stream) -> None:
        super().__init__(name)
        self.stream = name


class View:
    """States by stream, and a note of which were looked at."""

    __slots__ = ("_assumed", "_lookup", "_version", "looked_at")

    def __init__(
        self, lookup: Callable[[Stream], Any], version: Callable[[Stream], int] = lambda _: 0
    ) -> None:
        self._lookup = lookup
        self._version = version
        self._assumed: dict[Stream, Any] = {}
        self.looked_at: dict[Stream, None] = {}

    def state(self, name: Stream) -> Any:  # noqa: ANN401 - the named methods below give the type
        """Return a stream's state."""
        if name in self._assumed:
            return self._assumed[name]
        self.looked_at[name] = None
        return self._lookup(name)

    def version(self, name: Stream) -> int:
        """Return how many facts a stream has, without those that are only assumed."""
        self.looked_at[name] = None
        return self._version(name)

    def assuming(self, facts: Iterable[Fact]) -> "View":
        """Return the view as it will be once these facts are written."""
        after = View(self._lookup, self._version)
        after.looked_at = self.looked_at
        after._assumed = dict(self._assumed)
        for name, event in facts:
            after._assumed[name] = fold_of(name).evolve(after.state(name), event)
        return after

    def cart(self, cart_id: str) -> Cart:
        """Return a cart."""
        cart: Cart = self.state(stream(CART, cart_id))
        return cart

    def checkout(self, checkout_session_id: str) -> Checkout:
        """Return a checkout session."""
        checkout: Checkout = self.state(stream(CHECKOUT, checkout_session_id))
        return checkout

    def stock(self, sku: str) -> Stock:
        """Return the stock of a product."""
        stock: Stock = self.state(stream(STOCK, sku))
        return stock

    def product(self, sku: str) -> Product | None:
        """Return a product, None if it was never listed."""
        product: Product | None = self.state(stream(PRODUCT, sku))
        return product

    def coupon(self, code: str) -> Coupon:
        """Return a coupon."""
        coupon: Coupon = self.state(stream(COUPON, code))
        return coupon

    def payment(self, razorpay_order_id: str) -> Payment:
        """Return the money on a Razorpay order."""
        payment: Payment = self.state(stream(PAYMENT, razorpay_order_id))
        return payment

    def order(self, order_id: str) -> Order:
        """Return an order."""
        order: Order = self.state(stream(ORDER, order_id))
        return order

    def customer(self, customer_id: str) -> Customer:
        """Return a person."""
        customer: Customer = self.state(stream(CUSTOMER, customer_id))
        return customer

    def mailbox(self, mailbox: str) -> Mailbox:
        """Return who stands behind an e-mail address."""
        found: Mailbox = self.state(stream(MAILBOX, mailbox))
        return found

    def webhook(self, webhook_id: str) -> Webhook:
        """Return a delivery."""
        webhook: Webhook = self.state(stream(WEBHOOK, webhook_id))
        return webhook

    def shipping_methods(self) -> ShippingMethods:
        """Return all of the shop's methods."""
        methods: ShippingMethods = self.state(METHODS)
        return methods
