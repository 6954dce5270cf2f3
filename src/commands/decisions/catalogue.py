"""What staff decides about the shop: products, stock, coupons, ways to ship, cases."""

from src.commands.rejections import Hold, StockIsPromised, Unknown, VersionMoved
from src.commands.view import Fact, View
from src.events.coupon import CouponDefined, CouponTerms
from src.events.identifiers import (
    COUPON,
    PRODUCT,
    STOCK,
    stream,
)
from src.events.product import Product, ProductListed, ProductRevised
from src.events.shipping import METHODS, ShippingMethodDefined
from src.events.stock import Stock, StockAdjusted, StockReceived

HOLDS_NAMED_MAX = 100
"""So many holds are named to somebody who may not take promised units away."""


def list_product(view: View, product: Product) -> list[Fact]:
    """Offer a product under this name, price and weight."""
    known = view.product(product.sku)
    if known == product:
        return []
    kind = ProductListed if known is None else ProductRevised
    listed = kind(
        sku=product.sku,
        name=product.name,
        price=product.price,
        weight_grams=product.weight_grams,
    )
    return [(stream(PRODUCT, product.sku), listed)]


def receive_stock(
    view: View, sku: str, quantity: int, reference: str | None, counted_at: int | None = None
) -> list[Fact]:
    """Count units in; `counted_at` as for `adjust_stock`."""
    _check_listed(view, sku)
    _check_counted(view.stock(sku), counted_at)
    received = StockReceived(sku=sku, quantity=quantity, reference=reference)
    return [(stream(STOCK, sku), received)]


def adjust_stock(
    view: View, sku: str, delta: int, reason: str, counted_at: int | None
) -> list[Fact]:
    """Correct a count; promised and sold units cannot be taken away.

    `counted_at` is the version of the last receipt or adjustment that the
    counter saw, None to adjust whatever happened meanwhile.
    """
    _check_listed(view, sku)
    stock = view.stock(sku)
    _check_counted(stock, counted_at)
    if stock.available + delta < 0:
        holds = [
            Hold(checkout_session_id=session, quantity=quantity)
            for session, quantity in sorted(stock.holds.items())[:HOLDS_NAMED_MAX]
        ]
        raise StockIsPromised(stock.available, holds)
    return [(stream(STOCK, sku), StockAdjusted(sku=sku, delta=delta, reason=reason))]


def _check_listed(view: View, sku: str) -> None:
    if view.product(sku) is None:
        raise Unknown("product", sku)


def _check_counted(stock: Stock, counted_at: int | None) -> None:
    if counted_at is not None and counted_at != stock.counted_at:
        raise VersionMoved(stock.counted_at)


def define_coupon(view: View, code: str, terms: CouponTerms) -> list[Fact]:
    """Let a coupon count under these terms from now on."""
    if view.coupon(code).terms == terms:
        return []
    return [(stream(COUPON, code), CouponDefined(code=code, terms=terms))]


def define_shipping_method(view: View, method: ShippingMethodDefined) -> list[Fact]:
    """Ship by this method at these rates from now on."""
    if view.shipping_methods().get(method.code) == method:
        return []
    return [(METHODS, method)]
