"""If-Match on every write: a version that is not there is 412 before anything has happened."""

import httpx
import pytest

from src.http.openapi.calls import CALLS
from tests.http.described import Described, described
from tests.http.test_every_call import Scene, send, set_scene
from tests.shop import ShopUnderTest, guest, shop

__all__ = ["shop"]

pytestmark = pytest.mark.anyio

WRITES = {"POST", "PUT", "PATCH", "DELETE"}
NEVER = '"999999-0123456789abcdef"'
"""A tag in our own shape, of a version that nothing has."""
EXEMPT = {
    "log_in": "gives tokens, changes no resource",
    "log_out": "ends tokens, changes no resource that has a tag",
    "log_out_everywhere": "ends tokens, changes no resource that has a tag",
    "refresh": "gives tokens, changes no resource",
    "request_claim": "sends a letter, changes no resource",
    "claim": "the letter's secret says what it is about",
    "look_up_order": "sends a letter, changes no resource",
    "forgotten_password": "sends a letter, changes no resource",
    "reset_password": "the letter's secret says what it is about",
    "receive_razorpay": "a report of what happened; Razorpay turns endpoints off that refuse",
    "verify_payment": "a report of what happened; paid money is looked at in any version",
}
"""Writes that If-Match says nothing about, and why; they do not look at it."""


def _writes() -> list[Described]:
    return [call for call in described() if call.method in WRITES]


def test_every_write_honours_if_match_or_says_here_why_not() -> None:
    guarded = {name for name, call in CALLS.items() if call.guarded}
    silent = {call.name for call in _writes()} - guarded - set(EXEMPT)
    assert silent == set()
    assert guarded <= {call.name for call in _writes()}
    assert not guarded & set(EXEMPT)


async def test_a_version_that_nothing_has_is_412_on_every_write_and_changes_nothing(
    shop: ShopUnderTest,
) -> None:
    scene = await set_scene(shop)
    cart, owner = await shop.guest_cart(CHAI_250=1)  # still open, unlike the one that was bought
    known = {**scene.known, "cart_id": cart}
    before = await shop.parts.book.head()
    tried: dict[str, int] = {}
    for call in _writes():
        if call.name in EXEMPT:
            continue
        headers = {**_caller(call, scene, owner), "If-Match": NEVER}
        answer = await send(shop, call, _about(call, known, scene), headers)
        tried[call.name] = answer.status_code
    absent = {"admin_resolve_case"}  # there is no case in this scene
    assert {name: status for name, status in tried.items() if status != 412} == dict.fromkeys(
        absent & tried.keys(), 404
    )
    assert await shop.parts.book.head() == before


def _about(call: Described, known: dict[str, str], scene: Scene) -> dict[str, str]:
    """A session belongs to the cart of the scene, everything else to the open one."""
    return {**known, **scene.known} if call.path.startswith("/checkout/{") else known


def _caller(call: Described, scene: Scene, owner: dict[str, str]) -> dict[str, str]:
    if call.path.startswith("/admin"):
        return scene.callers["admin"]
    if call.path.startswith("/customers/me"):
        return scene.callers["customer"]
    if call.path.startswith(("/checkout/{", "/orders/{")):
        return scene.callers["guest"]
    if call.name == "create_payment_intent":  # whose example names the session
        return scene.callers["guest"]
    return {} if call.path == "/customers" else owner


async def _cart_tag(shop: ShopUnderTest, cart: str, owner: dict[str, str]) -> str:
    return str((await shop.client.get(f"/carts/{cart}", headers=owner)).headers["etag"])


async def _asked(
    shop: ShopUnderTest, path: str, body: object, headers: dict[str, str]
) -> httpx.Response:
    return await shop.client.post(path, json=body, headers=headers)


@pytest.mark.parametrize("path", ["/checkout", "/orders"])
async def test_the_cart_that_was_shown_is_the_one_that_is_bought(
    shop: ShopUnderTest, path: str
) -> None:
    await shop.stocked("CHAI-250")
    cart, owner = await shop.guest_cart(CHAI_250=1)
    body = {"cart_id": cart} if path == "/checkout" else guest(cart_id=cart)
    seen = await _cart_tag(shop, cart, owner)
    await shop.sent("PUT", f"/carts/{cart}/items/CHAI-250", {"quantity": 3}, owner)
    stale = await _asked(shop, path, body, {**owner, "If-Match": seen})
    fresh = {**owner, "If-Match": await _cart_tag(shop, cart, owner)}
    done = await _asked(shop, path, body, fresh)
    assert [stale.status_code, done.status_code] == [412, 201]
    assert stale.json()["code"] == "version-moved"


async def test_a_session_that_moved_gets_no_intent(shop: ShopUnderTest) -> None:
    await shop.stocked("CHAI-250")
    cart, owner = await shop.guest_cart(CHAI_250=1)
    started = await _asked(shop, "/checkout", {"cart_id": cart}, owner)
    session = started.json()["checkout_session_id"]
    body = guest(checkout_session_id=session)
    tagged = {**owner, "If-Match": started.headers["etag"]}
    done = await _asked(shop, "/orders", body, tagged)
    again = await _asked(shop, "/orders", body, tagged)
    cancelled = await _asked(shop, f"/checkout/{session}/cancel", {}, tagged)
    assert [done.status_code, again.status_code, cancelled.status_code] == [201, 412, 412]


async def test_stock_is_counted_in_on_the_count_that_was_seen(shop: ShopUnderTest) -> None:
    sku = await shop.stocked("CHAI-250")
    admin, path = shop.bearer("admin"), f"/admin/stock/{sku}"
    seen = (await shop.client.get(path, headers=admin)).headers["etag"]
    tagged = {**admin, "If-Match": seen}
    first = await _asked(shop, f"{path}/receipts", {"quantity": 5}, tagged)
    second = await _asked(shop, f"{path}/receipts", {"quantity": 5}, tagged)
    assert [first.status_code, second.status_code] == [201, 412]
    assert (await shop.client.get(path, headers=admin)).json()["received"] == 105


async def test_what_a_command_itself_moved_does_not_stop_its_repetition(
    shop: ShopUnderTest,
) -> None:
    """As after a crash between the append and the answer: the fact stands, the lease is over."""
    await shop.stocked("CHAI-250")
    cart, owner = await shop.guest_cart(CHAI_250=1)
    tagged = {**owner, "If-Match": await _cart_tag(shop, cart, owner), "Idempotency-Key": "k" * 20}
    first = await _asked(shop, "/checkout", {"cart_id": cart}, tagged)
    await _forget_answers(shop)
    again = await _asked(shop, "/checkout", {"cart_id": cart}, tagged)
    assert [first.status_code, again.status_code] == [201, 201]
    assert "idempotent-replayed" not in again.headers
    assert again.json()["checkout_session_id"] == first.json()["checkout_session_id"]


async def _forget_answers(shop: ShopUnderTest) -> None:
    from tests.databases import connected  # noqa: PLC0415  # for this one alone

    over = "update edge.idempotency set finished_at = null, answer = null, lease_until = now()"
    await connected(shop.settings.app_url, lambda db: db.execute(over))
