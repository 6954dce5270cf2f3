"""Who sees whom: sealed is sealed to auditors, and only operators read who bought what."""

import base64
import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from src.events.identifiers import CART, MAILBOX, ORDER, WEBHOOK
from src.events.identifiers import CUSTOMER as CUSTOMER_STREAM
from tests.http.cast import CUSTOMER, GUEST, Cast, assembled
from tests.http.test_back_office import FOREIGN, delivered
from tests.shop import ShopUnderTest, guest, shop

__all__ = ["shop"]

pytestmark = pytest.mark.anyio

PLACE: Any = guest()["shipping_address"]
PERSONAL = ("@example.", "Asha Example", "+919800000000", PLACE["line1"])
"""Of everybody in the cast: their mailboxes, their name, their phone, where they live."""
LONG_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{40,}")


def opened(text: str) -> Iterator[str]:
    """Give a text, and whatever in it is only written in base64."""
    yield text
    for found in LONG_BASE64.findall(text):
        whole = found[: len(found) // 4 * 4].replace("-", "+").replace("_", "/")
        yield base64.b64decode(whole).decode("latin-1")


def named(answer: httpx.Response) -> list[str]:
    """Return what of people stands in an answer."""
    return [each for text in opened(answer.text) for each in PERSONAL if each in text]


async def every_audit_answer(shop: ShopUnderTest, cast: Cast, role: str) -> list[httpx.Response]:
    """Ask for every fact of the book, every stream of it, and why every order came to be."""
    found, streams, after = list[httpx.Response](), set[str](), 0
    while True:
        page = await ask(shop, role, f"/audit/events?limit=100&after={after}")
        found.append(page)
        streams |= {each["stream"] for each in page.json()["items"]}
        if page.json()["next_after"] >= page.json()["head"]:
            break
        after = page.json()["next_after"]
    found += [await ask(shop, role, f"/audit/streams/{name}") for name in sorted(streams)]
    orders = [owner.things["order_id"] for owner in cast.owners.values()]
    return found + [await ask(shop, role, f"/audit/orders/{order}/why") for order in orders]


async def ask(shop: ShopUnderTest, role: str, path: str) -> httpx.Response:
    answer = await shop.client.get(path, headers=shop.bearer(role))
    assert answer.status_code == 200, answer.text
    return answer


async def told_by_razorpay(shop: ShopUnderTest) -> str:
    """Let Razorpay tell of a payment with the buyer's e-mail and phone in its bytes."""
    person = b'"method":"upi","email":"asha@example.in","contact":"+919800000000"'
    webhook = await delivered(shop, FOREIGN.replace(b'"method":"upi"', person))
    await shop.work()
    return webhook


@pytest.mark.parametrize("role", ["auditor", "admin"])
async def test_an_audit_shows_everything_and_nobody(shop: ShopUnderTest, role: str) -> None:
    cast = await assembled(shop)
    webhook = await told_by_razorpay(shop)
    answers = await every_audit_answer(shop, cast, role)
    assert [(answer.url.path, named(answer)) for answer in answers if named(answer)] == []
    assert len(answers) > 20, "every stream was read"
    asked = " ".join(str(answer.url.path) for answer in answers)
    for category in (CART, CUSTOMER_STREAM, MAILBOX, ORDER, WEBHOOK):
        assert f"/audit/streams/{category}-" in asked
    assert any(f"{WEBHOOK}-{webhook}" in answer.text for answer in answers)


async def test_the_search_for_people_would_find_them(shop: ShopUnderTest) -> None:
    cast = await assembled(shop)
    webhook = await told_by_razorpay(shop)
    order = cast.owners[GUEST].things["order_id"]
    shown = await ask(shop, "operator", f"/admin/orders/{order}")
    assert {*named(shown)} == {*PERSONAL}
    assert named(await ask(shop, "operator", f"/admin/webhooks/{webhook}")) != []


async def test_lists_of_the_back_office_name_nobody(shop: ShopUnderTest) -> None:
    await assembled(shop)
    await told_by_razorpay(shop)
    for path in ("orders", "payments", "cases", "webhooks"):
        answer = await ask(shop, "operator", f"/admin/{path}?limit=100")
        assert answer.json()["items"] != [], path
        assert named(answer) == [], path


async def test_analysts_and_the_figures_see_nobody(shop: ShopUnderTest) -> None:
    cast = await assembled(shop)
    for path in ("/metrics", "/health/ready"):
        assert named(await ask(shop, "analyst", path)) == []
    customer = cast.owners[CUSTOMER].things
    for path in (f"/orders/{customer['order_id']}", f"/admin/orders/{customer['order_id']}"):
        answer = await shop.client.get(path, headers=cast.headers["analyst"])
        assert (answer.status_code, named(answer)) == (403, [])


async def test_sealed_facts_are_there_as_boxes(shop: ShopUnderTest) -> None:
    cast = await assembled(shop)
    order = cast.owners[GUEST].things["order_id"]
    fact = (await ask(shop, "auditor", f"/audit/streams/order-{order}")).json()["items"][0]["fact"]
    assert {*fact["contact"]} == {"key_id", "box"}
    assert json.dumps(fact).count('"box"') >= 2
