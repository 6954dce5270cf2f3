"""A cart's life, decided: pure, as everything in this folder is."""

from datetime import datetime

from src.commands.decisions.endings import expired, overdue
from src.commands.decisions.pricing import price
from src.commands.rejections import (
    CartIsFull,
    CartIsLocked,
    CartIsMerged,
    CartIsOrdered,
    OtherCurrency,
    PersonErased,
    Unknown,
)
from src.commands.view import Fact, View
from src.events.cart import (
    CartContents,
    CartCouponApplied,
    CartCouponRemoved,
    CartItemRemoved,
    CartItemSet,
    CartOpened,
    LockedCart,
    MergedCart,
    NoCart,
    OpenCart,
    OrderedCart,
)
from src.events.checkout import AwaitingPayment, IntentRequested, Started
from src.events.customer import NOBODY, Account, CartChosen, Erased, Guest, Nobody
from src.events.identifiers import CART, CUSTOMER, stream

CART_LINES_MAX = 100
QUANTITY_MAX = 999
"""Of one product."""


def open_cart(view: View, cart_id: str, customer_id: str | None, currency: str) -> list[Fact]:
    """Begin a cart, which an account fills from now on; beginning it again changes nothing.

    Raises PersonErased.
    """
    if not isinstance(view.cart(cart_id), NoCart):
        return []
    opened = CartOpened(cart_id=cart_id, customer_id=customer_id, currency=currency)
    facts: list[Fact] = [(stream(CART, cart_id), opened)]
    customer = NOBODY if customer_id is None else view.customer(customer_id)
    match customer:
        case Account(customer_id=account_id):
            facts.append(chosen(account_id, cart_id))
        case Erased(customer_id=erased_id):
            raise PersonErased(erased_id)
        case Guest() | Nobody():
            pass
    return facts


def chosen(customer_id: str, cart_id: str) -> Fact:
    """Return that an account fills this cart from now on."""
    return stream(CUSTOMER, customer_id), CartChosen(cart_id=cart_id)


def set_item(view: View, cart_id: str, sku: str, quantity: int, now: datetime) -> list[Fact]:
    """Set how many of a product the cart holds; 0 removes it."""
    before, contents = changeable(view, cart_id, now)
    if quantity == contents.quantities.get(sku, 0):
        return before
    if quantity == 0:
        return [*before, (stream(CART, cart_id), CartItemRemoved(sku=sku))]
    _check_product(view, contents, sku)
    return [*before, (stream(CART, cart_id), CartItemSet(sku=sku, quantity=quantity))]


def _check_product(view: View, contents: CartContents, sku: str) -> None:
    product = view.product(sku)
    if product is None:
        raise Unknown("product", sku)
    if product.price.currency != contents.currency:
        raise OtherCurrency(product.price.currency, contents.currency)
    if sku not in contents.quantities and len(contents.quantities) >= CART_LINES_MAX:
        raise CartIsFull(CART_LINES_MAX)


def apply_coupon(
    view: View, cart_id: str, code: str, redeemers: tuple[str, ...], now: datetime
) -> list[Fact]:
    """Price the cart with a coupon; raises CouponNotApplicable when it would not count now."""
    before, contents = changeable(view, cart_id, now)
    facts = [*before]
    if contents.coupon != code:
        facts.append((stream(CART, cart_id), CartCouponApplied(code=code)))
    after = view.assuming(facts)
    cart = after.cart(cart_id)
    if isinstance(cart, OpenCart):
        price(after, cart.contents, now, redeemers)
    return facts


def remove_coupon(view: View, cart_id: str, now: datetime) -> list[Fact]:
    """Price the cart without a coupon again."""
    before, contents = changeable(view, cart_id, now)
    if contents.coupon is None:
        return before
    return [*before, (stream(CART, cart_id), CartCouponRemoved(code=contents.coupon))]


def changeable(view: View, cart_id: str, now: datetime) -> tuple[list[Fact], CartContents]:
    """Return the contents of a cart that can be changed, and what must be written first.

    A write that meets a session whose time is over lets it expire. Raises
    CartIsLocked, CartIsOrdered, CartIsMerged or Unknown.
    """
    cart = view.cart(cart_id)
    match cart:
        case OpenCart(contents):
            return [], contents
        case OrderedCart():
            raise CartIsOrdered(cart.order_id)
        case MergedCart():
            raise CartIsMerged(cart.into)
        case NoCart():
            raise Unknown("cart", cart_id)
        case LockedCart(contents, checkout_session_id):
            checkout = view.checkout(checkout_session_id)
            if isinstance(checkout, Started | IntentRequested | AwaitingPayment) and overdue(
                checkout, now
            ):
                return expired(checkout), contents
            raise CartIsLocked(checkout_session_id)
