"""What the API says for itself, on real engines: a full house, and a precondition."""

import hmac
from functools import partial
from pathlib import Path

import pytest

from src.embedded import Engines
from src.queries import live
from src.queries.live import Pace
from tests.databases import BookDatabase
from tests.shop import ShopUnderTest, guest, opened_shop

pytestmark = pytest.mark.anyio


async def _session(shop: ShopUnderTest, sku: str) -> tuple[str, dict[str, str]]:
    await shop.stocked(sku)
    cart, headers = await shop.guest_cart(**{sku.replace("-", "_"): 1})
    started = await shop.client.post("/checkout", json={"cart_id": cart}, headers=headers)
    return f"/checkout/{started.json()['checkout_session_id']}", headers


async def test_a_watcher_too_many_is_told_to_come_back_later(
    engines: Engines, book_database: BookDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "Pace", partial(Pace, feeds_max=0))
    async with opened_shop(engines, book_database, tmp_path) as shop:
        path, headers = await _session(shop, "tea-full")
        answer = await shop.client.get(f"{path}/events", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    assert answer.headers["retry-after"]


async def test_a_session_that_has_moved_is_not_cancelled_at_an_older_version(
    shop: ShopUnderTest,
) -> None:
    path, headers = await _session(shop, "tea-moved")
    old = {**headers, "If-Match": '"7-0"'}
    refused = await shop.client.post(f"{path}/cancel", json={}, headers=old)
    assert (refused.status_code, refused.json()["code"]) == (412, "version-moved")
    seen = await shop.client.get(path, headers=headers)
    assert seen.json()["state"] == "CHECKOUT_STARTED"
    now = {**headers, "If-Match": seen.headers["etag"]}
    assert (await shop.client.post(f"{path}/cancel", json={}, headers=now)).status_code == 200


async def test_a_shoppers_own_words_are_not_taken_into_the_book(shop: ShopUnderTest) -> None:
    path, headers = await _session(shop, "tea-words")
    words = {"reason": "Zenobia moved, call +91 77665 54433"}
    await shop.sent("POST", f"{path}/cancel", words, headers)
    page = await shop.parts.book.read_page(0, 1_000)
    assert "CheckoutCancelled" in {stored.type for stored in page}
    assert not [stored for stored in page if b"Zenobia" in bytes(stored.payload)]


async def test_a_callback_that_razorpay_cannot_confirm_still_says_where_its_answer_holds(
    shop: ShopUnderTest,
) -> None:
    path, headers = await _session(shop, "tea-silent")
    wish = guest(checkout_session_id=path.rpartition("/")[2])
    intent = (await shop.sent("POST", "/orders", wish, headers))["payment_intent"]
    paid = await shop.pay(intent["id"], deliver=False)
    said = {name: value for name, value in paid.items() if name.startswith("razorpay_")}
    fault = {"operation": "order.payments", "fault": "http_500", "times": 1}
    assert (await shop.sandbox.post("/_sandbox/faults", json=fault)).is_success
    answer = await shop.client.post("/payments/razorpay/verify", json=said, headers=headers)
    assert (answer.status_code, answer.json()["state"]) == (200, "PAYMENT_PENDING")
    assert int(answer.headers["khata-position"]) == await shop.parts.book.head()


async def test_a_callback_signed_before_the_key_secret_changed_still_counts(
    engines: Engines, book_database: BookDatabase, tmp_path: Path
) -> None:
    async with opened_shop(
        engines, book_database, tmp_path, RAZORPAY_PREVIOUS_KEY_SECRETS="older,oldest"
    ) as shop:
        path, headers = await _session(shop, "tea-older")
        wish = guest(checkout_session_id=path.rpartition("/")[2])
        intent = (await shop.sent("POST", "/orders", wish, headers))["payment_intent"]
        paid = await shop.pay(intent["id"], deliver=False)
        said = {name: value for name, value in paid.items() if name.startswith("razorpay_")}
        answers = [
            (await shop.client.post("/payments/razorpay/verify", json=body, headers=headers)).json()
            for body in (_signed(said, "nobody's"), _signed(said, "oldest"))
        ]
    assert (answers[0]["code"], answers[1]["state"]) == ("invalid-signature", "ORDER_CREATED")


def _signed(said: dict[str, str], secret: str) -> dict[str, str]:
    message = f"{said['razorpay_order_id']}|{said['razorpay_payment_id']}".encode()
    return {**said, "razorpay_signature": hmac.digest(secret.encode(), message, "sha256").hex()}
