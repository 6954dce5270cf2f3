"""What a buyer sees of a fact: what is named, and never what is somebody's."""

from typing import cast, get_args

import msgspec
import pytest
from polyfactory.factories.msgspec_factory import MsgspecFactory

from src.events.checkout import CheckoutEvent, CheckoutStarted
from src.events.live_facts import public_fact
from tests.redis.sessions import CANCELLED, CONFIRMED, CREATED, ORDERED, REQUESTED, started

HIDDEN = {
    "billing_address",
    "box",
    "contact",
    "customer_id",
    "guest",
    "key_id",
    "mailbox",
    "shipping_address",
    "wish",
}


def keys(value: object) -> set[str]:
    match value:
        case dict():
            return set(value).union(*map(keys, value.values()))
        case list():
            return set[str]().union(*map(keys, value))
        case _:
            return set()


def examples(event: type[msgspec.Struct]) -> list[msgspec.Struct]:
    if event is CheckoutStarted:
        return [started("cs_1")]  # its amounts must add up, so chance cannot make it
    return MsgspecFactory.create_factory(event).batch(20)


@pytest.mark.parametrize("event", get_args(CheckoutEvent))
def test_every_fact_can_be_shown_and_shows_nothing_hidden(event: type[msgspec.Struct]) -> None:
    for made in examples(event):
        shown = msgspec.json.decode(msgspec.json.encode(public_fact(cast("CheckoutEvent", made))))
        assert shown
        assert keys(shown) & HIDDEN == set()


def test_what_was_asked_for_shows_no_person() -> None:
    shown = msgspec.json.encode(public_fact(REQUESTED)).decode()
    assert not [
        secret for secret in ("keyed-hash", "c2VhbGVk", "person", "inside") if secret in shown
    ]
    assert "customer-id-inside" not in msgspec.json.encode(public_fact(started("cs_1"))).decode()


def test_a_buyer_sees_what_the_next_step_needs() -> None:
    assert public_fact(CREATED)["razorpay_order_id"] == "order_1"
    assert public_fact(CONFIRMED)["razorpay_payment_id"] == "pay_1"
    assert public_fact(ORDERED) == {"order_id": "ord_1", "order_number": "ABCDE-FGHJK"}
    assert public_fact(CANCELLED) == {"reason": "the customer changed their mind"}
    assert public_fact(started("cs_1"))["items"][0]["sku"] == "TEA"
