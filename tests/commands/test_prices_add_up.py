"""Whole paise, one rounding rule, and sums that are exact."""

from collections.abc import Callable

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as some
from immutables import Map

from src.commands.decisions.pricing import Priced, shipping_choices, with_coupon
from src.events.coupon import CouponKind, CouponTerms
from src.events.money import AMOUNT_MAX, CurrencyMismatchError, Money, percent_of, spread, total
from src.events.pricing import PricedLine
from src.events.shipping import ShippingMethodDefined, ShippingRate
from tests.factories import inr
from tests.promises import check_sums

amounts = some.integers(min_value=0, max_value=AMOUNT_MAX)


def line(n: int, price: int, quantity: int) -> PricedLine:
    return PricedLine(
        sku=f"sku-{n}",
        name="Thing",
        quantity=quantity,
        unit_price=inr(price),
        line_total=inr(price * quantity),
        discount=inr(0),
        weight_grams=100,
    )


@some.composite
def carts(draw: some.DrawFn) -> Priced:
    wants = draw(
        some.lists(
            some.tuples(some.integers(0, 10**7), some.integers(1, 999)), min_size=1, max_size=6
        )
    )
    lines = tuple(line(n, price, quantity) for n, (price, quantity) in enumerate(wants))
    return Priced(currency="INR", lines=lines, coupon=None)


@some.composite
def coupons(draw: some.DrawFn) -> CouponTerms:
    kind = draw(some.sampled_from(CouponKind))
    value = draw(some.integers(1, 100) if kind is CouponKind.PERCENT else amounts)
    return CouponTerms(kind=kind, value=value, currency="INR")


@for_all(amounts, some.lists(amounts, min_size=1, max_size=20))
def test_a_sum_that_is_spread_adds_up_again(whole: int, weights: list[int]) -> None:
    parts = spread(inr(whole), [inr(weight) for weight in weights])
    assert total(parts, "INR") == inr(whole if any(weights) else 0)


@for_all(amounts, some.lists(amounts, min_size=1, max_size=20))
def test_each_share_is_its_exact_part_or_the_next_paisa(whole: int, weights: list[int]) -> None:
    parts = spread(inr(whole), [inr(weight) for weight in weights])
    for part, weight in zip(parts, weights, strict=True):
        exact = whole * weight // sum(weights) if any(weights) else 0
        assert part.amount in (exact, exact + 1)
        assert weight or part.amount == 0


@pytest.mark.parametrize(
    ("whole", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (100, [1, 2], [33, 67]),
        (1, [1, 1], [1, 0]),
        (5, [0, 10], [0, 5]),
        (0, [3, 4], [0, 0]),
    ],
)
def test_what_is_left_over_goes_to_the_largest_remainder_and_then_to_the_first(
    whole: int, weights: list[int], parts: list[int]
) -> None:
    assert spread(inr(whole), [inr(weight) for weight in weights]) == [inr(p) for p in parts]


@pytest.mark.parametrize(
    ("whole", "percent", "part"),
    [(1_000, 10, 100), (5, 10, 1), (4, 10, 0), (14_950, 33, 4_934), (999, 100, 999), (0, 50, 0)],
)
def test_half_a_paisa_of_a_percentage_is_rounded_up(whole: int, percent: int, part: int) -> None:
    assert percent_of(inr(whole), percent) == inr(part)


@for_all(amounts, some.integers(0, 100))
def test_a_percentage_is_never_half_a_paisa_off(whole: int, percent: int) -> None:
    twice_off = 2 * abs(percent_of(inr(whole), percent).amount * 100 - whole * percent)
    assert twice_off <= 100


@for_all(carts(), coupons(), some.none() | amounts)
def test_a_total_is_lines_less_discounts_and_shipping(
    bare: Priced, terms: CouponTerms, shipping: int | None
) -> None:
    priced = with_coupon(bare, "CODE", terms)
    chosen = None
    if shipping is not None:
        rate = ShippingRate(price=inr(shipping))
        method = ShippingMethodDefined(code="post", name="Post", rates=(rate,))
        [chosen] = shipping_choices(Map({"post": method}), priced, "560001")
    check_sums(priced.lines, priced.totals(chosen))
    assert priced.coupon is not None
    assert priced.coupon.discount == priced.totals(chosen).discount


@for_all(carts(), coupons())
def test_a_discount_is_never_above_what_it_is_taken_from(bare: Priced, terms: CouponTerms) -> None:
    priced = with_coupon(bare, "CODE", terms)
    assert 0 <= priced.totals(None).discount.amount <= bare.goods.amount
    assert priced.goods.amount >= 0


@for_all(carts(), some.integers(101, 10_000))
def test_even_an_absurd_percentage_takes_no_more_than_everything(
    bare: Priced, percent: int
) -> None:
    terms = CouponTerms(kind=CouponKind.PERCENT, value=percent, currency="INR")
    assert with_coupon(bare, "CODE", terms).goods == inr(0)


@pytest.mark.parametrize(
    "meet",
    [Money.__add__, Money.__sub__, Money.at_most, lambda one, two: total([one, two], "INR")],
)
def test_amounts_of_two_currencies_never_meet(meet: Callable[[Money, Money], Money]) -> None:
    with pytest.raises(CurrencyMismatchError):
        meet(inr(100), Money(100, "USD"))
