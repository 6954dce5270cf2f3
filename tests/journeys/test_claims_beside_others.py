"""Who else is at the same mailbox while it is claimed gets nothing of what is claimed."""

import asyncio
from functools import partial

import pytest

from src.commands.view import View
from src.events.mailbox import Mailbox
from tests.journeys.buyers import ok, refused
from tests.journeys.letters import body, carried, letters_to
from tests.journeys.test_claims import (
    CLAIM,
    OTHER,
    PASSWORD,
    bought,
    logged_in,
    orders_of,
    registered,
    token_for,
    wish,
)
from tests.shop import ShopUnderTest

pytestmark = pytest.mark.anyio


def _mailbox(view: View, name: str) -> Mailbox:
    return view.mailbox(name)


async def test_who_opens_an_account_while_the_letter_is_on_its_way_gets_nothing(
    shop: ShopUnderTest,
) -> None:
    """Anybody can ask for the letter, and then open an account with the same e-mail."""
    await shop.stocked("CLAIMED", units=1_000)
    email = "ahead@example.in"
    order, _ = await bought(shop, email)
    token = await token_for(shop, email)
    stranger = await registered(shop, email)
    refused(await shop.client.post(CLAIM, json=wish(email, token)), 401, "invalid-claim")
    assert await orders_of(shop, stranger) == set()
    refused(await shop.client.get(f"/orders/{order}", headers=stranger), 404, "not-found")

    warned = await token_for(shop, email)
    assert "choose a new password first" in body(letters_to(shop, email)[-1])
    ok(await shop.client.post(CLAIM, json=wish(email, warned)))


async def test_a_claim_and_a_registration_at_once_share_nothing(shop: ShopUnderTest) -> None:
    await shop.stocked("CLAIMED", units=1_000)
    email = "at.once@example.in"
    order, _ = await bought(shop, email)
    token = await token_for(shop, email)
    person = {"email": email, "password": OTHER, "name": "Somebody Else"}
    claimed, opened = await asyncio.gather(
        shop.client.post(CLAIM, json=wish(email, token)),
        shop.client.post("/customers", json=person),
    )
    assert (claimed.status_code, opened.status_code) in {(200, 409), (401, 201)}
    password, theirs = (PASSWORD, {order}) if claimed.status_code == 200 else (OTHER, set[str]())
    assert await orders_of(shop, await logged_in(shop, email, password)) == theirs


async def test_a_login_of_before_the_new_password_sees_and_erases_nothing_that_is_claimed(
    shop: ShopUnderTest,
) -> None:
    """Its access token is still good for minutes, but not for what is proven after it."""
    await shop.stocked("CLAIMED", units=1_000)
    email = "hijacked@example.in"
    order, _ = await bought(shop, email)
    stranger = await registered(shop, email)
    await shop.client.post("/customers/password/forgotten", json={"email": email})
    await shop.work()
    reset = wish(email, carried(letters_to(shop, email)[-1])["token"])
    assert (await shop.client.post("/customers/password/reset", json=reset)).status_code == 204
    ok(await shop.client.post(CLAIM, json=wish(email, await token_for(shop, email))))

    for method, path in (
        ("GET", "/orders"),
        ("GET", f"/orders/{order}"),
        ("GET", f"/orders/{order}/timeline"),
        ("POST", f"/orders/{order}/cancel"),
        ("DELETE", "/customers/me"),
    ):
        answer = await shop.client.request(method, path, headers=stranger)
        refused(answer, 401, "unauthenticated")
    owner = await logged_in(shop, email, PASSWORD)
    assert await orders_of(shop, owner) == {order}
    assert (await shop.client.delete("/customers/me", headers=owner)).status_code == 204


async def test_a_claim_and_an_erasure_at_once_leave_no_order_of_nobody(
    shop: ShopUnderTest,
) -> None:
    """Whichever comes first: what was claimed before is erased too, what is claimed after stays."""
    await shop.stocked("CLAIMED", units=1_000)
    box = shop.parts.people.mailbox
    for turn in range(4):
        email = f"both.{turn}@example.in"
        order, buyer = await bought(shop, email)
        before = await registered(shop, email)
        token = await token_for(shop, email)
        claimed, erased = await asyncio.gather(
            shop.client.post(CLAIM, json=wish(email, token)),
            shop.client.delete("/customers/me", headers=before),
        )
        await shop.work()
        if claimed.status_code == 503:  # The lists are behind what the erasure wrote.
            claimed = await shop.client.post(CLAIM, json=wish(email, token))
        assert (claimed.status_code, erased.status_code) in {(200, 204), (401, 204), (404, 204)}
        known = await shop.parts.ledger.look(partial(_mailbox, name=box(email)))
        contact = ok(await buyer.ask("GET", f"/orders/{order}"))["contact"]
        assert (known.account is None) == (contact is None), "erased with its account, or kept"
        if known.account is not None:
            owner = await logged_in(shop, email, PASSWORD)
            assert await orders_of(shop, owner) == {order}
