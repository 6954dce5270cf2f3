"""Flat, free above, by weight, by postal prefix: the first rate that fits, the cheapest method."""

import pytest
from immutables import Map
from msgspec.structs import replace

from src.commands.decisions.catalogue import define_shipping_method
from src.commands.decisions.pricing import Priced, choose_shipping, shipping_choices
from src.commands.rejections import ShippingNotAvailable
from src.events.money import Money
from src.events.pricing import AppliedCoupon
from src.events.shipping import METHODS, ShippingMethodDefined, ShippingMethods, ShippingRate
from tests.factories import COURIER, inr, shop
from tests.purchases import Purchase
from tests.scenario import given

BANGALORE, DELHI = "560001", "110001"
PARCEL = Priced(currency="INR", lines=Purchase().lines, coupon=None)
WEIGHT, GOODS = PARCEL.weight_grams, PARCEL.goods


def method(code: str, *rates: ShippingRate) -> ShippingMethodDefined:
    return ShippingMethodDefined(code=code, name=code.title(), rates=rates)


def methods(*defined: ShippingMethodDefined) -> ShippingMethods:
    return Map({each.code: each for each in defined})


def prices(rate: ShippingRate, postal_code: str = BANGALORE) -> list[int]:
    choices = shipping_choices(methods(method("post", rate)), PARCEL, postal_code)
    return [choice.price.amount for choice in choices]


def test_a_flat_rate_fits_every_parcel() -> None:
    assert prices(ShippingRate(price=inr(4_900))) == [4_900]


@pytest.mark.parametrize(("above", "price"), [(0, 0), (-1, 0), (1, 4_900)])
def test_goods_of_at_least_so_much_travel_free(above: int, price: int) -> None:
    rate = ShippingRate(price=inr(4_900), free_above=GOODS + inr(above))
    assert prices(rate) == [price]


def test_free_above_looks_at_what_is_left_after_the_discount() -> None:
    less = Priced(currency="INR", lines=Purchase(coupon="C").lines, coupon=None)
    rate = ShippingRate(price=inr(4_900), free_above=GOODS)
    [choice] = shipping_choices(methods(method("post", rate)), less, BANGALORE)
    assert choice.price == inr(4_900)


@pytest.mark.parametrize(
    ("least", "most", "fits"),
    [
        (WEIGHT, WEIGHT, True),
        (WEIGHT + 1, None, False),
        (None, WEIGHT - 1, False),
        (0, WEIGHT + 1, True),
    ],
)
def test_a_rate_by_weight_fits_from_its_least_to_its_most(
    least: int | None, most: int | None, *, fits: bool
) -> None:
    rate = ShippingRate(price=inr(1), min_weight_grams=least, max_weight_grams=most)
    assert bool(prices(rate)) is fits


def test_the_weight_is_that_of_all_units() -> None:
    assert sum(line.weight_grams * line.quantity for line in PARCEL.lines) == WEIGHT == 830


@pytest.mark.parametrize(
    ("prefix", "fits"),
    [("56", True), (BANGALORE, True), ("", True), ("11", False), ("5600011", False)],
)
def test_a_rate_by_place_fits_postal_codes_that_begin_with_it(prefix: str, *, fits: bool) -> None:
    assert bool(prices(ShippingRate(price=inr(1), postal_prefix=prefix))) is fits


def test_a_rate_in_another_currency_fits_nothing() -> None:
    assert prices(ShippingRate(price=Money(4_900, "USD"))) == []


def test_of_the_rates_of_a_method_the_first_that_fits_counts() -> None:
    post = method(
        "post",
        ShippingRate(price=inr(9_900), postal_prefix="11"),
        ShippingRate(price=inr(4_900)),
        ShippingRate(price=inr(1)),
    )
    found = {
        code: choose_shipping(methods(post), PARCEL, code, None) for code in (BANGALORE, DELHI)
    }
    assert [choice.price.amount for choice in found.values()] == [4_900, 9_900]


def test_the_cheapest_method_comes_first_and_is_chosen_unasked() -> None:
    some = methods(
        method("courier", ShippingRate(price=inr(9_900))),
        method("slow", ShippingRate(price=inr(4_900))),
        method("bike", ShippingRate(price=inr(4_900))),
    )
    codes = [choice.code for choice in shipping_choices(some, PARCEL, BANGALORE)]
    assert codes == ["bike", "slow", "courier"]
    assert choose_shipping(some, PARCEL, BANGALORE, None).code == "bike"


def test_the_method_that_was_asked_for_is_chosen_if_it_fits() -> None:
    some = methods(COURIER, method("post", ShippingRate(price=inr(1), postal_prefix="11")))
    assert choose_shipping(some, PARCEL, BANGALORE, "courier").code == "courier"
    for place, code in ((BANGALORE, "post"), (BANGALORE, "pigeon")):
        with pytest.raises(ShippingNotAvailable, match=f"{code} does not carry"):
            choose_shipping(some, PARCEL, place, code)


def test_where_nothing_fits_nothing_is_chosen() -> None:
    with pytest.raises(ShippingNotAvailable, match="No shipping method carries"):
        choose_shipping(methods(), PARCEL, BANGALORE, None)


def test_a_coupon_for_free_shipping_makes_every_way_free() -> None:
    coupon = AppliedCoupon(code="FREE", free_shipping=True, discount=inr(0))
    free = replace(PARCEL, coupon=coupon)
    [choice] = shipping_choices(methods(COURIER), free, BANGALORE)
    assert choice.price == inr(0)


def test_a_method_is_defined_once_until_it_changes() -> None:
    known = given(*shop())
    known.when(lambda view: define_shipping_method(view, COURIER)).then_nothing()
    dearer = replace(COURIER, rates=(ShippingRate(price=inr(99_900)),))
    known.when(lambda view: define_shipping_method(view, dearer)).then((METHODS, dearer))
