"""Every no that a rule can say. `src.http.problems` gives each its status and code.

Rejection
├── Unknown                  there is no such cart, product, session, order, … (or it is not yours)
│   └── PersonErased         the person is no more; nothing is kept of them
├── CartIsLocked             a checkout session works on the cart
├── CartIsOrdered            the cart became an order
├── CartIsMerged             the guest's cart went into a customer's
├── CartIsEmpty              there is nothing to check out
├── CartIsFull               more different products than a cart holds
├── OtherCurrency            the product is not sold in the cart's currency
├── CouponNotApplicable      with the reason
├── ShippingNotAvailable     nothing ships this parcel to that place, or not by that method
├── TotalChanged             not what the client expected; carries the totals
├── InventoryUnavailable     carries every short line
├── AmountBelowMinimum       the provider takes no payment this small
├── NotPossibleNow           the state machine does not allow it; carries state and command
├── SessionExpired           the session's time is over
├── IntentExists             the intent was made for other wishes
├── EmailTaken               the mailbox has an account
├── ProofNotGood             a letter's secret that is wrong, used up or too old
├── LimitReached             as many are kept as may be; carries how many
├── NothingToRefund          no money is left to give back
├── RefundTooLarge           more than is left of the payment; carries how much that is
├── StockIsPromised          an adjustment would take promised units; carries the holds
└── VersionMoved             If-Match named another version
"""

from msgspec import Struct

from src.events.money import Money
from src.events.pricing import Totals


class ShortLine(Struct, frozen=True, kw_only=True):
    """A product of which there is not enough."""

    sku: str
    requested: int
    available: int


class Hold(Struct, frozen=True, kw_only=True):
    """Units promised to a checkout session."""

    checkout_session_id: str
    quantity: int


class Rejection(Exception):
    """A rule said no. Nothing happened."""


class Unknown(Rejection):
    """There is no such thing, as far as this caller may know."""

    def __init__(self, what: str, key: str) -> None:
        super().__init__(f"There is no {what} {key}.")


class PersonErased(Unknown):
    """The person was erased: nothing more can be kept of them, and nothing can be read."""

    def __init__(self, customer_id: str) -> None:
        super().__init__("customer", customer_id)


class CartIsLocked(Rejection):
    """A checkout session works on the cart; cancel it first."""

    def __init__(self, checkout_session_id: str) -> None:
        super().__init__(
            f"The cart is being checked out. Cancel {checkout_session_id} to change it."
        )
        self.checkout_session_id = checkout_session_id


class CartIsOrdered(Rejection):
    """The cart became an order; a new cart is needed to buy more."""

    def __init__(self, order_id: str) -> None:
        super().__init__(f"The cart became order {order_id}. Open a new cart to buy more.")
        self.order_id = order_id


class CartIsMerged(Rejection):
    """The guest's cart went into a customer's; that one can be changed."""

    def __init__(self, cart_id: str) -> None:
        super().__init__(f"The cart went into {cart_id}. Log in to change that one.")
        self.cart_id = cart_id


class CartIsEmpty(Rejection):
    """There is nothing to check out."""

    def __init__(self) -> None:
        super().__init__("The cart is empty. Put something in first.")


class CartIsFull(Rejection):
    """The cart holds as many different products as it can."""

    def __init__(self, lines_max: int) -> None:
        super().__init__(f"A cart holds at most {lines_max} different products.")


class OtherCurrency(Rejection):
    """The product is priced in another currency than the cart."""

    def __init__(self, currency: str, wanted: str) -> None:
        super().__init__(f"The product is sold in {currency}, the cart is in {wanted}.")


class CouponNotApplicable(Rejection):
    """The coupon does not count for this purchase."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(f"Coupon {code} cannot be used: {reason}.")
        self.coupon = code
        self.reason = reason


class ShippingNotAvailable(Rejection):
    """Nothing carries this parcel there."""

    def __init__(self, postal_code: str, method: str | None) -> None:
        way = "No shipping method" if method is None else f"Shipping method {method} does not"
        verb = " carries" if method is None else " carry"
        super().__init__(f"{way}{verb} this cart to postal code {postal_code}.")


class TotalChanged(Rejection):
    """The purchase does not cost what the client expected."""

    def __init__(self, totals: Totals) -> None:
        super().__init__("The total is not the expected one. Show the customer the new totals.")
        self.totals = totals


class InventoryUnavailable(Rejection):
    """There are not enough units; nothing was reserved."""

    def __init__(self, lines: list[ShortLine]) -> None:
        super().__init__("There is not enough stock. Reduce the lines named here.")
        self.lines = lines


class AmountBelowMinimum(Rejection):
    """The provider takes no payment this small."""

    def __init__(self, minimum: int, currency: str) -> None:
        super().__init__(f"The total is above zero but below {minimum} {currency} in minor units.")
        self.minimum = minimum


class NotPossibleNow(Rejection):
    """The state machine does not allow it in this state."""

    def __init__(self, wish: str, state: str) -> None:
        super().__init__(f"{wish} is not possible in state {state}.")
        self.wish = wish
        self.state = state


class SessionExpired(Rejection):
    """The session's time is over; the cart can be checked out again."""

    def __init__(self, checkout_session_id: str, cart_id: str) -> None:
        super().__init__(f"Checkout session {checkout_session_id} has expired. Start a new one.")
        self.cart_id = cart_id


class IntentExists(Rejection):
    """The intent was made for another address, e-mail or way to ship."""

    def __init__(self, checkout_session_id: str) -> None:
        super().__init__(
            "A payment intent exists for another address, e-mail or shipping method. "
            f"Cancel {checkout_session_id} first."
        )
        self.checkout_session_id = checkout_session_id


class ProofNotGood(Rejection):
    """No letter of ours has this secret, or it is used up or too old; which, is not said."""

    def __init__(self) -> None:
        super().__init__("Ask for another letter, and use what the newest one says.")


class EmailTaken(Rejection):
    """The mailbox has an account."""

    def __init__(self) -> None:
        super().__init__("This e-mail has an account. Log in instead.")


class LimitReached(Rejection):
    """As many are kept as may be."""

    def __init__(self, what: str, most: int) -> None:
        super().__init__(f"There may be at most {most} {what}. Remove one first.")
        self.most = most


class NothingToRefund(Rejection):
    """No money is left that could go back."""

    def __init__(self) -> None:
        super().__init__(
            "There is no money left to give back: it went back already, or never came."
        )


class RefundTooLarge(Rejection):
    """More was to go back than is left of the payment."""

    def __init__(self, left: Money) -> None:
        super().__init__(f"At most {left.amount} {left.currency}, in minor units, can go back.")
        self.left = left


class StockIsPromised(Rejection):
    """An adjustment would take units that are promised or sold."""

    def __init__(self, available: int, holds: list[Hold]) -> None:
        super().__init__(f"Only {available} units can be taken away; the others are promised.")
        self.available = available
        self.holds = holds


class VersionMoved(Rejection):
    """The resource is not at the version that If-Match names."""

    def __init__(self, version: int) -> None:
        super().__init__("The resource has changed. Fetch it again and repeat with its new ETag.")
        self.version = version
