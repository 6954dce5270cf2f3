"""Somebody who buys over HTTP, and what a test asks about it afterwards."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any, Self

from httpx import Response

from tests.shop import ShopUnderTest, guest

PATIENCE_SECONDS = 10.0
LOOK_AGAIN_SECONDS = 0.02
_numbers = count(1)


class Buyer:
    """One cart, and whoever it belongs to."""

    def __init__(
        self, shop: ShopUnderTest, cart_id: str, headers: dict[str, str], who: dict[str, object]
    ) -> None:
        self.shop = shop
        self.cart_id = cart_id
        self.headers = headers
        self.who = who

    @classmethod
    async def guest(cls, shop: ShopUnderTest, email: str = "", **quantities: int) -> Self:
        """Open a guest's cart with these units."""
        cart_id, headers = await shop.guest_cart(**quantities)
        return cls(shop, cart_id, headers, guest(email or f"guest-{next(_numbers)}@example.in"))

    async def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        key: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Response:
        """Send anything as this buyer."""
        more = {} if key is None else {"Idempotency-Key": key}
        return await self.shop.client.request(
            method, path, json=body, headers={**self.headers, **more, **(headers or {})}
        )

    async def start(self, key: str | None = None, **more: object) -> Response:
        """POST /checkout."""
        return await self.ask("POST", "/checkout", {"cart_id": self.cart_id, **more}, key)

    async def order(self, key: str | None = None, **more: object) -> Response:
        """POST /orders: with the cart unless a session is named."""
        of = {} if "checkout_session_id" in more else {"cart_id": self.cart_id}
        return await self.ask("POST", "/orders", {**of, **self.who, **more}, key)

    async def intent(self, key: str | None = None, **more: object) -> dict[str, Any]:
        """Create the payment intent, which must work, and return the session."""
        return ok(await self.order(key, **more))

    async def session(self, checkout: dict[str, Any]) -> Response:
        """GET /checkout/{id}."""
        return await self.ask("GET", f"/checkout/{checkout['checkout_session_id']}")

    async def cart(self) -> dict[str, Any]:
        """GET /carts/{id}."""
        return ok(await self.ask("GET", f"/carts/{self.cart_id}"))

    async def put(self, sku: str, quantity: int) -> Response:
        """PUT a line of the cart."""
        return await self.ask("PUT", f"/carts/{self.cart_id}/items/{sku}", {"quantity": quantity})

    async def until(self, checkout: dict[str, Any], state: str, **more: object) -> dict[str, Any]:
        """Wait until a session is in this state."""

        async def look() -> dict[str, Any] | None:
            response = await self.session(checkout)
            shown: dict[str, Any] = response.json()
            wanted = {"state": state, **more}
            return shown if {name: shown.get(name) for name in wanted} == wanted else None

        found: dict[str, Any] = await eventually(look)
        return found

    async def bring_back(self, paid: dict[str, Any]) -> Response:
        """POST /payments/razorpay/verify with what checkout.js hands over."""
        names = ("razorpay_order_id", "razorpay_payment_id", "razorpay_signature")
        body = {name: paid[name] for name in names}
        return await self.ask("POST", "/payments/razorpay/verify", body)


def ok(response: Response) -> dict[str, Any]:
    """Return the body of an answer that must be a success."""
    assert response.is_success, f"{response.status_code} {response.text}"
    body: dict[str, Any] = response.json()
    return body


def refused(response: Response, status: int, code: str) -> dict[str, Any]:
    """Return a problem document, which must be this one and whole."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    problem: dict[str, Any] = response.json()
    assert (response.status_code, problem["code"]) == (status, code), response.text
    assert problem["status"] == status
    assert problem["type"] == f"urn:khata:problem:{code}"
    assert problem["instance"].endswith(response.headers["x-request-id"])
    assert {"title", "detail"} <= problem.keys()
    return problem


async def eventually(look: Callable[[], Awaitable[Any]]) -> Any:  # noqa: ANN401  # whatever is seen
    """Return the first thing that is seen; nothing is correct because of the waiting."""
    last = None
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not last:
            last = await look()
            if not last:
                await asyncio.sleep(LOOK_AGAIN_SECONDS)
    return last


def order_of(checkout: dict[str, Any]) -> str:
    """Return the Razorpay order of a session."""
    found: str = checkout["payment_intent"]["id"]
    return found


async def stock_of(shop: ShopUnderTest, sku: str) -> tuple[int, int, int]:
    """Return what is reserved, committed and available."""
    headers = shop.bearer("operator")
    shown = ok(await shop.client.get(f"/admin/stock/{sku}", headers=headers))
    assert shown["received"] == shown["reserved"] + shown["committed"] + shown["available"]
    return shown["reserved"], shown["committed"], shown["available"]


async def cases_about(shop: ShopUnderTest, razorpay_order_id: str) -> list[dict[str, Any]]:
    """Return the cases about a Razorpay order, after the read models have caught up."""
    return [
        case for case in await all_cases(shop) if case["razorpay_order_id"] == razorpay_order_id
    ]


async def all_cases(shop: ShopUnderTest) -> list[dict[str, Any]]:
    """Return the newest hundred cases, after the read models have caught up."""
    await shop.work()
    answer = await shop.client.get("/admin/cases?limit=100", headers=shop.bearer("operator"))
    found: list[dict[str, Any]] = ok(answer)["items"]
    return found


async def orders_at_razorpay(shop: ShopUnderTest, receipt: str) -> list[str]:
    """Return the Razorpay orders that exist for a session."""
    account = shop.settings.razorpay
    answer = await shop.sandbox.get(
        "/v1/orders", params={"receipt": receipt}, auth=(account.key_id, account.key_secret)
    )
    return [order["id"] for order in ok(answer)["items"]]


async def deliveries_of(shop: ShopUnderTest, about: str) -> list[dict[str, Any]]:
    """Return the events that the sandbox made about an order or a payment."""
    answer = await shop.sandbox.get("/_sandbox/webhooks", params={"of": about})
    found: list[dict[str, Any]] = ok(answer)["items"]
    return found


async def plan(shop: ShopUnderTest, **plan: object) -> None:
    """Say what the next deliveries suffer."""
    ok(await shop.sandbox.post("/_sandbox/webhooks/plan", json=plan))


async def fault(shop: ShopUnderTest, operation: str, kind: str, times: int = 1) -> None:
    """Say how the provider fails next."""
    wish = {"operation": operation, "fault": kind, "times": times}
    ok(await shop.sandbox.post("/_sandbox/faults", json=wish))


async def all_projections_stand_at_the_head(shop: ShopUnderTest) -> None:
    """Nothing has stopped a projection, and none is behind."""
    await shop.work()
    ready = ok(await shop.client.get("/health/ready"))
    lags = ready["projections"]
    assert lags
    assert all(each["behind"] == 0 and each["stopped_at"] is None for each in lags), lags
