"""The shop as the stories see it: its API, its back office, and Razorpay's sandbox."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from msgspec import Struct
from redis.asyncio import Redis

from src.cli.demo.polling import SEEN_SECONDS_MAX, seen
from src.cli.demo.throw_away import ThrowAwayShop

REQUEST_SECONDS_MAX = 30.0
OK, CREATED, NOT_FOUND, SUCCESS_END = 200, 201, 404, 300
GIVEN_BACK = "RefundProcessed"
Json = dict[str, Any]


class RefusedError(Exception):
    """The shop said no where the story expected a yes."""


class Answer(Struct, frozen=True):
    """A status and a body."""

    status: int
    body: Json


class Stock(Struct, frozen=True):
    """`GET /admin/stock/{sku}`."""

    received: int
    reserved: int
    committed: int
    available: int

    def __repr__(self) -> str:
        return (
            f"{self.received} received, {self.reserved} reserved, "
            f"{self.committed} sold, {self.available} available"
        )


class Shop:
    """Calls, and nothing that decides anything."""

    def __init__(self, place: ThrowAwayShop, http: aiohttp.ClientSession, redis: Redis) -> None:
        self._place = place
        self._http = http
        self._redis = redis

    async def ask(
        self, method: str, path: str, body: object = None, who: Mapping[str, str] | None = None
    ) -> Answer:
        """Call the API and return whatever it says."""
        return await self._call(method, self._place.api_url + path, body, who)

    async def get(self, path: str, who: Mapping[str, str] | None = None) -> Json:
        return self._taken(path, await self.ask("GET", path, None, who))

    async def put(self, path: str, body: object, who: Mapping[str, str] | None = None) -> Json:
        return self._taken(path, await self.ask("PUT", path, body, who))

    async def post(self, path: str, body: object, who: Mapping[str, str] | None = None) -> Json:
        return self._taken(path, await self.ask("POST", path, body, who))

    async def sandbox(self, method: str, path: str, body: object = None) -> Json:
        """Tell the sandbox what customers, banks and the network do."""
        url = f"{self._place.sandbox_url}/_sandbox{path}"
        return self._taken(path, await self._call(method, url, body, None))

    async def pay(self, intent: Json, **wish: object) -> str:
        """Pay in the sandbox and return the payment's id; its webhooks are under way."""
        paid = await self.sandbox("POST", f"/orders/{intent['id']}/pay", wish)
        return str(paid["razorpay_payment_id"])

    @property
    def staff(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self._place.staff_token}"}

    async def list_product(self, sku: str, name: str, paise: int, units: int) -> str:
        """Put something on the shelf."""
        price = {"amount": paise, "currency": "INR"}
        wish = {"name": name, "price": price, "weight_grams": 250}
        await self.put(f"/admin/products/{sku}", wish, self.staff)
        await self.post(f"/admin/stock/{sku}/receipts", {"quantity": units}, self.staff)
        return sku

    async def stock(self, sku: str) -> Stock:
        told = await self.get(f"/admin/stock/{sku}", self.staff)
        return Stock(*(told[field] for field in Stock.__struct_fields__))

    async def orders_of(self, *carts: str) -> list[Json]:
        """Return the orders of these carts, as the back office lists them."""
        listed = await self._all("/admin/orders")
        return [order for order in listed if order["cart_id"] in carts]

    async def cases_of(self, *intents: Json) -> list[Json]:
        """Return the cases about these payment intents."""
        about = {intent["id"] for intent in intents}
        listed = await self._all("/admin/cases")
        return [case for case in listed if case["razorpay_order_id"] in about]

    async def until_delivered(self, intent: Json, each: int = 1) -> list[Json]:
        """Wait until every webhook about an intent was delivered so many times; return them."""

        async def look() -> list[Json] | None:
            told = await self.sandbox("GET", f"/webhooks?of={intent['id']}")
            items: list[Json] = told["items"]
            done = all(
                sum(attempt["status"] == OK for attempt in item["attempts"]) >= each
                for item in items
            )
            return items if items and done else None

        return await seen("the delivery of the webhooks", look, SEEN_SECONDS_MAX)

    async def facts_of(self, intent: Json) -> list[str]:
        """Return the names of what the book says about a Razorpay order, oldest first."""
        told = await self.ask("GET", f"/audit/streams/payment-{intent['id']}", None, self.staff)
        return [fact["type"] for fact in told.body.get("items", [])]

    async def until_given_back(self, intent: Json) -> list[str]:
        """Wait until money of a Razorpay order went back; return the names of all its facts."""

        async def look() -> list[str] | None:
            facts = await self.facts_of(intent)
            return facts if GIVEN_BACK in facts else None

        return await seen("the refund", look)

    async def is_at_hand(self, session_id: str) -> bool:
        """Whether Redis has a session."""
        return bool(await self._redis.exists(f"checkout:session:{session_id}"))

    async def empty_redis(self) -> None:
        """FLUSHALL, as somebody in a hurry would."""
        await self._redis.flushall()  # pyright: ignore[reportUnknownMemberType]  # redis-py types no options

    async def _all(self, path: str) -> list[Json]:
        """Return what a list of the back office has on all of its pages."""
        found: list[Json] = []
        page = await self.get(f"{path}?limit=100", self.staff)
        while True:
            found += page["items"]
            if page["next_cursor"] is None:
                return found
            page = await self.get(f"{path}?limit=100&cursor={page['next_cursor']}", self.staff)

    async def _call(
        self, method: str, url: str, body: object, who: Mapping[str, str] | None
    ) -> Answer:
        async with self._http.request(method, url, json=body, headers=who) as answer:
            return Answer(answer.status, await answer.json(content_type=None))

    @staticmethod
    def _taken(path: str, answer: Answer) -> Json:
        if answer.status >= SUCCESS_END:
            raise RefusedError(f"{path} answered {answer.status}: {answer.body}")
        return answer.body


@asynccontextmanager
async def visited(place: ThrowAwayShop) -> AsyncGenerator[Shop, None]:
    """Open the connections to a shop."""
    timeout = aiohttp.ClientTimeout(total=REQUEST_SECONDS_MAX)
    async with (
        aiohttp.ClientSession(timeout=timeout) as http,
        Redis.from_url(place.redis_url) as redis,  # pyright: ignore[reportUnknownMemberType]  # redis-py types no options
    ):
        yield Shop(place, http, redis)
