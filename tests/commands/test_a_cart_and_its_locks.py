"""A cart can be changed until a session locks it, and never again once it is ordered."""

from datetime import timedelta

import pytest

from src.commands.decisions.cart import (
    CART_LINES_MAX,
    apply_coupon,
    open_cart,
    remove_coupon,
    set_item,
)
from src.commands.rejections import (
    CartIsFull,
    CartIsLocked,
    CartIsOrdered,
    CouponNotApplicable,
    OtherCurrency,
    Unknown,
)
from src.commands.view import Decide
from src.events.cart import (
    CartCouponApplied,
    CartCouponRemoved,
    CartItemRemoved,
    CartItemSet,
    CartOpened,
)
from src.events.coupon import CouponKind, CouponTerms
from src.events.identifiers import CART, named, public_id, stream
from src.events.money import Money
from src.events.product import Product
from tests.factories import CUP, EXPIRES_AT, NOW, PIN, TEA, TEN_PERCENT, coupon, listed, shop
from tests.purchases import Purchase
from tests.scenario import given

ONE = Purchase()
CART_ONE = stream(CART, ONE.cart_id)
OPENED = CartOpened(cart_id=ONE.cart_id, customer_id=None, currency="INR")
SHOP = given(*shop(), coupon("DIWALI", TEN_PERCENT))
EMPTY = SHOP.given((CART_ONE, OPENED))
FILLED = SHOP.given(*ONE.filled())
LOCKED = FILLED.given(*ONE.begun())
PENDING = SHOP.given(*ONE.pending())
ORDERED = PENDING.after(ONE.report("captured"))


def put(sku: str, quantity: int, now: object = NOW) -> Decide:
    return lambda view: set_item(view, ONE.cart_id, sku, quantity, now)  # type: ignore[arg-type]  # always a time


def coupon_applied(code: str, *redeemers: str) -> Decide:
    return lambda view: apply_coupon(view, ONE.cart_id, code, redeemers, NOW)


def without_coupon(now: object = NOW) -> Decide:
    return lambda view: remove_coupon(view, ONE.cart_id, now)  # type: ignore[arg-type]  # always a time


def test_a_cart_is_opened_once() -> None:
    def opening(customer: str | None) -> Decide:
        return lambda view: open_cart(view, ONE.cart_id, customer, "INR")

    SHOP.when(opening(None)).then((CART_ONE, OPENED))
    for known in (EMPTY, LOCKED, ORDERED):
        known.when(opening("cus_other")).then_nothing()


def test_a_quantity_is_set_not_added() -> None:
    twice = EMPTY.after(put(TEA.sku, 2), put(TEA.sku, 5))
    assert dict(twice.streams[CART_ONE].contents.quantities) == {TEA.sku: 5}


def test_setting_the_same_quantity_again_changes_nothing() -> None:
    FILLED.when(put(TEA.sku, 2)).then_nothing()


def test_a_quantity_of_zero_takes_the_product_out() -> None:
    FILLED.when(put(TEA.sku, 0)).then((CART_ONE, CartItemRemoved(sku=TEA.sku)))
    EMPTY.when(put(TEA.sku, 0)).then_nothing()


def test_lines_stay_in_the_order_in_which_they_were_put_in() -> None:
    cart = EMPTY.after(put(CUP.sku, 1), put(TEA.sku, 1), put(CUP.sku, 3)).streams[CART_ONE]
    assert cart.contents.order_of_skus == (CUP.sku, TEA.sku)


def test_stock_is_not_looked_at_before_checkout() -> None:
    EMPTY.when(put(TEA.sku, 999)).then((CART_ONE, CartItemSet(sku=TEA.sku, quantity=999)))


def test_a_product_that_is_not_for_sale_cannot_be_put_in() -> None:
    EMPTY.when(put("unheard-of", 1)).then_refused(Unknown)


def test_a_product_of_another_currency_cannot_be_put_in() -> None:
    abroad = Product(sku="pen", name="Pen", price=Money(500, "USD"), weight_grams=10)
    EMPTY.given(*listed(abroad)).when(put("pen", 1)).then_refused(OtherCurrency)


def test_a_cart_holds_so_many_products_and_no_more() -> None:
    products = [
        Product(sku=f"sku-{n}", name="Thing", price=TEA.price, weight_grams=1)
        for n in range(CART_LINES_MAX + 1)
    ]
    full = EMPTY.given(*(fact for product in products for fact in listed(product, units=0)))
    full = full.given(
        *((CART_ONE, CartItemSet(sku=each.sku, quantity=1)) for each in products[:-1])
    )
    full.when(put(products[-1].sku, 1)).then_refused(CartIsFull)
    full.when(put(products[0].sku, 7)).then_kinds("CartItemSet")


def test_an_unknown_cart_cannot_be_changed() -> None:
    for change in (put(TEA.sku, 1), coupon_applied("DIWALI"), without_coupon()):
        SHOP.when(change).then_refused(Unknown)


@pytest.mark.parametrize("change", [put(PIN.sku, 1), coupon_applied("DIWALI"), without_coupon()])
def test_a_locked_cart_names_the_session_that_locks_it(change: Decide) -> None:
    for locked in (LOCKED, PENDING):
        locked.when(change).then_refused(CartIsLocked, checkout_session_id=ONE.session)


@pytest.mark.parametrize("change", [put(PIN.sku, 1), coupon_applied("DIWALI"), without_coupon()])
def test_an_ordered_cart_names_its_order(change: Decide) -> None:
    order_id = public_id("ord", named("order", ONE.session))
    ORDERED.when(change).then_refused(CartIsOrdered, order_id=order_id)


def test_a_change_that_meets_an_overdue_session_lets_it_expire_first() -> None:
    added = CART_ONE, CartItemSet(sku=PIN.sku, quantity=1)
    LOCKED.when(put(PIN.sku, 1, EXPIRES_AT)).then(*ONE.expired(), added)
    LOCKED.when(put(TEA.sku, 2, EXPIRES_AT)).then(*ONE.expired())
    LOCKED.when(without_coupon(EXPIRES_AT)).then(*ONE.expired())
    LOCKED.when(put(PIN.sku, 1, EXPIRES_AT - timedelta(seconds=1))).then_refused(CartIsLocked)


def test_a_coupon_is_applied_and_removed() -> None:
    applied = FILLED.when(coupon_applied("DIWALI")).then(
        (CART_ONE, CartCouponApplied(code="DIWALI"))
    )
    applied.when(coupon_applied("DIWALI")).then_nothing()
    applied.when(without_coupon()).then((CART_ONE, CartCouponRemoved(code="DIWALI")))
    FILLED.when(without_coupon()).then_nothing()


def test_a_coupon_that_would_not_count_now_is_refused_with_the_reason() -> None:
    FILLED.when(coupon_applied("NOPE")).then_refused(
        CouponNotApplicable, coupon="NOPE", reason="there is no such coupon"
    )


def test_a_coupon_that_only_the_own_overdue_session_holds_can_be_applied_again() -> None:
    once = CouponTerms(kind=CouponKind.PERCENT, value=10, currency="INR", limit_total=1)
    held = Purchase(coupon="ONCE")
    locked = SHOP.given(coupon("ONCE", once), *held.filled(), *held.begun())
    locked.when(lambda view: apply_coupon(view, held.cart_id, "ONCE", (), EXPIRES_AT)).then(
        *held.expired()
    )
