"""DELETE /customers/me: who may, what it answers, and what an erased person finds afterwards."""

import pytest

from src.events.customer import Erased
from tests.http.test_customers import ASHA, HOME, registered
from tests.processes import cause, claimed_all
from tests.shop import ShopUnderTest, guest, shop

__all__ = ["shop"]
pytestmark = pytest.mark.anyio
ME = "/customers/me"


async def test_only_the_customer_erases_themselves(shop: ShopUnderTest) -> None:
    bad = {"Authorization": "Bearer no"}
    callers: list[dict[str, str]] = [{}, {"X-Session-Id": "s"}, shop.bearer("admin"), bad]
    answers = [await shop.client.delete(ME, headers=headers) for headers in callers]
    assert [answer.status_code for answer in answers] == [401, 401, 403, 401]
    stranger = await shop.client.delete(ME, headers=shop.bearer("customer", "cust_nobody"))
    assert (stranger.status_code, stranger.json()["code"]) == (404, "not-found")


async def test_an_erasure_is_204_at_its_position_and_again_the_same(shop: ShopUnderTest) -> None:
    customer_id, headers = await registered(shop)
    first = await shop.client.delete(ME, headers=headers)
    again = await shop.client.delete(ME, headers=headers)
    assert (first.status_code, first.content) == (204, b"")
    assert (again.status_code, again.content) == (204, b"")
    assert int(first.headers["khata-position"]) == await shop.parts.book.head()
    person = await shop.parts.ledger.look(lambda view: view.customer(customer_id))
    assert isinstance(person, Erased)


async def test_an_account_that_moved_is_412_and_nothing_is_erased(shop: ShopUnderTest) -> None:
    _, headers = await registered(shop)
    tag = (await shop.client.get(ME, headers=headers)).headers["etag"]
    await shop.sent("PATCH", ME, {"name": "Asha Rao"}, headers)
    moved = await shop.client.delete(ME, headers={**headers, "If-Match": tag})
    assert (moved.status_code, moved.json()["code"]) == (412, "version-moved")
    seen = await shop.client.get(ME, headers=headers)
    assert seen.json()["name"] == "Asha Rao"
    guarded = {**headers, "If-Match": seen.headers["etag"]}
    assert (await shop.client.delete(ME, headers=guarded)).status_code == 204


@pytest.mark.parametrize("tag", ["nothing", '"x-y"'])
async def test_an_if_match_that_names_no_version_is_412(shop: ShopUnderTest, tag: str) -> None:
    _, headers = await registered(shop)
    answer = await shop.client.delete(ME, headers={**headers, "If-Match": tag})
    assert answer.status_code in {412, 422}
    assert (await shop.client.get(ME, headers=headers)).status_code == 200


async def test_a_token_that_is_still_valid_finds_nobody(shop: ShopUnderTest) -> None:
    _, headers = await registered(shop)
    await shop.stocked("CHAI")
    kept = await shop.sent("POST", f"{ME}/addresses", HOME, headers)
    cart = (await shop.sent("POST", "/carts", {}, headers))["cart_id"]
    await shop.sent("PUT", f"/carts/{cart}/items/CHAI", {"quantity": 1}, headers)
    await shop.client.delete(ME, headers=headers)
    calls: list[tuple[str, str, object]] = [
        ("GET", ME, None),
        ("PATCH", ME, {"name": "Asha Rao"}),
        ("GET", f"{ME}/addresses", None),
        ("POST", f"{ME}/addresses", HOME),
        ("GET", f"{ME}/addresses/{kept['address_id']}", None),
        ("PUT", f"{ME}/addresses/{kept['address_id']}", HOME),
        ("DELETE", f"{ME}/addresses/{kept['address_id']}", None),
        ("POST", "/orders", {"cart_id": cart, "shipping_address": HOME}),
    ]
    for method, path, body in calls:
        answer = await shop.client.request(method, path, json=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (404, "customer-erased"), path


async def test_a_login_after_the_erasure_is_a_wrong_login(shop: ShopUnderTest) -> None:
    _, headers = await registered(shop)
    login = {"email": ASHA["email"], "password": ASHA["password"]}
    tokens = await shop.sent("POST", "/customers/login", login)
    await shop.client.delete(ME, headers=headers)
    unknown = {**login, "email": "nobody@example.in"}
    tries = [await shop.client.post("/customers/login", json=each) for each in (login, unknown)]
    assert [answer.status_code for answer in tries] == [401, 401]
    one, other = ({**answer.json(), "instance": ""} for answer in tries)
    assert one == other
    refresh = {"refresh_token": tokens["refresh_token"]}
    assert (await shop.client.post("/customers/refresh", json=refresh)).status_code == 401


async def test_the_mailbox_registers_anew_as_somebody_else(shop: ShopUnderTest) -> None:
    key = {"Idempotency-Key": "once"}
    opened = await shop.client.post("/customers", json=ASHA, headers=key)
    login = {"email": ASHA["email"], "password": ASHA["password"]}
    tokens = await shop.sent("POST", "/customers/login", login)
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    await shop.client.delete(ME, headers=headers)
    # The answer was forgotten with the person, so the same words are a new wish.
    again = await shop.client.post("/customers", json=ASHA, headers=key)
    assert again.status_code == 201
    assert "idempotent-replayed" not in again.headers
    assert again.json()["customer_id"] != opened.json()["customer_id"]
    assert (await shop.client.get(ME, headers=headers)).json()["code"] == "customer-erased"


async def test_an_open_checkout_ends_and_its_stock_is_free(shop: ShopUnderTest) -> None:
    _, headers = await registered(shop, phone="+919800000000")
    await shop.stocked("CHAI", units=3)
    cart = (await shop.sent("POST", "/carts", {}, headers))["cart_id"]
    await shop.sent("PUT", f"/carts/{cart}/items/CHAI", {"quantity": 2}, headers)
    wish = {"cart_id": cart, "shipping_address": HOME}
    pending = await shop.sent("POST", "/orders", wish, headers)
    await shop.work()
    await shop.client.delete(ME, headers=headers)
    session = pending["checkout_session_id"]
    shown = (await shop.client.get(f"/checkout/{session}", headers=headers)).json()
    assert (shown["state"], shown["ended"]) == ("CART_PENDING", "cancelled")
    staff = shop.bearer("operator")
    stock = (await shop.client.get("/admin/stock/CHAI", headers=staff)).json()
    assert (stock["reserved"], stock["available"]) == (0, 3)


async def test_a_guest_of_the_same_address_is_erased_only_once_they_are_claimed(
    shop: ShopUnderTest,
) -> None:
    await shop.stocked("CHAI")
    customer_id, headers = await registered(shop)
    claimed, owner = await shop.guest_cart(CHAI=1)
    pending = await shop.sent("POST", "/orders", guest(ASHA["email"], cart_id=claimed), owner)
    await shop.parts.ledger.transact(cause("claim"), lambda view: claimed_all(view, customer_id))
    unproven, other = await shop.guest_cart(CHAI=1)
    await shop.sent("POST", "/orders", guest(ASHA["email"], cart_id=unproven), other)
    await shop.client.delete(ME, headers=headers)
    same = guest(ASHA["email"], checkout_session_id=pending["checkout_session_id"])
    gone = await shop.client.post("/orders", json=same, headers=owner)
    assert (gone.status_code, gone.json()["code"]) == (404, "customer-erased")
    still = await shop.client.post(
        "/orders", json=guest(ASHA["email"], cart_id=unproven), headers=other
    )
    assert still.status_code == 200
