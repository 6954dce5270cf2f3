"""A believable shop: products, stock, ways to ship, coupons. It opens on a Monday morning."""

from datetime import UTC, datetime, timedelta

from src.commands.view import Fact
from src.events import identifiers as ids
from src.events.coupon import (
    CouponDefined,
    CouponKind,
    CouponTerms,
)
from src.events.customer import CustomerRegistered
from src.events.identifiers import stream
from src.events.money import Money
from src.events.ports import Sealed
from src.events.pricing import ShippingChoice
from src.events.product import Product, ProductListed
from src.events.shipping import METHODS, ShippingMethodDefined, ShippingRate
from src.events.stock import (
    StockReceived,
)

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
EXPIRES_AT = NOW + timedelta(minutes=30)
UNITS = 10
"""Of each product, when the shop opens."""


def inr(amount: int) -> Money:
    return Money(amount, "INR")


def sealed(what: str) -> Sealed:
    return Sealed(key_id=f"key of {what}", box="c2VhbGVk")


TEA = Product(sku="tea-assam", name="Assam tea, 250 g", price=inr(32_000), weight_grams=260)
CUP = Product(sku="cup-blue", name="Blue cup", price=inr(14_900), weight_grams=310)
PIN = Product(sku="pin-brass", name="Brass pin", price=inr(50), weight_grams=2)
COURIER = ShippingMethodDefined(
    code="courier", name="Courier", rates=(ShippingRate(price=inr(12_000)),)
)
BY_POST = ShippingChoice(code="post", name="Registered post", price=inr(4_900))
TEN_PERCENT = CouponTerms(kind=CouponKind.PERCENT, value=10, currency="INR")


def listed(product: Product, units: int = UNITS) -> list[Fact]:
    offered = ProductListed(
        sku=product.sku,
        name=product.name,
        price=product.price,
        weight_grams=product.weight_grams,
    )
    facts: list[Fact] = [(stream(ids.PRODUCT, product.sku), offered)]
    if units:
        received = StockReceived(sku=product.sku, quantity=units)
        facts.append((stream(ids.STOCK, product.sku), received))
    return facts


def account(customer_id: str) -> Fact:
    registered = CustomerRegistered(
        customer_id=customer_id,
        mailbox=f"hash of {customer_id}",
        profile=sealed("profile"),
        password=sealed("password"),
    )
    return stream(ids.CUSTOMER, customer_id), registered


def coupon(code: str, terms: CouponTerms) -> Fact:
    return stream(ids.COUPON, code), CouponDefined(code=code, terms=terms)


def shop(units: int = UNITS, shipping: int = 4_900) -> list[Fact]:
    """Three products and two ways to ship, the cheaper at this price."""
    post = ShippingMethodDefined(
        code="post", name="Registered post", rates=(ShippingRate(price=inr(shipping)),)
    )
    methods: list[Fact] = [(METHODS, post), (METHODS, COURIER)]
    return [*listed(TEA, units), *listed(CUP, units), *listed(PIN, units), *methods]
