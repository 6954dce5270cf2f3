"""A tiny shop behind the real edge: a counter instead of carts, and every manner there is."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import httpx
from litestar import Controller, get, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody
from litestar.response import Response
from msgspec import Struct
from prometheus_client import CollectorRegistry

from src.commands.rejections import CartIsLocked, VersionMoved
from src.http.answers import answer
from src.http.app import Parts, build_app
from src.http.fields import (
    LIMIT_DEFAULT,
    Address,
    Email,
    MoneyField,
    Name,
    Phone,
    Quantity,
    QuantityOrNone,
)
from src.http.flood import Flood
from src.http.idempotency import Idempotency, IdempotencyStore
from src.http.middleware import Edge
from src.http.parameters import CursorInQuery, LimitInQuery, SkuInPath
from src.http.refusals import ReadModelBehind
from src.http.settings import HttpSettings
from src.http.shop_request import ShopRequest
from src.http.signing_keys import SigningKeys
from src.http.storefront.settings import Storefront
from src.http.tokens import Tokens
from src.telemetry import RequestFigures
from tests.http.memory import MemoryIdempotency

NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
REACHED = 100
"""The position of the tiny shop's read model."""


class Clock:
    """A clock that only the test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def forward(self, by: timedelta) -> None:
        self.now += by


class Counter:
    """A service with an effect that can be counted."""

    def __init__(self) -> None:
        self.effects: list[tuple[UUID, bool]] = []
        self.gate: asyncio.Event | None = None
        self.broken = 0

    async def count(self, command_id: UUID, *, again: bool) -> int:
        if self.gate is not None:
            await self.gate.wait()
        self.effects.append((command_id, again))
        if self.broken:
            self.broken -= 1
            raise ZeroDivisionError("asha@example.com must not be seen")
        return len(self.effects)


class AddBody(Struct, forbid_unknown_fields=True):
    quantity: Quantity = 1
    note: Name | None = None


class SetBody(Struct, forbid_unknown_fields=True):
    quantity: QuantityOrNone


class PersonBody(Struct, forbid_unknown_fields=True):
    email: Email
    name: Name
    phone: Phone
    address: Address
    price: MoneyField


class Count(Struct):
    count: int
    actor: str
    correlation_id: UUID


class Thing(Struct):
    thing_id: str
    version: int


class Listing(Struct):
    limit: int
    cursor: str | None


class Things(Controller):
    path = "/things"
    tags: Sequence[str] = ("Carts",)

    @post(status_code=201)
    async def add(
        self,
        data: JSONBody[AddBody],  # noqa: ARG002  # that it is read is the point
        request: ShopRequest,
        counter: NamedDependency[Counter],
    ) -> Response[Count]:
        """Count once more."""
        cause = request.cause()
        count = await counter.count(cause.command_id, again=request.again)
        body = Count(count, cause.actor, cause.correlation_id)
        return answer(body, status=201, position=count, recorded_at=NOW)

    @post("/trivial", status_code=200)
    async def trivial(self, data: JSONBody[AddBody], request: ShopRequest) -> Response[Listing]:
        """Do nothing, for measuring."""
        request.cause()
        return answer(Listing(data.quantity, None), version=1, position=1)

    @post("/locked")
    async def locked(self) -> None:
        """Refuse."""
        raise CartIsLocked("checkout_1")

    @post("/person", status_code=200)
    async def person(self, data: JSONBody[PersonBody]) -> Response[int]:
        """Take everything that can be wrong."""
        return answer(data.price.money().amount)

    @get()
    async def listed(
        self,
        limit: LimitInQuery = LIMIT_DEFAULT,
        cursor: CursorInQuery = None,
    ) -> Response[Listing]:
        """List."""
        return answer(Listing(limit, cursor))

    @get("/{thing_id:str}")
    async def one(self, thing_id: SkuInPath) -> Response[Thing]:
        """Look."""
        return answer(Thing(thing_id, 7), version=7)

    @put("/{thing_id:str}")
    async def change(
        self, thing_id: SkuInPath, data: JSONBody[SetBody], request: ShopRequest
    ) -> Response[Thing]:
        """Change version 7."""
        if request.expected_version() not in (None, 7):
            raise VersionMoved(7)
        return answer(Thing(thing_id, 8), version=8, position=data.quantity)

    @get("/mine")
    async def mine(self, request: ShopRequest) -> Response[str]:
        """Customers only."""
        return answer(request.customer().customer_id)


class Closed(Controller):
    path = "/admin/things"

    @get()
    async def seen(self) -> Response[str]:
        """Operators only."""
        return answer("seen")


class Webhooks(Controller):
    path = "/webhooks/razorpay"

    @post(status_code=200)
    async def take(self, request: ShopRequest) -> Response[int]:
        """Take any bytes."""
        return answer(len(request.raw))


class Shop:
    """The tiny shop, its parts, and a client for it."""

    def __init__(
        self,
        directory: Path,
        store: IdempotencyStore | None = None,
        settings: HttpSettings | None = None,
        storefront: Storefront | None = None,
        flood: Flood | None = None,
    ) -> None:
        self.storefront = storefront
        self.clock = Clock()
        self.counter = Counter()
        self.settings = settings or HttpSettings(access_log=False)
        self.keys = SigningKeys(directory / "keys")
        self.tokens = Tokens(self.keys, self.settings.issuer, self.settings.audience, self.clock)
        self.store = store or MemoryIdempotency(self.clock)
        self.figures = RequestFigures(CollectorRegistry())
        usual = self.settings.rate_per_second
        self.flood = flood or Flood(None, lambda: self.clock().timestamp(), usual)
        self.app: Edge = build_app(self._parts())

    def _parts(self) -> Parts:
        return Parts(
            settings=self.settings,
            version="0.1.0",
            controllers=[Things, Closed, Webhooks],
            services={"counter": self.counter},
            tokens=self.tokens,
            idempotency=Idempotency(self.store, b"k" * 32, nonce),
            flood=self.flood,
            figures=self.figures,
            wait_until=reached,
            new_id=uuid4,
            storefront=self.storefront,
        )

    def client(self, **headers: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://shop", headers=headers)

    def bearer(self, role: str, subject: str = "s1") -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens.sign([role], subject)}"}


async def reached(position: int, _path: str) -> None:
    if position > REACHED:
        raise ReadModelBehind


def nonce(length: int) -> bytes:
    return uuid4().bytes[:length]
