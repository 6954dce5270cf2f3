"""The sample shop: things that can be bought, in any quantity, anywhere in India."""

from hypothesis import given
from hypothesis import strategies as st
from immutables import Map

from src.cli.sample import STANDARD, open_sample, sample_rows
from src.commands.decisions.cart import QUANTITY_MAX
from src.commands.decisions.pricing import Priced, choose_shipping
from src.commands.view import View
from src.events.catalogue import fold_of
from src.events.money import Money
from src.events.pricing import PricedLine

ROWS = sample_rows()


def empty_shop() -> View:
    return View(lambda name: fold_of(name).nothing_yet)


def test_there_are_enough_products_and_each_is_in_rupees_with_weight_and_stock() -> None:
    assert len({row.sku for row in ROWS}) == len(ROWS) >= 40
    assert [
        row.sku
        for row in ROWS
        if row.currency != "INR"
        or row.price < 100
        or row.weight_grams <= 0
        or row.opening_stock <= 0
    ] == []


def test_opening_it_again_changes_nothing() -> None:
    opened = empty_shop().assuming(open_sample(empty_shop(), ROWS))
    assert open_sample(opened, ROWS) == []


@given(
    st.lists(
        st.tuples(st.sampled_from(ROWS), st.integers(1, QUANTITY_MAX)), min_size=1, max_size=50
    ),
    st.from_regex(r"[1-9][0-9]{5}", fullmatch=True),
)
def test_every_cart_of_it_has_a_shipping_price_everywhere(
    cart: list[tuple[object, int]], postal_code: str
) -> None:
    lines = tuple(priced_line(row, quantity) for row, quantity in cart)
    priced = Priced(currency="INR", lines=lines, coupon=None)
    choice = choose_shipping(Map({STANDARD.code: STANDARD}), priced, postal_code, None)
    assert choice.price.currency == "INR"


def priced_line(row: object, quantity: int) -> PricedLine:
    product = next(each for each in ROWS if each is row).product
    return PricedLine(
        sku=product.sku,
        name=product.name,
        quantity=quantity,
        unit_price=product.price,
        line_total=product.price * quantity,
        discount=Money.zero("INR"),
        weight_grams=product.weight_grams,
    )
