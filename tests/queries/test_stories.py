"""The past: histories, states as of a moment, and timelines in words."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polyfactory.factories.msgspec_factory import MsgspecFactory

from src.events.cart import OpenCart, OrderedCart
from src.events.catalogue import EVENTS
from src.events.identifiers import CART, ORDER, STOCK, stream
from src.events.money import Money
from src.events.stock import Stock
from src.queries.amounts import written
from src.queries.history import BadMoment, history, moment, order_as_of, state_at
from src.queries.timeline import timeline
from src.queries.words import WORDS, describe
from tests.projections.facts import (
    MAILBOX,
    SECRET_BOX,
    begun,
    bought,
    expired,
    opening,
    sku,
)
from tests.projections.shop import Shop


def test_every_fact_of_the_catalogue_has_words_and_nothing_else_has() -> None:
    assert set(WORDS) == set(EVENTS.values())


@pytest.mark.parametrize("fact", EVENTS.values(), ids=EVENTS)
def test_every_fact_is_told_in_a_sentence(fact: type[msgspec.Struct]) -> None:
    factory: Any = MsgspecFactory.create_factory(fact, set_as_default_factory_for_type=False)
    text = describe(factory.build())
    assert len(text.split()) >= 3
    assert text.strip() == text
    assert "None" not in text


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (Money(149_900, "INR"), "₹1,499.00"),
        (Money(5, "INR"), "₹0.05"),
        (Money(0, "INR"), "₹0.00"),
        (Money(1_234_567_800, "INR"), "₹1,23,45,678.00"),
        (Money(-10_000, "INR"), "-₹100.00"),
        (Money(123_456_789, "USD"), "$1,234,567.89"),
        (Money(1_500, "KWD"), "KWD 1.500"),
        (Money(1_500, "JPY"), "¥1,500"),
        (Money(1_500, "CHF"), "CHF 15.00"),
    ],
)
def test_money_is_written_to_the_last_minor_unit(money: Money, text: str) -> None:
    assert written(money) == text


@given(st.integers(-(10**12), 10**12))
def test_no_digit_of_an_amount_is_lost(amount: int) -> None:
    text = written(Money(amount, "INR"))
    assert int("".join(each for each in text if each.isdigit() or each == "-")) == amount


def test_a_moment_is_a_position_or_a_time_with_its_zone() -> None:
    assert moment("17") == 17
    assert moment("2030-01-01T05:30:00+05:30") == datetime(2030, 1, 1, tzinfo=UTC)
    assert moment("2030-01-01T00:00:00Z") == datetime(2030, 1, 1, tzinfo=UTC)
    for bad in ("", "-1", "2030-01-01T00:00:00", "yesterday", "9" * 17, "٣"):
        with pytest.raises(BadMoment):
            moment(bad)


@pytest.mark.anyio
async def test_a_timeline_tells_an_order_from_the_first_item_on(shop: Shop) -> None:
    await shop.write(opening())
    await shop.write(bought("other"))
    await shop.write(bought("a"))
    story = await timeline(shop.book, "ord_a")
    assert story is not None
    assert [each.position for each in story] == sorted(each.position for each in story)
    assert story[0].text == "A cart was opened in INR."
    texts = [each.text for each in story]
    assert "₹449.02 (UPI, pay_a) was authorized." in texts
    assert "₹449.02 (pay_a) was captured." in texts
    assert "Order N-a over ₹449.02 was placed by a guest." in texts
    whole = msgspec.json.encode(story).decode()
    assert "other" not in whole
    assert SECRET_BOX not in whole
    assert MAILBOX not in whole
    assert await timeline(shop.book, "ord_nobody") is None


@pytest.mark.anyio
async def test_history_shows_facts_as_json_up_to_a_moment(shop: Shop) -> None:
    await shop.write(opening(1))
    position = await shop.write(begun("a", [0]))
    await shop.write(expired("a", [0]))
    name = stream(STOCK, sku(0))
    facts = await history(shop.book, name)
    assert [each.type for each in facts] == [
        "StockReceived",
        "StockReserved",
        "StockReservationExpired",
    ]
    assert facts[1].fact == {"sku": sku(0), "checkout_session_id": "chk_a", "quantity": 2}
    assert len(await history(shop.book, name, position)) == 2
    assert len(await history(shop.book, name, facts[0].recorded_at)) == 1
    assert await history(shop.book, name, facts[0].recorded_at - timedelta(seconds=1)) == []


@pytest.mark.anyio
async def test_a_state_is_what_the_facts_added_up_to_at_a_moment(shop: Shop) -> None:
    await shop.write(opening())
    position = await shop.write(begun("a")[:2])
    cart = stream(CART, "cart_a")
    assert isinstance(await state_at(shop.book, cart, position), OpenCart)
    stock = await state_at(shop.book, stream(STOCK, sku(0)), 2)
    assert isinstance(stock, Stock)
    assert stock.available == 1_000_000


@pytest.mark.anyio
async def test_an_order_as_of_a_moment_before_it_does_not_exist(shop: Shop) -> None:
    await shop.write(opening())
    await shop.write(bought("a"))
    (placed_fact,) = await history(shop.book, stream(ORDER, "ord_a"))
    assert await order_as_of(shop.book, "ord_a", placed_fact.position - 1) is None
    order = await order_as_of(shop.book, "ord_a", placed_fact.position)
    assert order is not None
    assert order.placed_at == placed_fact.recorded_at
    assert isinstance(await state_at(shop.book, stream(CART, "cart_a")), OrderedCart)
