"""Razorpay's side of a scenario: banks, networks, the dashboard, and bytes signed by anybody."""

import hmac
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

import aiohttp
from msgspec import Struct

from src.cli.demo.polling import seen
from src.cli.demo.shop import OK, Answer, Json, Shop

WEBHOOKS_PATH = "/webhooks/razorpay"
TRIPLE = ("razorpay_order_id", "razorpay_payment_id", "razorpay_signature")


class Place(Struct, frozen=True, kw_only=True):
    """Where a shop and its sandbox answer, and the secrets that the two share."""

    api_url: str
    sandbox_url: str
    key_id: str
    key_secret: str
    webhook_secrets: tuple[str, ...]

    @property
    def credentials(self) -> str:
        """Key and secret as HTTP's basic authentication takes them."""
        return b64encode(f"{self.key_id}:{self.key_secret}".encode()).decode()

    def __repr__(self) -> str:
        return f"Place({self.api_url!r}, {self.sandbox_url!r})"


class RazorpaySide:
    """Calls to the sandbox, and deliveries that it would never make."""

    def __init__(self, shop: Shop, place: Place, http: aiohttp.ClientSession) -> None:
        self._shop = shop
        self._http = http
        self.place = place

    async def control(self, path: str, **wish: object) -> Json:
        """Tell the sandbox what happens."""
        return await self._shop.sandbox("POST", path, wish)

    async def api(self, method: str, path: str, body: object = None) -> Answer:
        """Call Razorpay's own API, as the merchant's dashboard does."""
        url = f"{self.place.sandbox_url}/v1{path}"
        headers = {"Authorization": f"Basic {self.place.credentials}"}
        async with self._http.request(method, url, json=body, headers=headers) as answer:
            return Answer(answer.status, await answer.json(content_type=None))

    async def fault(self, operation: str, kind: str, about: str, times: int = 1) -> None:
        wish = {"operation": operation, "fault": kind, "about": about, "times": times}
        await self.control("/faults", **wish)

    async def faults_left(self, about: str) -> int:
        """Return how many faults still wait for a call about something."""
        told = await self._shop.sandbox("GET", "/faults")
        return sum(each["about"] == about for each in told["planned"])

    async def plan(self, about: str, event: str | None = None, **wish: object) -> None:
        """Plan mischief for the next webhooks about an order or a payment."""
        kind = "payment" if about.startswith("pay_") else "order"
        await self.control("/webhooks/plan", **wish, only={kind: about, "event": event})

    async def events(self, about: str) -> list[Json]:
        """Return every event about an order or a payment, oldest first."""
        told = await self._shop.sandbox("GET", f"/webhooks?of={about}")
        return list(told["items"])

    async def event(self, about: str, name: str) -> Json:
        """Wait for the event of a name about an order or a payment."""

        async def look() -> Json | None:
            found = [each for each in await self.events(about) if each["event"] == name]
            return found[0] if found else None

        return await seen(name, look)

    async def redeliver(self, event: Json) -> Json:
        return await self.control(f"/webhooks/{event['event_id']}/redeliver")

    async def redeliver_all(self, about: str) -> None:
        """Deliver what was held back about an order, and everything else about it once more."""
        for event in await self.events(about):
            await self.redeliver(event)

    async def until_tried(self, about: str) -> list[Json]:
        """Wait until every event about something was delivered once, whatever was answered."""

        async def look() -> list[Json] | None:
            items = await self.events(about)
            return items if items and all(each["attempts"] for each in items) else None

        return await seen("a try of each webhook", look)

    async def until_acknowledged(self, about: str) -> list[Json]:
        """Wait until every event about something was answered with a yes."""

        async def look() -> list[Json] | None:
            items = await self.events(about)
            return items if items and all(map(is_acknowledged, items)) else None

        return await seen("the acknowledgement of the webhooks", look)

    async def refunds(self, payment: str) -> list[Json]:
        """Return the refunds of a payment that exist at Razorpay."""
        return list((await self.api("GET", f"/payments/{payment}/refunds")).body["items"])

    async def orders_of(self, receipt: str) -> list[Json]:
        """Return the Razorpay orders that were made for a session."""
        return list((await self.api("GET", f"/orders?receipt={receipt}")).body["items"])

    async def deliver(
        self, body: bytes, event_id: str | None = None, *, signature: str | None = None
    ) -> int:
        """Deliver these bytes, properly signed unless a signature is given; return the status."""
        signed = sign(body, self.place.webhook_secrets[0]) if signature is None else signature
        headers = {"X-Razorpay-Signature": signed, "Content-Type": "application/json"}
        if event_id is not None:
            headers["X-Razorpay-Event-Id"] = event_id
        return await self.send(body, headers)

    async def send(self, body: bytes, headers: Mapping[str, str]) -> int:
        """Post these bytes where webhooks go, and return the status."""
        url = self.place.api_url + WEBHOOKS_PATH
        async with self._http.post(url, data=body, headers=headers) as answer:
            await answer.read()
            return answer.status


def sign(message: bytes, secret: str) -> str:
    """HMAC-SHA256 in hexadecimal, as Razorpay signs."""
    return hmac.digest(secret.encode(), message, "sha256").hex()


def triple(paid: Json) -> dict[str, Any]:
    """Return what checkout.js hands to the browser."""
    return {name: paid[name] for name in TRIPLE}


def is_acknowledged(event: Json) -> bool:
    """Whether a try of an event was answered with a yes."""
    return any(attempt["status"] == OK for attempt in event["attempts"])
