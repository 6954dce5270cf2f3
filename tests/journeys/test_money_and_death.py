"""API and worker are killed while Razorpay has their request: money still goes back once."""

import asyncio
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from src.bootstrap.api import tokens_of
from src.events.codec import recorded
from src.events.envelope import StoredEvent
from src.events.refund import RefundProcessed, RefundRequested
from src.projections.faults import PASSING
from tests.journeys.killing import RealShop, real_shop
from tests.journeys.whole_book import whole_book
from tests.shop import guest

SKU = "LAST-ONE"
WAIT_SECONDS_MAX = 60.0
LOOK_AGAIN_SECONDS = 0.05
UNANSWERED_SECONDS = 600.0
"""Nobody who asked is alive when the sandbox answers."""


class Story:
    """Two who want the same unit, told over HTTP to processes that die."""

    def __init__(self, shop: RealShop, client: httpx.AsyncClient) -> None:
        self.shop = shop
        self.client = client
        self.end = time.monotonic() + WAIT_SECONDS_MAX

    async def sent(
        self, method: str, path: str, body: object, headers: dict[str, str] | None = None
    ) -> dict[str, Any]:
        answer = await self.client.request(
            method, self.shop.settings.api_url + path, json=body, headers=headers
        )
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def told(self, path: str, body: object) -> dict[str, Any]:
        """Tell the sandbox what to do."""
        answer = await self.client.post(self.shop.settings.sandbox_url + path, json=body)
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def stocked(self) -> None:
        token = tokens_of(self.shop.settings).sign(["admin"], "asha")
        admin = {"Authorization": f"Bearer {token}"}
        product = {"name": SKU, "price": {"amount": 10_000, "currency": "INR"}}
        await self.sent("PUT", f"/admin/products/{SKU}", product, admin)
        await self.sent("POST", f"/admin/stock/{SKU}/receipts", {"quantity": 1}, admin)
        rates = {"name": "Standard", "rates": [{"price": {"amount": 5_000, "currency": "INR"}}]}
        await self.sent("PUT", "/admin/shipping-methods/standard", rates, admin)

    async def intent(self, name: str) -> tuple[dict[str, Any], dict[str, str]]:
        cart = await self.sent("POST", "/carts", {})
        headers = {"X-Session-Id": cart["session_id"]}
        path = f"/carts/{cart['cart_id']}/items/{SKU}"
        await self.sent("PUT", path, {"quantity": 1}, headers)
        who = guest(f"{name}@example.in", cart_id=cart["cart_id"])
        return await self.sent("POST", "/orders", who, headers), headers

    async def until_session(
        self, pending: dict[str, Any], headers: dict[str, str], **wanted: object
    ) -> None:
        path = f"/checkout/{pending['checkout_session_id']}"
        while True:
            shown = await self.sent("GET", path, None, headers)
            if {name: shown.get(name) for name in wanted} == wanted:
                return
            await self.again(f"{shown} is not {wanted}")

    async def late_payment(self) -> str:
        """Fail to pay for the last unit, and see it sold; return the payment."""
        slow, slow_headers = await self.intent("slow")
        pay = f"/_sandbox/orders/{slow['payment_intent']['id']}/pay"
        payment = await self.told(pay, {"outcome": "failed"})
        await self.until_session(slow, slow_headers, ended="failed")
        quick, quick_headers = await self.intent("quick")
        await self.told(f"/_sandbox/orders/{quick['payment_intent']['id']}/pay", {})
        await self.until_session(quick, quick_headers, state="ORDER_CREATED")
        found: str = payment["razorpay_payment_id"]
        return found

    async def refunds(self, payment_id: str) -> list[dict[str, Any]]:
        account = self.shop.settings.razorpay
        answer = await self.client.get(
            f"{self.shop.settings.sandbox_url}/v1/payments/{payment_id}/refunds",
            auth=(account.key_id, account.key_secret),
        )
        assert answer.is_success, answer.text
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    async def faults_left(self) -> int:
        answer = await self.client.get(f"{self.shop.settings.sandbox_url}/_sandbox/faults")
        assert answer.is_success, answer.text
        return sum(each["times"] for each in answer.json()["planned"])

    async def again(self, what: str) -> None:
        assert time.monotonic() < self.end, what
        await asyncio.sleep(LOOK_AGAIN_SECONDS)

    async def book(self) -> list[StoredEvent]:
        return [*await whole_book(self.shop.settings.app_url)]


async def killed_between_request_and_answer(shop: RealShop) -> None:
    await shop.ready()
    async with httpx.AsyncClient(timeout=WAIT_SECONDS_MAX, trust_env=False) as client:
        story = Story(shop, client)
        await story.stocked()
        payment_id = await story.late_payment()
        # No webhook tells of the refund. The first to ask is the API: Razorpay makes it, and
        # the answer never comes. The second is the worker: Razorpay does not get to it.
        for kind in ("slow", "hang"):
            fault = {"operation": "payment.refund", "fault": kind, "seconds": UNANSWERED_SECONDS}
            await story.told("/_sandbox/faults", fault)
        for event in ("refund.created", "refund.processed"):
            only = {"payment": payment_id, "event": event}
            await story.told("/_sandbox/webhooks/plan", {"drop": 10, "only": only})
        await story.told(f"/_sandbox/payments/{payment_id}/authorize", {})
        while await story.faults_left() == 2:
            await story.again("the API has asked for no refund")
        await asyncio.to_thread(shop.kill, "serve")
        while not await story.refunds(payment_id):
            await story.again("the refund is not at Razorpay")
        while await story.faults_left() == 1:
            await story.again("the worker has asked for no refund")
        await asyncio.to_thread(shop.restart, "worker")
        await asyncio.to_thread(shop.start, "serve")
        await until_processed(story)
        assert len(await story.refunds(payment_id)) == 1


async def until_processed(story: Story) -> None:
    while True:
        try:
            facts = [recorded(each).event for each in await story.book()]
        except PASSING:
            facts = []
        done = [each for each in facts if isinstance(each, RefundProcessed)]
        if done:
            assert len(done) == 1
            [wanted] = [each for each in facts if isinstance(each, RefundRequested)]
            assert done[0].refund_id == wanted.refund_id
            return
        await story.again("the refund is not processed")


def test_whoever_is_killed_while_razorpay_has_the_request_money_goes_back_once() -> None:
    with TemporaryDirectory(prefix="khata-refund-") as directory:
        place = Path(directory)
        place.chmod(0o711)  # as root, PostgreSQL runs as somebody else
        with real_shop(place) as shop:
            asyncio.run(killed_between_request_and_answer(shop))
            shop.stop()
