"""Accounts: who may open one, log in, and change what is kept of them."""

import asyncio
from typing import Any

import pytest

from src.commands.decisions.people import ADDRESSES_MAX
from src.http.tokens import ACCESS_LIFETIME
from tests.shop import ShopUnderTest, shop

__all__ = ["shop"]

pytestmark = pytest.mark.anyio

ASHA = {"email": "asha@example.in", "password": "six chai before noon", "name": "Asha Example"}
HOME = {
    "line1": "1 Example Road",
    "city": "Bengaluru",
    "state": "KA",
    "postal_code": "560001",
    "country": "IN",
}


async def registered(shop: ShopUnderTest, **more: object) -> tuple[str, dict[str, str]]:
    """Open an account, log in, and return its id and its headers."""
    account = {**ASHA, **more}
    opened = await shop.sent("POST", "/customers", account)
    login = {"email": account["email"], "password": account["password"]}
    tokens = await shop.sent("POST", "/customers/login", login)
    return opened["customer_id"], {"Authorization": f"Bearer {tokens['access_token']}"}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/customers/me"),
        ("PATCH", "/customers/me"),
        ("GET", "/customers/me/addresses"),
        ("POST", "/customers/me/addresses"),
        ("GET", "/customers/me/addresses/addr_1"),
        ("PUT", "/customers/me/addresses/addr_1"),
        ("DELETE", "/customers/me/addresses/addr_1"),
    ],
)
async def test_an_account_is_401_to_anybody_unnamed_and_403_to_staff(
    shop: ShopUnderTest, method: str, path: str
) -> None:
    guest = {"X-Session-Id": "s"}
    answers = [
        await shop.client.request(method, path, json={}, headers=headers)
        for headers in ({}, guest, shop.bearer("admin"))
    ]
    assert [answer.status_code for answer in answers] == [401, 401, 403]


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": "no mailbox"},
        {"password": "short"},
        {"password": "x" * 129},
        {"password": "Password2026!"},
        {"name": ""},
        {"phone": "not a number"},
        {"role": "admin"},
    ],
)
async def test_an_account_that_is_not_valid_is_422_with_its_field(
    shop: ShopUnderTest, wrong: dict[str, object]
) -> None:
    answer = await shop.client.post("/customers", json={**ASHA, **wrong})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == list(wrong)


async def test_an_account_opens_once_a_mailbox_however_it_is_spelled(shop: ShopUnderTest) -> None:
    opened = await shop.client.post("/customers", json=ASHA)
    again = await shop.client.post("/customers", json={**ASHA, "email": "ASHA@example.in"})
    assert opened.status_code == 201
    shown = opened.json()
    assert shown.pop("customer_id").startswith("cust_")
    assert shown == {"email": ASHA["email"], "name": ASHA["name"], "phone": None}
    assert (again.status_code, again.json()["code"]) == (409, "email-taken")


async def test_registering_again_with_the_same_key_is_the_same_account(shop: ShopUnderTest) -> None:
    key = {"Idempotency-Key": "k1"}
    answers = [await shop.client.post("/customers", json=ASHA, headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert answers[1].headers["idempotent-replayed"] == "true"


async def test_an_unknown_email_and_a_wrong_password_are_the_same_401(shop: ShopUnderTest) -> None:
    await registered(shop)
    tries = [(ASHA["email"], "some other words"), ("nobody@example.in", ASHA["password"])]
    answers = [
        await shop.client.post("/customers/login", json={"email": email, "password": password})
        for email, password in tries
    ]
    assert [answer.status_code for answer in answers] == [401, 401]
    bodies = [{**answer.json(), "instance": ""} for answer in answers]
    assert bodies[0] == bodies[1]
    assert bodies[0]["code"] == "invalid-credentials"


async def test_a_login_opens_the_account_and_its_refresh_token_gets_the_next(
    shop: ShopUnderTest,
) -> None:
    customer_id, _ = await registered(shop)
    login = {"email": ASHA["email"], "password": ASHA["password"]}
    tokens = await shop.sent("POST", "/customers/login", login)
    assert tokens["expires_in"] == ACCESS_LIFETIME.total_seconds()
    given = {"refresh_token": tokens["refresh_token"]}
    fresh = await shop.sent("POST", "/customers/refresh", given)
    bearer = {"Authorization": f"Bearer {fresh['access_token']}"}
    assert (await shop.client.get("/customers/me", headers=bearer)).json()[
        "customer_id"
    ] == customer_id


async def test_only_a_refresh_token_of_an_account_refreshes(shop: ShopUnderTest) -> None:
    await registered(shop)
    login = {"email": ASHA["email"], "password": ASHA["password"]}
    tokens = await shop.sent("POST", "/customers/login", login)
    for wrong in (tokens["access_token"], "a.b.c", tokens["refresh_token"] + "x"):
        answer = await shop.client.post("/customers/refresh", json={"refresh_token": wrong})
        assert answer.status_code == 401
        assert answer.json()["detail"] == "Log in again."
    bearer = {"Authorization": f"Bearer {tokens['refresh_token']}"}
    assert (await shop.client.get("/customers/me", headers=bearer)).status_code == 401


async def test_a_profile_changes_only_what_is_named(shop: ShopUnderTest) -> None:
    _, headers = await registered(shop, phone="+919800000000")
    changes: list[dict[str, Any]] = [{"name": "Asha Rao"}, {"phone": None}, {}]
    for change in changes:
        revised = await shop.client.patch("/customers/me", json=change, headers=headers)
        assert revised.status_code == 200
    seen = await shop.client.get("/customers/me", headers=headers)
    assert (seen.json()["name"], seen.json()["phone"]) == ("Asha Rao", None)
    assert seen.headers["etag"] == revised.headers["etag"]


async def test_two_changes_at_the_same_moment_both_count(shop: ShopUnderTest) -> None:
    _, headers = await registered(shop)
    changes = ({"name": "Asha Rao"}, {"phone": "+919811111111"})
    await asyncio.gather(
        *(shop.sent("PATCH", "/customers/me", change, headers) for change in changes)
    )
    seen = (await shop.client.get("/customers/me", headers=headers)).json()
    assert (seen["name"], seen["phone"]) == ("Asha Rao", "+919811111111")


async def test_a_profile_that_moved_is_412_and_one_that_did_not_is_304(shop: ShopUnderTest) -> None:
    _, headers = await registered(shop)
    tag = (await shop.client.get("/customers/me", headers=headers)).headers["etag"]
    asked = {**headers, "If-None-Match": tag}
    assert (await shop.client.get("/customers/me", headers=asked)).status_code == 304
    guarded = {**headers, "If-Match": tag}
    first = await shop.client.patch("/customers/me", json={"name": "A"}, headers=guarded)
    second = await shop.client.patch("/customers/me", json={"name": "B"}, headers=guarded)
    assert [first.status_code, second.status_code] == [200, 412]
    assert second.json()["code"] == "version-moved"


async def test_an_address_is_kept_changed_and_dropped_by_its_owner_alone(
    shop: ShopUnderTest,
) -> None:
    _, asha = await registered(shop)
    _, ravi = await registered(shop, email="ravi@example.in")
    kept = await shop.sent("POST", "/customers/me/addresses", HOME, asha)
    assert (kept["name"], kept["country"]) == (ASHA["name"], "IN")
    path = f"/customers/me/addresses/{kept['address_id']}"
    for method in ("GET", "PUT", "DELETE"):
        body = HOME if method == "PUT" else None
        assert (await shop.client.request(method, path, json=body, headers=ravi)).status_code == 404
    changed = await shop.sent("PUT", path, {**HOME, "line1": "2 Example Road"}, asha)
    assert changed == (await shop.client.get(path, headers=asha)).json()
    listed = await shop.client.get("/customers/me/addresses", headers=asha)
    assert listed.json() == {"items": [changed], "next_cursor": None}
    assert (await shop.client.delete(path, headers=asha)).status_code == 204
    assert (await shop.client.get(path, headers=asha)).status_code == 404


async def test_an_address_that_is_not_valid_is_422(shop: ShopUnderTest) -> None:
    _, asha = await registered(shop)
    for wrong in ({"line1": ""}, {"country": "india"}, {"latitude": 1}):
        answer = await shop.client.post(
            "/customers/me/addresses", json={**HOME, **wrong}, headers=asha
        )
        assert answer.status_code == 422


async def test_an_account_keeps_so_many_addresses_and_no_more(shop: ShopUnderTest) -> None:
    _, asha = await registered(shop)
    for _ in range(ADDRESSES_MAX):
        await shop.sent("POST", "/customers/me/addresses", HOME, asha)
    answer = await shop.client.post("/customers/me/addresses", json=HOME, headers=asha)
    assert (answer.status_code, answer.json()["code"]) == (422, "limit-reached")


async def test_a_customer_orders_to_an_address_that_is_kept(shop: ShopUnderTest) -> None:
    _, asha = await registered(shop, phone="+919800000000")
    await shop.stocked("CHAI")
    kept = await shop.sent("POST", "/customers/me/addresses", HOME, asha)
    cart = (await shop.sent("POST", "/carts", {}, asha))["cart_id"]
    await shop.sent("PUT", f"/carts/{cart}/items/CHAI", {"quantity": 1}, asha)
    wish = {"cart_id": cart, "shipping_address_id": kept["address_id"]}
    assert (await shop.sent("POST", "/orders", wish, asha))["state"] == "PAYMENT_PENDING"


async def test_nothing_that_names_a_person_is_readable_in_the_book(shop: ShopUnderTest) -> None:
    _, asha = await registered(shop)
    await shop.sent("POST", "/customers/me/addresses", HOME, asha)
    stored = await shop.parts.book.read_page(0, 100)
    whole = b"".join(event.payload for event in stored)
    for word in (b"asha", b"Asha", b"Example Road", b"argon2", b"560001"):
        assert word not in whole
