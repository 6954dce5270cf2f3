"""The past in words: every fact, every amount, and an order's timeline."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polyfactory.factories.msgspec_factory import MsgspecFactory

from src.events.catalogue import EVENTS
from src.events.money import Money
from src.events.stock import StockCommitted
from src.queries.amounts import written
from src.queries.timeline import timeline
from src.queries.words import WORDS, describe
from tests.projections.facts import (
    MAILBOX,
    SECRET_BOX,
    bought,
    opening,
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
    ("units", "said"), [(1, "1 unit of A was sold."), (2, "2 units of A were sold.")]
)
def test_one_unit_was_and_two_were(units: int, said: str) -> None:
    factory: Any = MsgspecFactory.create_factory(
        StockCommitted, set_as_default_factory_for_type=False
    )
    assert describe(factory.build(quantity=units, sku="A")) == said


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
