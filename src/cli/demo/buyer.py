"""Somebody with a cart: a guest with a secret, or a customer with a token."""

from collections.abc import Mapping

from src.cli.demo.polling import SEEN_SECONDS_MAX, seen
from src.cli.demo.shop import Answer, Json, Shop

ORDERED, GONE = "ORDER_CREATED", 410
ADDRESS = {
    "line1": "12 Mango Lane",
    "city": "Bengaluru",
    "state": "Karnataka",
    "postal_code": "560001",
    "country": "IN",
}


class Buyer:
    """One cart and whoever pushes it."""

    def __init__(self, shop: Shop, cart_id: str, who: Mapping[str, str], wish: Json) -> None:
        self.shop = shop
        self.cart_id = cart_id
        self.who = who
        self._wish = wish

    @classmethod
    async def guest(cls, shop: Shop, name: str) -> "Buyer":
        """Open a cart as a guest."""
        cart = await shop.post("/carts", {})
        wish: Json = {
            "name": name,
            "email": f"{name.lower()}@example.in",
            "phone": "+919800000000",
            "shipping_address": ADDRESS,
        }
        return cls(shop, cart["cart_id"], {"X-Session-Id": cart["session_id"]}, wish)

    @classmethod
    async def customer(cls, shop: Shop, token: str, address_id: str) -> "Buyer":
        """Open a cart as a customer, who sends parcels to an address that is kept."""
        who = {"Authorization": f"Bearer {token}"}
        cart = await shop.post("/carts", {}, who)
        return cls(shop, cart["cart_id"], who, {"shipping_address_id": address_id})

    async def take(self, sku: str, quantity: int) -> Json:
        path = f"/carts/{self.cart_id}/items/{sku}"
        return await self.shop.put(path, {"quantity": quantity}, self.who)

    async def cart(self) -> Json:
        return await self.shop.get(f"/carts/{self.cart_id}", self.who)

    async def try_start(self) -> Answer:
        """Start a checkout, and take a no for an answer."""
        return await self.shop.ask("POST", "/checkout", {"cart_id": self.cart_id}, self.who)

    async def start(self) -> Json:
        return await self.shop.post("/checkout", {"cart_id": self.cart_id}, self.who)

    async def intend(self, session_id: str) -> Json:
        """Ask for the payment intent and return it."""
        wish = {"checkout_session_id": session_id, **self._wish}
        answered = await self.shop.post("/orders", wish, self.who)
        intent: Json = answered["payment_intent"]
        return intent

    async def cancel(self, session_id: str) -> Json:
        return await self.shop.post(f"/checkout/{session_id}/cancel", {}, self.who)

    async def look(self, session_id: str) -> Answer:
        return await self.shop.ask("GET", f"/checkout/{session_id}", None, self.who)

    async def order(self, order_id: str) -> Json:
        return await self.shop.get(f"/orders/{order_id}", self.who)

    async def states(self, order_id: str) -> list[str]:
        """Return the names of an order's facts, oldest first."""
        told = await self.shop.get(f"/orders/{order_id}/timeline", self.who)
        return [moment["event"] for moment in told["items"]]

    async def until_ordered(self, session_id: str) -> Json:
        """Wait until a session is an order."""

        async def look() -> Json | None:
            answer = await self.look(session_id)
            return answer.body if answer.body.get("state") == ORDERED else None

        return await seen("the order", look)

    async def until_ended(self, session_id: str) -> Json:
        """Wait until a session fell back to the cart."""

        async def look() -> Json | None:
            answer = await self.look(session_id)
            return answer.body if answer.body.get("ended") else None

        return await seen("the end of the session", look)

    async def until_expired(self, session_id: str, seconds_max: float = SEEN_SECONDS_MAX) -> Json:
        """Wait until a session is over."""

        async def look() -> Json | None:
            answer = await self.look(session_id)
            return answer.body if answer.status == GONE else None

        return await seen("the expiry of the session", look, seconds_max)
