"""A whole shop for a test: the real application on real engines, and a real sandbox beside it.

The worker's work is done by hand (`shop.work()`), so that a test decides when
a read model moves and when a deadline is met.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from msgspec.structs import replace
from redis.asyncio import Redis

from src.bootstrap import Parts, open_parts
from src.bootstrap.api import open_api, tokens_of
from src.bootstrap.erasing import finish_erasures
from src.bootstrap.errands import GRACE, ErrandRounds
from src.bootstrap.letters import send_letters
from src.bootstrap.moments import now
from src.bootstrap.notary import notary_of
from src.bootstrap.parts import BOOK
from src.bootstrap.worker import expire_due, settle_left_behind
from src.embedded import Engines
from src.events.outbox import outbox_key
from src.http.middleware import Edge
from src.http.sandbox import build_sandbox
from src.http.tokens import ACCESS_LIFETIME
from src.settings import Settings
from tests.databases import BookDatabase

TIMEOUT_SECONDS = 30.0
MANY = {
    "KHATA_RATE_PER_SECOND": "100000",
    "KHATA_DOOR_EMAIL_PER_MINUTE": "10000",
    "KHATA_DOOR_ADDRESS_PER_MINUTE": "10000",
}
"""All tests come from one address, share one Redis, and log in as the same few people."""


class ShopUnderTest:
    """What a test does with a shop."""

    def __init__(
        self,
        settings: Settings,
        client: httpx.AsyncClient,
        sandbox: httpx.AsyncClient,
        parts: Parts,
        app: Edge,
    ) -> None:
        self.settings = settings
        self.client = client
        self.sandbox = sandbox
        self.parts = parts
        self.app = app
        self._tokens = tokens_of(settings)

    def bearer(self, role: str, subject: str = "asha") -> dict[str, str]:
        """Headers of somebody with this role."""
        return self.signed([role], subject=subject)

    def signed(
        self, roles: list[str], lifetime: timedelta = ACCESS_LIFETIME, subject: str = "asha"
    ) -> dict[str, str]:
        """Headers of somebody with these roles, for so long."""
        return {"Authorization": f"Bearer {self._tokens.sign(roles, subject, lifetime)}"}

    async def work(self) -> None:
        """Do once what the worker does all the time."""
        await self.parts.runner.catch_up()
        await settle_left_behind(self.parts)
        await expire_due(self.parts)
        await ErrandRounds(self.parts).round(now() + GRACE)
        await self.parts.runner.catch_up()
        await send_letters(self.parts, now)
        await self.parts.runner.catch_up()
        await finish_erasures(self.parts)
        await self.parts.analysts_runner.catch_up()

    async def notarise(self) -> None:
        """Sign the book, as the worker's notary does all the time."""
        notary = notary_of(self.settings)
        await notary.catch_up()
        await notary.close()

    async def stocked(
        self, sku: str, price: int = 10_000, units: int = 100, grams: int = 100
    ) -> str:
        """List a product with stock, and a way to ship it for 50 rupees."""
        admin = self.bearer("admin")
        listed = {
            "name": f"Product {sku}",
            "price": {"amount": price, "currency": "INR"},
            "weight_grams": grams,
        }
        await self.sent("PUT", f"/admin/products/{sku}", listed, admin)
        await self.sent("POST", f"/admin/stock/{sku}/receipts", {"quantity": units}, admin)
        rates = [{"price": {"amount": 5_000, "currency": "INR"}}]
        method = {"name": "Standard", "rates": rates}
        await self.sent("PUT", "/admin/shipping-methods/standard", method, admin)
        return sku

    async def sent(
        self, method: str, path: str, body: object, headers: dict[str, str] | None = None
    ) -> dict[str, Any]:
        """Send something that must be taken, and return the answer's body."""
        response = await self.client.request(method, path, json=body, headers=headers)
        assert response.is_success, response.text
        found: dict[str, Any] = response.json()
        return found

    async def guest_cart(self, **quantities: int) -> tuple[str, dict[str, str]]:
        """Open a guest's cart with these units (_ for - in SKUs); return it and its headers."""
        cart = await self.sent("POST", "/carts", {})
        headers = {"X-Session-Id": cart["session_id"]}
        for sku, quantity in quantities.items():
            path = f"/carts/{cart['cart_id']}/items/{sku.replace('_', '-')}"
            await self.sent("PUT", path, {"quantity": quantity}, headers)
        return cart["cart_id"], headers

    async def pay(self, razorpay_order_id: str, **wish: object) -> dict[str, Any]:
        """Pay in the sandbox; its webhooks are on their way when this returns."""
        response = await self.sandbox.post(f"/_sandbox/orders/{razorpay_order_id}/pay", json=wish)
        assert response.is_success, response.text
        found: dict[str, Any] = response.json()
        return found


def guest(email: str = "asha@example.in", **more: object) -> dict[str, object]:
    """What a guest says to place an order."""
    return {
        "email": email,
        "name": "Asha Example",
        "phone": "+919800000000",
        "shipping_address": {
            "line1": "1 Example Road",
            "city": "Bengaluru",
            "state": "Karnataka",
            "postal_code": "560001",
            "country": "IN",
        },
        **more,
    }


@pytest.fixture
async def shop(
    engines: Engines, book_database: BookDatabase, tmp_path: Path
) -> AsyncIterator[ShopUnderTest]:
    """A shop with an empty book."""
    async with opened_shop(engines, book_database, tmp_path) as opened:
        yield opened


@asynccontextmanager
async def opened_shop(
    engines: Engines,
    database: BookDatabase,
    home: Path,
    *,
    patience_seconds: float | None = None,
    **more: str,
) -> AsyncIterator[ShopUnderTest]:
    """Open a shop on a database, with its sandbox, which it may wait for less long than usual."""
    with _tcp() as api_socket, _tcp() as sandbox_socket:
        api, sandbox = _bound(api_socket), _bound(sandbox_socket)
        settings = Settings.from_environ(
            {
                "KHATA_HOME": str(home / "home"),
                "KHATA_PORT": str(api),
                "KHATA_SANDBOX_PORT": str(sandbox),
                "DATABASE_URL": database.app_url,
                "KHATA_OWNER_DATABASE_URL": database.owner_url,
                "REDIS_URL": engines.redis_url,
                **MANY,
                **more,
            }
        )
        if patience_seconds is not None:
            impatient = replace(
                settings.razorpay,
                deadline_seconds=patience_seconds,
                read_timeout_seconds=patience_seconds,
            )
            settings = replace(settings, razorpay=impatient)
        await _forget_outbox(engines)
        async with AsyncExitStack() as opening:
            await opening.enter_async_context(
                _serving(build_sandbox(settings.sandbox), sandbox_socket)
            )
            app = await opening.enter_async_context(open_api(settings))
            await opening.enter_async_context(_serving(app, api_socket, lifespan="off"))
            parts = await open_parts(settings)
            opening.push_async_callback(parts.close)
            client, control = _client(settings.api_url), _client(settings.sandbox_url)
            await opening.enter_async_context(client)
            await opening.enter_async_context(control)
            yield ShopUnderTest(settings, client, control, parts, app)


async def _forget_outbox(engines: Engines) -> None:
    """All tests of a process share one Redis, and each has a book of its own."""
    redis = Redis.from_url(engines.redis_url)
    await redis.delete(outbox_key(BOOK))
    await redis.aclose()


def _tcp() -> socket.socket:
    """A socket that says it is TCP: asyncio sets TCP_NODELAY on no other (40 ms a request)."""
    return socket.socket(proto=socket.IPPROTO_TCP)


def _bound(listener: socket.socket) -> int:
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    port: int = listener.getsockname()[1]
    return port


def _client(base_url: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=base_url, timeout=TIMEOUT_SECONDS, trust_env=False)


@asynccontextmanager
async def _serving(
    app: Any,  # noqa: ANN401  # any ASGI application
    listener: socket.socket,
    lifespan: str = "on",
) -> AsyncIterator[None]:
    config = uvicorn.Config(app, log_level="warning", lifespan=lifespan)  # type: ignore[arg-type]  # one of its literals
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await task
