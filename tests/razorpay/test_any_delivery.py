"""Deliveries that Razorpay never documented: each is settled or parked, and moves no money wrongly.

Published bodies are told of our own orders, and then broken: fields are missing,
null, of the wrong kind, huge, or of another currency.
"""

import asyncio
import json
import re
from copy import deepcopy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as some

from src.commands.webhook_inbox import Delivery, News, Unreadable, WebhookInbox
from src.events.identifiers import named
from src.events.webhook import WebhookStatus
from src.http.razorpay.envelope import UnreadableWebhook
from src.http.razorpay.events import MONEY_EVENTS, read_webhook
from tests.factories import NOW, shop
from tests.independent_reading import IndependentReading
from tests.memory import MemoryBook, MemoryKeyRing
from tests.processes import Process, cause
from tests.purchases import Purchase
from tests.razorpay.published import names, published

ONE = Purchase(name="OursOursOurs01")
TWO = Purchase(name="OursOursOurs02", cart="two", email="ravi@example.in")
BODIES = names("webhook.payment") + names("webhook.order") + names("webhook.refund")
PAGE = 10_000
HUGE = 2**53
ODD: list[Any] = [
    None,
    [],
    {},
    "",
    "x",
    "\0",
    -1,
    0,
    1,
    1.5,
    True,
    HUGE,
    HUGE - 1,
    2**70,
    ONE.due.amount,
]

bodies = some.sampled_from(BODIES)
ours = some.sampled_from([ONE, ONE, TWO])
letters = some.sampled_from("ab")
"""Two payments of each order."""
breaks = some.lists(
    some.tuples(some.integers(0, 200), some.sampled_from(["drop", "odd"]), some.sampled_from(ODD)),
    max_size=3,
)
amounts = some.sampled_from([ONE.due.amount, ONE.due.amount, None])
currencies = some.sampled_from(["INR", "INR", "INR", "USD", "inr", "RUPEE"])
told = some.tuples(bodies, ours, letters, amounts, currencies, breaks)


def read(raw: bytes) -> News:
    """Read a delivery as the shop does."""
    try:
        said = read_webhook(raw)
    except UnreadableWebhook as why:
        raise Unreadable(str(why)) from why
    return News(
        name=said.event,
        razorpay_order_id=said.razorpay_order_id,
        reports=said.reports,
        about_money_without_order=said.event in MONEY_EVENTS and not said.reports,
    )


def about_ours(name: str, one: Purchase, letter: str, amount: int | None, currency: str) -> Any:  # noqa: ANN401 - any JSON
    """Return a published body as if it spoke of an order of ours."""
    text = published(name).decode()
    text = re.sub(r"order_[A-Za-z0-9]{14}", one.razorpay_order, text)
    text = re.sub(r"pay_[A-Za-z0-9]{14}", f"pay_{letter}{one.name[1:]}", text)
    body = json.loads(text)
    for thing in body["payload"].values():
        entity = thing["entity"] if isinstance(thing, dict) else {}
        if amount is not None and "amount" in entity:
            entity["amount"] = amount
        if "currency" in entity:
            entity["currency"] = currency
    return body


def places(thing: Any) -> list[tuple[Any, Any]]:  # noqa: ANN401 - any JSON
    """Return every container of a body with a key into it."""
    if not isinstance(thing, dict):
        return []
    mine = [(thing, key) for key in thing]
    return mine + [place for key in thing for place in places(thing[key])]


def broken(body: Any, at: int, how: str, odd: object) -> None:  # noqa: ANN401 - any JSON
    """Break one place of a body."""
    found = places(body)
    container, key = found[at % len(found)]
    if how == "drop":
        del container[key]
    else:
        container[key] = deepcopy(odd)


@settings(max_examples=150, deadline=None)
@given(some.lists(told, min_size=1, max_size=6))
def test_whatever_is_delivered_is_settled_or_parked_and_every_promise_holds(
    story: list[tuple[str, Purchase, str, int | None, str, list[tuple[int, str, object]]]],
) -> None:
    messages: list[bytes] = []
    for name, one, letter, amount, currency, wrong in story:
        body = about_ours(name, one, letter, amount, currency)
        for at, how, odd in wrong:
            if body:
                broken(body, at, how, odd)
        messages.append(json.dumps(body).encode())
    asyncio.run(all_delivered(messages))


@settings(max_examples=50, deadline=None)
@given(some.lists(some.binary(max_size=60), min_size=1, max_size=3))
def test_whatever_bytes_are_delivered_are_parked(messages: list[bytes]) -> None:
    reading = asyncio.run(all_delivered(messages))
    assert not reading.captured


def test_an_unbroken_delivery_of_ours_becomes_the_order() -> None:
    captured = about_ours("webhook.payment.captured.upi.json", ONE, "a", ONE.due.amount, "INR")
    reading = asyncio.run(all_delivered([json.dumps(captured).encode()]))
    assert len(reading.orders) == 1


async def all_delivered(messages: list[bytes]) -> IndependentReading:
    """Deliver and settle; an auditor reads what came of it, append by append."""
    book = MemoryBook(lambda: NOW)
    process = Process(book)
    await process.write("open", *shop(), *ONE.pending(), *TWO.pending())
    inbox = WebhookInbox(process.ledger, MemoryKeyRing(), read, lambda: named("id", str(len(ids))))
    ids: list[str] = []
    for number, body in enumerate(messages):
        ids.append("a delivery")
        delivery = Delivery(event_id=f"event{number}", body=body, signature="s", secret_index=0)
        name, _ = await inbox.receive(delivery, cause(f"{number}").correlation_id)
        ids.append("its settling")
        await inbox.handle(name, body)
        state = await process.ledger.look(lambda view, name=name: view.webhook(name))  # type: ignore[misc]  # asked at once
        assert state.status in {WebhookStatus.HANDLED, WebhookStatus.PARKED}
    reading = IndependentReading()
    reading.read(await book.read_page(0, PAGE))
    return reading
