"""Everybody who can stand before the shop's doors, and what is whose.

A guest and a customer have each bought something and own it: their cart, its
checkout session and order, an address. Another guest and another customer have
things of their own, which are nobody's business either.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from msgspec import Struct

from src.http.page_files import page_files
from tests.accounts import bearer, opened
from tests.http.test_back_office import UNREADABLE, delivered
from tests.shop import ShopUnderTest, guest

THEIRS = ("cart_id", "checkout_session_id", "order_id", "address_id", "order_number")
"""Names of what belongs to one shopper."""
NEVER = {name: f"{name.partition('_')[0]}_neverwas" for name in THEIRS}
"""The same, of things that never were."""

GUEST, CUSTOMER = "guest, owner", "customer, owner"
WITHOUT_TOKEN = ("nobody", "guest, garbage", "guest, other", GUEST)
WITH_TOKEN = ("customer, other", CUSTOMER, "erased", "operator", "analyst", "auditor", "admin")
TURNED_AWAY = ("mixed roles", "expired")
WHOS = (*WITHOUT_TOKEN, *WITH_TOKEN, *TURNED_AWAY)

Headers = dict[str, str]


class Owner(Struct, frozen=True):
    """Somebody with an order: how they call, and what is theirs."""

    headers: Headers
    email: str
    things: dict[str, str]
    callback: dict[str, str]
    """What checkout.js hands over once it is paid."""


class Cast(Struct, frozen=True):
    """Everybody by name, and what the shop itself has."""

    headers: Mapping[str, Headers]
    owners: Mapping[str, Owner]
    """The guest and the customer who own something, and another of each."""
    known: Mapping[str, str]
    """Path and query parameters of what belongs to nobody in particular."""

    def owner_for(self, who: str) -> Owner:
        """Return whose things somebody asks for: a customer's, or else a guest's."""
        return self.owners[CUSTOMER if who.startswith(("customer", "erased")) else GUEST]

    def given(self, who: str) -> dict[str, str]:
        """Return every parameter for somebody's request."""
        return {**self.known, **self.owner_for(who).things}


async def assembled(shop: ShopUnderTest) -> Cast:
    """Let everybody come, buy, and be known."""
    await shop.stocked("CHAI-250")
    admin = shop.bearer("admin")
    await shop.sent("PUT", "/admin/coupons/standard", {"kind": "percent", "value": 10}, admin)
    owners = {
        GUEST: await _guest(shop, "asha@example.in"),
        "guest, other": await _guest(shop, "meera@example.in"),
        CUSTOMER: await _customer(shop, "ravi@example.com"),
        "customer, other": await _customer(shop, "kiran@example.com"),
    }
    webhook = await delivered(shop, UNREADABLE)
    await shop.sent("POST", f"/admin/webhooks/{webhook}/replay", {}, admin)
    headers = {
        "nobody": {},
        "guest, garbage": {"X-Session-Id": "'; --" + "s" * 40},
        **{who: owner.headers for who, owner in owners.items()},
        "erased": await _erased(shop),
        **{role: shop.bearer(role) for role in ("operator", "analyst", "auditor", "admin")},
        "mixed roles": shop.signed(["customer", "operator", "admin"]),
        "expired": shop.signed(["admin"], timedelta(seconds=-60)),
    }
    await shop.work()
    await shop.notarise()
    return Cast(headers, owners, {**await _known(shop, admin), "webhook_id": webhook})


async def _known(shop: ShopUnderTest, admin: Headers) -> dict[str, str]:
    cases = await shop.client.get("/admin/cases", headers=admin)
    payments = await shop.client.get("/admin/payments", headers=admin)
    signed = await shop.client.get("/audit/checkpoints/latest", headers=admin)
    page = (await shop.client.get("/")).text
    _, wanted, name = page[page.index("/shop/") :].partition('"')[0].lstrip("/").split("/")
    return {
        "sku": "CHAI-250",
        "code": "standard",
        "razorpay_payment_id": payments.json()["items"][0]["razorpay_payment_id"],
        "case_id": cases.json()["items"][0]["case_id"],
        "postal_code": "560001",
        "position": "1",
        "older": str(signed.json()["size"]),
        "stream": "stock-CHAI-250",
        "wanted": wanted,
        "name": name,
        "stamp": page_files("src.http.console", without="html").stamp,
        "file": "console.css",
        "chart": "sales.svg",
    }


async def _guest(shop: ShopUnderTest, email: str) -> Owner:
    cart = await shop.sent("POST", "/carts", {})
    headers = {"X-Session-Id": cart["session_id"]}
    return await _bought(shop, headers, email, cart["cart_id"])


async def _customer(shop: ShopUnderTest, email: str) -> Owner:
    headers = bearer(await opened(shop, email))
    cart = await shop.sent("POST", "/carts", {}, headers)
    owner = await _bought(shop, headers, email, cart["cart_id"])
    place = guest()["shipping_address"]
    kept = await shop.sent("POST", "/customers/me/addresses", place, headers)
    owner.things["address_id"] = kept["address_id"]
    return owner


async def _erased(shop: ShopUnderTest) -> Headers:
    headers = bearer(await opened(shop, "erased@example.com"))
    gone = await shop.client.delete("/customers/me", headers=headers)
    assert gone.is_success, gone.text
    return headers


async def _bought(shop: ShopUnderTest, headers: Headers, email: str, cart_id: str) -> Owner:
    """Fill the cart and pay; the order is there when this returns."""
    await shop.sent("PUT", f"/carts/{cart_id}/items/CHAI-250", {"quantity": 1}, headers)
    wish = {"cart_id": cart_id, **guest(email)}
    intended = await shop.sent("POST", "/orders", wish, headers)
    paid = await shop.pay(intended["payment_intent"]["id"], deliver=False)
    callback = {name: paid[name] for name in paid if name.startswith("razorpay_")}
    session: dict[str, Any] = await shop.sent(
        "POST", "/payments/razorpay/verify", callback, headers
    )
    things = {**NEVER, **{name: session[name] for name in THEIRS if name in session}}
    return Owner(headers, email, things, callback)
