"""What is not yours does not exist: the same answer for another's thing and for none at all."""

import re
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from tests.http.asking import Door, asked, doors, in_turn
from tests.http.cast import CUSTOMER, GUEST, NEVER, THEIRS, assembled
from tests.role_table import application
from tests.shop import ShopUnderTest, guest, shop

__all__ = ["shop"]

pytestmark = pytest.mark.anyio

SHOPPERS = ("guest, garbage", "guest, other", "customer, other", "erased", GUEST, CUSTOMER)
OF_THIS_ANSWER = {"x-request-id", "date", "content-length"}
APART = {"receive_razorpay", "log_in", "refresh", "verify_payment", "erase_me"}
"""What is about nobody's things, or has a test of its own."""
COMPARED_MIN = 15


def shape(answer: httpx.Response, things: Mapping[str, str]) -> tuple[int, str, set[str]]:
    """Return all that an answer tells, but for the name that was asked for."""
    text = re.sub(r'"instance":"[^"]*"', "", answer.text)
    for name, value in things.items():
        text = text.replace(value, f"<{name}>")
    return answer.status_code, text, {*answer.headers} - OF_THIS_ANSWER


def about_things(door: Door) -> bool:
    """Whether a request there names something that can be somebody's: staff's areas are closed."""
    return door.name not in APART and not door.path.startswith(("/admin", "/audit", "/console"))


async def test_anothers_thing_and_one_that_never_was_are_told_apart_by_nobody(
    shop: ShopUnderTest,
) -> None:
    cast = await assembled(shop)
    every = [door for door in in_turn(doors(application(shop))) if about_things(door)]
    compared: set[str] = set()
    for door in every:
        for who, target in ((who, target) for who in SHOPPERS for target in cast.owners):
            if cast.headers[who] is cast.owners[target].headers:
                continue
            theirs = await asked(shop, cast, door, who, cast.owners[target].things)
            if not names_things(door, theirs):
                break
            nothing = await asked(shop, cast, door, who, NEVER)
            compared.add(door.label)
            said = shape(theirs, cast.owners[target].things)
            assert said == shape(nothing, NEVER), (door.label, who, target)
    assert len(compared) >= COMPARED_MIN, compared


async def test_the_owner_does_tell_them_apart(shop: ShopUnderTest) -> None:
    cast = await assembled(shop)
    for door in doors(application(shop)):
        if door.method == "GET" and about_things(door) and "_id}" in door.path:
            for who in (GUEST, CUSTOMER):
                if who == GUEST and door.path.startswith("/customers"):
                    continue
                own = await asked(shop, cast, door, who)
                nothing = await asked(shop, cast, door, who, NEVER)
                assert (own.status_code, nothing.status_code) == (200, 404), door.label


def names_things(door: Door, answer: httpx.Response) -> bool:
    """Whether ids stood in the path, the query or the body of what was asked."""
    request = answer.request
    sent = f"{door.path} {request.url.query.decode()} {request.content.decode()}"
    return any(name in sent for name in THEIRS)


@pytest.mark.parametrize("field", ["shipping_address_id", "billing_address_id"])
async def test_anothers_address_cannot_be_shipped_to_and_does_not_exist(
    shop: ShopUnderTest, field: str
) -> None:
    cast = await assembled(shop)
    other = cast.owners["customer, other"]
    cart = await shop.sent("POST", "/carts", {}, other.headers)
    path = f"/carts/{cart['cart_id']}/items/CHAI-250"
    await shop.sent("PUT", path, {"quantity": 1}, other.headers)
    whole = {"cart_id": cart["cart_id"], **guest("kiran@example.com")}
    if field == "shipping_address_id":
        whole.pop("shipping_address")
    told = [
        await shop.client.post("/orders", json={**whole, field: address}, headers=other.headers)
        for address in (cast.owners[CUSTOMER].things["address_id"], NEVER["address_id"])
    ]
    ids = {"a": cast.owners[CUSTOMER].things["address_id"], "b": NEVER["address_id"]}
    named = [re.sub("<[ab]>", "<address>", shape(each, ids)[1]) for each in told]
    assert [each.status_code for each in told] == [404, 404]
    assert named[0] == named[1]


async def test_anothers_payment_cannot_be_verified_also_with_its_true_signature(
    shop: ShopUnderTest,
) -> None:
    cast = await assembled(shop)
    for target in (GUEST, CUSTOMER):
        callback = cast.owners[target].callback
        unknown = {**callback, "razorpay_order_id": "order_IEIaMR65cu6nz3"}
        for who in SHOPPERS:
            if cast.headers[who] is cast.owners[target].headers:
                continue
            told = [
                await shop.client.post(
                    "/payments/razorpay/verify", json=body, headers=cast.headers[who]
                )
                for body in (callback, unknown)
            ]
            assert [each.status_code for each in told] == [404, 404], (who, target)
            assert {*told[0].json()} == {*told[1].json()}


async def test_a_cursor_is_for_its_list_and_shows_nobody_elses_orders(shop: ShopUnderTest) -> None:
    cast = await assembled(shop)
    ravi, kiran = cast.owners[CUSTOMER], cast.owners["customer, other"]
    cart = await shop.sent("POST", "/carts", {}, ravi.headers)
    path = f"/carts/{cart['cart_id']}/items/CHAI-250"
    await shop.sent("PUT", path, {"quantity": 1}, ravi.headers)
    wish = {"cart_id": cart["cart_id"], **guest(ravi.email)}
    intended = await shop.sent("POST", "/orders", wish, ravi.headers)
    paid = await shop.pay(intended["payment_intent"]["id"], deliver=False)
    callback = {name: paid[name] for name in paid if name.startswith("razorpay_")}
    await shop.sent("POST", "/payments/razorpay/verify", callback, ravi.headers)
    await shop.work()
    page = await listed(shop, "/orders?limit=1", ravi.headers)
    cursor = page["next_cursor"]
    assert cursor is not None
    own = await listed(shop, "/orders", kiran.headers)
    theirs = await listed(shop, f"/orders?limit=50&cursor={cursor}", kiran.headers)
    assert {each["order_id"] for each in theirs["items"]} <= {
        each["order_id"] for each in own["items"]
    }
    for other_list in ("/products", "/admin/webhooks", "/admin/payments", "/admin/cases"):
        answer = await shop.client.get(
            other_list, params={"cursor": cursor}, headers=cast.headers["admin"]
        )
        assert (answer.status_code, answer.json()["code"]) == (422, "validation"), other_list


async def listed(shop: ShopUnderTest, path: str, headers: dict[str, str]) -> dict[str, Any]:
    answer = await shop.client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


async def test_anothers_idempotency_key_is_only_a_word(shop: ShopUnderTest) -> None:
    cast = await assembled(shop)
    key = {"Idempotency-Key": "the-same-word"}
    opened = [
        await shop.client.post("/carts", json={}, headers={**cast.headers[who], **key})
        for who in (CUSTOMER, "customer, other", GUEST, "guest, other")
    ]
    assert len({each.json()["cart_id"] for each in opened}) == 4
    assert not any("idempotent-replayed" in each.headers for each in opened)


async def test_a_stream_of_events_is_no_door_either(shop: ShopUnderTest) -> None:
    cast = await assembled(shop)
    session = cast.owners[GUEST].things["checkout_session_id"]
    for who in SHOPPERS[:4]:
        told = [
            await shop.client.get(
                f"/checkout/{name}/events",
                headers={**cast.headers[who], "Last-Event-ID": position},
            )
            for name in (session, NEVER["checkout_session_id"])
            for position in ("0", "1", "9" * 400, "-1", "x")
        ]
        assert {each.status_code for each in told} == {404}
