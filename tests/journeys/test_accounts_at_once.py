"""One mailbox, one account, however many register at once."""

import asyncio

import pytest

from tests.journeys.buyers import Buyer, ok, order_of, refused
from tests.shop import ShopUnderTest

pytestmark = pytest.mark.anyio

ACCOUNT = {"email": "once@example.in", "password": "six chai before noon", "name": "Asha Example"}


async def test_an_email_has_one_account_and_a_guest_of_it_is_not_touched(
    shop: ShopUnderTest,
) -> None:
    await shop.stocked("ACCOUNT", units=9)
    buyer = await Buyer.guest(shop, ACCOUNT["email"], ACCOUNT=1)
    pending = await buyer.intent()
    spellings = ("once@example.in", "Once@example.in", "ONCE@EXAMPLE.IN", "once@Example.in")
    answers = await asyncio.gather(
        *(shop.client.post("/customers", json={**ACCOUNT, "email": email}) for email in spellings)
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    for answer in answers:
        if answer.status_code == 409:
            refused(answer, 409, "email-taken")
    login = {"email": "oNCE@example.in", "password": ACCOUNT["password"]}
    tokens = await shop.sent("POST", "/customers/login", login)
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    await shop.pay(order_of(pending))
    done = await buyer.until(pending, "ORDER_CREATED")
    assert ok(await shop.client.get("/orders", headers=bearer))["items"] == []
    path = f"/orders/{done['order_id']}"
    refused(await shop.client.get(path, headers=bearer), 404, "not-found")
    both = {**bearer, **buyer.headers}
    assert ok(await shop.client.get(path, headers=both))["order_id"] == done["order_id"]
    refused(await shop.client.post("/orders", json={"cart_id": "x"}), 401, "unauthenticated")
