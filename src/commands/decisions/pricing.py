"""What a cart costs: lines, coupon and shipping, in whole minor units."""

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from src.commands.rejections import (
    CouponNotApplicable,
    OtherCurrency,
    ShippingNotAvailable,
    Unknown,
)
from src.commands.view import View
from src.events.cart import CartContents
from src.events.coupon import Coupon, CouponKind, CouponTerms
from src.events.money import Money, percent_of, spread, total
from src.events.pricing import AppliedCoupon, PricedLine, ShippingChoice, Totals, totals_of
from src.events.shipping import ShippingMethodDefined, ShippingMethods, ShippingRate


class Priced(Struct, frozen=True, kw_only=True):
    """A cart's lines at today's prices, less its coupon."""

    currency: str
    lines: tuple[PricedLine, ...]
    coupon: AppliedCoupon | None

    @property
    def weight_grams(self) -> int:
        """Weight of the parcel."""
        return sum(line.weight_grams * line.quantity for line in self.lines)

    @property
    def goods(self) -> Money:
        """Lines less discounts: what `free_above` looks at."""
        return self.totals(None).total

    def totals(self, shipping: ShippingChoice | None) -> Totals:
        """Add it up, with shipping if that is known."""
        return totals_of(self.lines, shipping, self.currency)


def price(
    view: View, contents: CartContents, now: datetime, redeemers: tuple[str, ...] = ()
) -> Priced:
    """Price a cart; raises CouponNotApplicable when its coupon does not count."""
    lines = [_line(view, contents, sku) for sku in contents.order_of_skus]
    bare = Priced(currency=contents.currency, lines=tuple(lines), coupon=None)
    if contents.coupon is None:
        return bare
    coupon = view.coupon(contents.coupon)
    terms = applicable(coupon, contents.coupon, bare.goods, now, redeemers)
    return with_coupon(bare, contents.coupon, terms)


def _line(view: View, contents: CartContents, sku: str) -> PricedLine:
    product = view.product(sku)
    if product is None:
        raise Unknown("product", sku)
    if product.price.currency != contents.currency:
        raise OtherCurrency(product.price.currency, contents.currency)
    quantity = contents.quantities[sku]
    return PricedLine(
        sku=sku,
        name=product.name,
        quantity=quantity,
        unit_price=product.price,
        line_total=product.price * quantity,
        discount=Money.zero(contents.currency),
        weight_grams=product.weight_grams,
    )


def applicable(
    coupon: Coupon, code: str, subtotal: Money, now: datetime, redeemers: tuple[str, ...]
) -> CouponTerms:
    """Return the terms of a coupon that counts; raises CouponNotApplicable with the reason."""
    terms = coupon.terms
    if terms is None:
        raise CouponNotApplicable(code, "there is no such coupon")
    if terms.starts_at is not None and now < terms.starts_at:
        raise CouponNotApplicable(code, "it is not valid yet")
    if terms.ends_at is not None and now >= terms.ends_at:
        raise CouponNotApplicable(code, "it has expired")
    if terms.currency != subtotal.currency:
        raise CouponNotApplicable(code, f"it is for {terms.currency} only")
    if terms.minimum_subtotal is not None and subtotal.amount < terms.minimum_subtotal.amount:
        needed = f"{terms.minimum_subtotal.amount} {terms.currency} in minor units"
        raise CouponNotApplicable(code, f"it needs a subtotal of at least {needed}")
    within_limits(coupon, code, redeemers)
    return terms


def within_limits(coupon: Coupon, code: str, redeemers: tuple[str, ...]) -> None:
    """Check that one more redemption is left, in total and for each of these redeemers."""
    terms = coupon.terms
    if terms is None:
        return
    if terms.limit_total is not None and coupon.taken >= terms.limit_total:
        raise CouponNotApplicable(code, "it is used up")
    per_customer(coupon, code, redeemers)


def per_customer(coupon: Coupon, code: str, redeemers: tuple[str, ...]) -> None:
    """Check that one more redemption is left for each of these redeemers."""
    limit = None if coupon.terms is None else coupon.terms.limit_per_customer
    if limit is not None and any(coupon.uses.get(who, 0) >= limit for who in redeemers):
        raise CouponNotApplicable(code, "you have used it as often as one customer may")


def with_coupon(bare: Priced, code: str, terms: CouponTerms) -> Priced:
    """Take the discount off and spread it over the lines, exactly."""
    discount = _discount(bare.goods, terms)
    shares = spread(discount, [line.line_total for line in bare.lines])
    lines = [replace(line, discount=share) for line, share in zip(bare.lines, shares, strict=True)]
    free = terms.kind is CouponKind.FREE_SHIPPING
    applied = AppliedCoupon(code=code, free_shipping=free, discount=total(shares, bare.currency))
    return Priced(currency=bare.currency, lines=tuple(lines), coupon=applied)


def _discount(subtotal: Money, terms: CouponTerms) -> Money:
    match terms.kind:
        case CouponKind.PERCENT:
            return percent_of(subtotal, terms.value).at_most(subtotal)
        case CouponKind.FIXED:
            return Money(terms.value, terms.currency).at_most(subtotal)
        case CouponKind.FREE_SHIPPING:
            return Money.zero(subtotal.currency)


def shipping_choices(
    methods: ShippingMethods, priced: Priced, postal_code: str
) -> list[ShippingChoice]:
    """Return every way to send this parcel there, cheapest first."""
    free = priced.coupon is not None and priced.coupon.free_shipping
    choices = [
        ShippingChoice(
            code=method.code,
            name=method.name,
            price=Money.zero(priced.currency) if free else _price(rate, priced),
        )
        for method in methods.values()
        if (rate := _rate(method, priced, postal_code)) is not None
    ]
    return sorted(choices, key=lambda choice: (choice.price.amount, choice.code))


def _rate(method: ShippingMethodDefined, priced: Priced, postal_code: str) -> ShippingRate | None:
    return next((rate for rate in method.rates if _fits(rate, priced, postal_code)), None)


def _fits(rate: ShippingRate, priced: Priced, postal_code: str) -> bool:
    weight = priced.weight_grams
    return (
        rate.price.currency == priced.currency
        and postal_code.startswith(rate.postal_prefix or "")
        and (rate.min_weight_grams is None or weight >= rate.min_weight_grams)
        and (rate.max_weight_grams is None or weight <= rate.max_weight_grams)
    )


def _price(rate: ShippingRate, priced: Priced) -> Money:
    if rate.free_above is not None and priced.goods.amount >= rate.free_above.amount:
        return Money.zero(priced.currency)
    return rate.price


def choose_shipping(
    methods: ShippingMethods, priced: Priced, postal_code: str, code: str | None
) -> ShippingChoice:
    """Return the chosen way, or the cheapest; raises ShippingNotAvailable."""
    for choice in shipping_choices(methods, priced, postal_code):
        if code in (None, choice.code):
            return choice
    raise ShippingNotAvailable(postal_code, code)


def dearest_rate(methods: ShippingMethods, priced: Priced) -> int:
    """Return the most that shipping could add to this total, in minor units."""
    if priced.coupon is not None and priced.coupon.free_shipping:
        return 0
    rates = [rate for method in methods.values() for rate in method.rates]
    mine = (rate.price.amount for rate in rates if rate.price.currency == priced.currency)
    return max(mine, default=0)
