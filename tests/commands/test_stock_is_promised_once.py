"""Units are received, promised, sold or given back; what is promised cannot be taken away."""

import pytest
from msgspec.structs import replace

from src.commands.decisions.catalogue import adjust_stock, list_product, receive_stock
from src.commands.decisions.preconditions import at_version
from src.commands.rejections import (
    Hold,
    InventoryUnavailable,
    StockIsPromised,
    Unknown,
    VersionMoved,
)
from src.commands.view import Decide
from src.events.identifiers import PRODUCT, STOCK, stream
from src.events.product import ProductListed, ProductRevised
from src.events.stock import Stock, StockAdjusted, StockReceived
from tests.factories import CUP, PIN, TEA, inr, listed, shop
from tests.purchases import Purchase
from tests.scenario import Scenario, given

ONE = Purchase()
SHOP = given(*shop())
HELD = SHOP.given(*ONE.filled(), *ONE.begun())
TEA_STOCK = stream(STOCK, TEA.sku)


def adjust(delta: int, counted_at: int | None = None) -> Decide:
    return lambda view: adjust_stock(view, TEA.sku, delta, "broken", counted_at)


def receive(sku: str, quantity: int) -> Decide:
    return lambda view: receive_stock(view, sku, quantity, "delivery note 7")


def tea(scenario: Scenario) -> Stock:
    found: Stock = scenario.streams[TEA_STOCK]
    return found


def test_units_are_counted_in() -> None:
    received = StockReceived(sku=TEA.sku, quantity=5, reference="delivery note 7")
    assert tea(SHOP.when(receive(TEA.sku, 5)).then((TEA_STOCK, received))).available == 15


def test_units_of_a_product_that_is_not_listed_are_refused() -> None:
    SHOP.when(receive("unheard-of", 5)).then_refused(Unknown)
    SHOP.when(lambda view: adjust_stock(view, "unheard-of", 1, "found", None)).then_refused(Unknown)


def test_a_count_is_corrected_up_and_down_to_nothing() -> None:
    adjusted = StockAdjusted(sku=TEA.sku, delta=-10, reason="broken")
    assert tea(SHOP.when(adjust(-10)).then((TEA_STOCK, adjusted))).received == 0
    assert tea(SHOP.after(adjust(7))).received == 17


def test_promised_units_cannot_be_taken_away_and_their_holders_are_named() -> None:
    assert tea(HELD.after(adjust(-8))).available == 0
    HELD.when(adjust(-9)).then_refused(
        StockIsPromised, available=8, holds=[Hold(checkout_session_id=ONE.session, quantity=2)]
    )


def test_sold_units_cannot_be_taken_away() -> None:
    sold = SHOP.given(*ONE.pending()).after(ONE.report("captured"))
    sold.when(adjust(-9)).then_refused(StockIsPromised, available=8, holds=[])


def test_a_counter_who_saw_an_older_count_is_refused() -> None:
    seen = tea(SHOP).counted_at
    SHOP.when(adjust(-1, seen)).then_kinds("StockAdjusted")
    recounted = SHOP.after(adjust(-1))
    recounted.when(adjust(-1, seen)).then_refused(VersionMoved, version=tea(recounted).counted_at)


def test_a_reservation_meanwhile_does_not_disturb_the_counter() -> None:
    HELD.when(adjust(-1, tea(SHOP).counted_at)).then_kinds("StockAdjusted")


def test_the_last_units_go_to_whoever_starts_first() -> None:
    buyers = [Purchase(name=f"n{n}", cart=f"n{n}", wants=((TEA, 3),)) for n in range(5)]
    shop_now = SHOP.given(*(fact for buyer in buyers for fact in buyer.filled()))
    refused = 0
    for buyer in buyers:
        decided = shop_now.when(buyer.start())
        refused += isinstance(decided.refusal, InventoryUnavailable)
        shop_now = shop_now if decided.refusal else decided.shop
    assert (refused, tea(shop_now).reserved, tea(shop_now).available) == (2, 9, 1)


def test_one_short_line_reserves_nothing_of_the_others() -> None:
    short = Purchase(wants=((CUP, 1), (PIN, 11)))
    filled = SHOP.given(*short.filled())
    filled.when(short.start()).then_refused(InventoryUnavailable)
    assert filled.streams[stream(STOCK, CUP.sku)].reserved == 0


def test_a_product_is_listed_then_revised_and_the_same_again_is_nothing() -> None:
    [(name, offered)] = listed(TEA, units=0)
    given().when(lambda view: list_product(view, TEA)).then((name, offered))
    SHOP.when(lambda view: list_product(view, TEA)).then_nothing()
    dearer = replace(TEA, price=inr(33_000))
    revised = ProductRevised(
        sku=TEA.sku, name=TEA.name, price=dearer.price, weight_grams=TEA.weight_grams
    )
    SHOP.when(lambda view: list_product(view, dearer)).then((stream(PRODUCT, TEA.sku), revised))
    assert isinstance(offered, ProductListed)


@pytest.mark.parametrize(("expected", "refused"), [(None, False), (0, False), (1, True)])
def test_a_change_that_names_another_version_is_refused(
    expected: int | None, *, refused: bool
) -> None:
    decided = SHOP.when(at_version(TEA_STOCK, expected, adjust(1)))
    assert isinstance(decided.refusal, VersionMoved) is refused
