"""Whatever is wrong with a request, the answer says what to do, and nothing stops for it."""

from typing import Any

import pytest
from msgspec import Struct

from tests.journeys.buyers import (
    Buyer,
    all_projections_stand_at_the_head,
    ok,
    refused,
    stock_of,
)
from tests.shop import ShopUnderTest, guest

pytestmark = pytest.mark.anyio

HUGE = 2**70
ADDRESS: dict[str, Any] = dict(guest()["shipping_address"])  # type: ignore[call-overload]  # it is one


class Bad(Struct, frozen=True):
    """A request that is wrong, and the refusal it deserves. `{cart}` and `{other}` are carts."""

    name: str
    method: str
    path: str
    status: int
    code: str
    body: object = None
    raw: bytes | None = None
    headers: dict[str, str] = {}
    anonymous: bool = False


ITEM = "/carts/{cart}/items/BAD"
V = (422, "validation")
QUANTITIES: list[object] = [-1, 1_000, HUGE, -HUGE, 1.5, "1", True, None, [], {"a": 1}]
TEXTS: list[object] = ["\x00", "a\x00b", 7, None, [], "x" * 10_000]

CASES = [
    Bad("unknown sku", "PUT", "/carts/{cart}/items/NEVER", 404, "not-found", {"quantity": 1}),
    Bad("sku of nul", "PUT", "/carts/{cart}/items/%00", *V, {"quantity": 1}),
    Bad("sku of blanks", "PUT", "/carts/{cart}/items/%20", *V, {"quantity": 1}),
    Bad("endless sku", "PUT", "/carts/{cart}/items/" + "X" * 65, *V, {"quantity": 1}),
    *(Bad(f"quantity {q!r}", "PUT", ITEM, *V, {"quantity": q}) for q in QUANTITIES),
    Bad("no quantity", "PUT", ITEM, *V, {}),
    Bad("unknown field", "PUT", ITEM, *V, {"quantity": 1, "colour": "red"}),
    Bad("nul as a name", "PUT", ITEM, *V, {"quantity": 1, "\x00": 1}),
    Bad("malformed", "PUT", ITEM, 400, "malformed-json", raw=b'{"quantity": 1'),
    Bad("not utf-8", "PUT", ITEM, 400, "malformed-json", raw=b'{"quantity": "\xff"}'),
    Bad("nested", "PUT", ITEM, 400, "malformed-json", raw=b"[" * 60_000),
    Bad("digits", "PUT", ITEM, *V, raw=b'{"quantity": ' + b"9" * 5_000 + b"}"),
    Bad("a list", "PUT", ITEM, *V, []),
    Bad("xml", "PUT", ITEM, 415, "unsupported-media-type", raw=b"<a/>",
        headers={"content-type": "application/xml"}),
    Bad("oversize", "PUT", ITEM, 413, "body-too-large", raw=b" " * 3_000_000),
    Bad("weak if-match", "PUT", ITEM, 412, "version-moved", {"quantity": 1},
        headers={"if-match": '"999-abc"'}),
    Bad("no session header", "GET", "/carts/{cart}", 401, "unauthenticated", anonymous=True),
    Bad("other's cart", "GET", "/carts/{other}", 404, "not-found"),
    Bad("other's item", "PUT", "/carts/{other}/items/BAD", 404, "not-found", {"quantity": 1}),
    Bad("other's checkout", "POST", "/checkout", 404, "not-found", {"cart_id": "{other}"}),
    Bad("other's order", "POST", "/orders", 404, "not-found", {"cart_id": "{other}", **guest()}),
    Bad("no such cart", "GET", "/carts/cart_nothing", 404, "not-found"),
    Bad("no such session", "GET", "/checkout/cs_nothing", 404, "not-found"),
    Bad("no such order", "GET", "/orders/ord_nothing", 404, "not-found"),
    Bad("nul in a path", "GET", "/orders/%00", *V),
    Bad("nul in a query", "GET", "/products?cursor=%00", *V),
    Bad("empty cart", "POST", "/checkout", 422, "cart-empty", {"cart_id": "{empty}"}),
    Bad("unknown coupon", "PUT", "/carts/{cart}/coupon", 422, "coupon-not-applicable",
        {"code": "NEVER"}),
    *(Bad(f"coupon {t!r:.9}", "PUT", "/carts/{cart}/coupon", *V, {"code": t}) for t in TEXTS),
    *(Bad(f"cart id {t!r:.9}", "POST", "/checkout", *V, {"cart_id": t}) for t in TEXTS),
    *(
        Bad(f"postal code {p!r:.9}", "POST", "/checkout", *V,
            {"cart_id": "{cart}", "postal_code": p})
        for p in (*TEXTS[:2], "1", "!", 560001, "5" * 13)
    ),
    *(
        Bad(f"expected {e!r:.30}", "POST", "/checkout", *V,
            {"cart_id": "{cart}", "expected_total": e})
        for e in (
            7, {}, {"amount": HUGE, "currency": "INR"}, {"amount": 1.5, "currency": "INR"},
            {"amount": -1, "currency": "INR"}, {"amount": 1, "currency": "rupees"},
            {"amount": 1}, {"amount": 1, "currency": "I\x00R"},
        )
    ),
    Bad("other currency expected", "POST", "/checkout", 409, "total-changed",
        {"cart_id": "{cart}", "expected_total": {"amount": 10_000, "currency": "USD"}}),
    *(
        Bad(f"no {name}", "POST", "/orders", *V,
            {"cart_id": "{cart}", **{k: v for k, v in guest().items() if k != name}})
        for name in guest()
    ),
    *(
        Bad(f"email {e!r:.9}", "POST", "/orders", *V, {"cart_id": "{cart}", **guest(), "email": e})
        for e in (*TEXTS, "no-at", "a@b", "a b@c.in", "@c.in", "a@" + "b" * 300 + ".in")
    ),
    *(
        Bad(f"phone {p!r:.9}", "POST", "/orders", *V, {"cart_id": "{cart}", **guest(), "phone": p})
        for p in (*TEXTS, "abc", "1", "+" * 9)
    ),
    *(
        Bad(f"{name} {t!r:.9}", "POST", "/orders", *V,
            {"cart_id": "{cart}", **guest(), "shipping_address": {**ADDRESS, name: t}})
        for name in ("line1", "city", "state", "postal_code", "country")
        for t in TEXTS
    ),
    Bad("bad pin", "POST", "/orders", *V, {"cart_id": "{cart}", **guest(),
        "shipping_address": {**ADDRESS, "postal_code": "056001"}}),
    Bad("abroad", "POST", "/orders", 422, "shipping-not-available", {"cart_id": "{cart}",
        **guest(), "shipping_address": {**ADDRESS, "country": "US", "postal_code": "94107"}}),
    Bad("neither cart nor session", "POST", "/orders", *V, guest()),
    Bad("cart and session", "POST", "/orders", *V,
        {"cart_id": "{cart}", "checkout_session_id": "cs_1", **guest()}),
    Bad("a guest's kept address", "POST", "/orders", *V,
        {"cart_id": "{cart}", **guest(), "shipping_address_id": "addr_1"}),
    Bad("callback of nobody", "POST", "/payments/razorpay/verify", 404, "not-found",
        {"razorpay_order_id": "order_" + "A" * 14, "razorpay_payment_id": "pay_" + "A" * 14,
         "razorpay_signature": "0" * 64}),
    Bad("callback of nonsense", "POST", "/payments/razorpay/verify", *V,
        {"razorpay_order_id": "\x00", "razorpay_payment_id": 1, "razorpay_signature": ""}),
    Bad("orders of a guest", "GET", "/orders", 401, "unauthenticated"),
    Bad("bad token", "GET", "/orders", 401, "unauthenticated",
        headers={"authorization": "Bearer nonsense"}),
    Bad("basic", "GET", "/orders", 401, "unauthenticated", headers={"authorization": "Basic x"}),
    Bad("limit 0", "GET", "/products?limit=0", *V),
    Bad("limit 101", "GET", "/products?limit=101", *V),
    Bad("limit of 70 bits", "GET", f"/products?limit={HUGE}", *V),
    Bad("limit x", "GET", "/products?limit=x", *V),
    Bad("a made-up cursor", "GET", "/products?cursor=abc", *V),
    Bad("big headers", "GET", "/products", 431, "headers-too-large", headers={"x": "y" * 17_000}),
    Bad("no such place", "GET", "/nowhere", 404, "not-found"),
    Bad("wrong method", "PUT", "/products", 405, "method-not-allowed", {}),
    Bad("admin anonymously", "GET", "/admin/cases", 401, "unauthenticated", anonymous=True),
    Bad("admin nowhere", "GET", "/admin/nowhere", 401, "unauthenticated", anonymous=True),
    Bad("audit nowhere", "GET", "/audit/nowhere", 401, "unauthenticated", anonymous=True),
    Bad("a key of nul", "POST", "/carts", *V, {}, headers={"idempotency-key": "a b"}),
    Bad("other currency of stock", "GET", "/shipping-methods?cart_id={cart}&postal_code=!", *V),
]  # fmt: skip


class Carts(Struct, frozen=True):
    """What the placeholders stand for."""

    buyer: Buyer
    names: dict[str, str]

    def filled(self, value: Any) -> Any:  # noqa: ANN401  # any part of a request
        if isinstance(value, str):
            for name, cart in self.names.items():
                value = value.replace("{" + name + "}", cart)
            return value
        if isinstance(value, dict):
            return {key: self.filled(each) for key, each in value.items()}
        return value


async def carts(shop: ShopUnderTest, which: str) -> Carts:
    buyer, other = await Buyer.guest(shop, BAD=1), await Buyer.guest(shop, BAD=1)
    names = {"cart": buyer.cart_id, "other": other.cart_id}
    if "{empty}" in which:
        buyer = await Buyer.guest(shop)
        names["empty"] = buyer.cart_id
    return Carts(buyer, names)


async def test_everything_bad_is_a_problem_that_names_it(shop: ShopUnderTest) -> None:
    await shop.stocked("BAD", units=100)
    wrong: list[str] = []
    for case in CASES:
        made = await carts(shop, repr(case.body))
        headers = {} if case.anonymous else made.buyer.headers
        answer = await shop.client.request(
            case.method,
            made.filled(case.path),
            json=made.filled(case.body) if case.raw is None and case.body is not None else None,
            content=case.raw,
            headers={**headers, **({"content-type": "application/json"} if case.raw else {}),
                     **case.headers},
        )  # fmt: skip
        try:
            refused(answer, case.status, case.code)
        except (AssertionError, ValueError) as failure:
            wrong.append(f"{case.name}: {str(failure)[:300]}")
    assert not wrong, "\n".join(wrong)
    assert await stock_of(shop, "BAD") == (0, 0, 100)
    await all_projections_stand_at_the_head(shop)


ADMIN_CASES: list[tuple[str, str, object]] = [
    ("PUT", "/admin/products/%00", {"name": "x", "price": {"amount": 1, "currency": "INR"}}),
    ("PUT", "/admin/products/P", {"name": "\x00", "price": {"amount": 1, "currency": "INR"}}),
    ("PUT", "/admin/products/P", {"name": "x", "price": {"amount": HUGE, "currency": "INR"}}),
    ("PUT", "/admin/products/P", {"name": "x", "price": {"amount": -1, "currency": "INR"}}),
    ("PUT", "/admin/products/P", {"name": "x", "price": {"amount": 1, "currency": "XXQ"}}),
    ("PUT", "/admin/products/P", {"name": "x", "price": 5}),
    ("POST", "/admin/stock/BAD/receipts", {"quantity": 0}),
    ("POST", "/admin/stock/BAD/receipts", {"quantity": HUGE}),
    ("POST", "/admin/stock/BAD/adjustments", {"delta": -HUGE, "reason": "x"}),
    ("POST", "/admin/stock/BAD/adjustments", {"delta": 1, "reason": "\x00"}),
    ("PUT", "/admin/coupons/C", {"kind": "percent", "value": 101}),
    ("PUT", "/admin/coupons/C", {"kind": "percent", "value": -1}),
    ("PUT", "/admin/coupons/C", {"kind": "lottery", "value": 1}),
    ("PUT", "/admin/coupons/C", {"kind": "fixed", "value": HUGE}),
    ("PUT", "/admin/coupons/C", {"kind": "fixed", "value": 1, "starts_at": "yesterday"}),
    ("PUT", "/admin/coupons/C", {"kind": "fixed", "value": 1, "limit_total": 0}),
    ("PUT", "/admin/shipping-methods/S", {"name": "x", "rates": "none"}),
    ("PUT", "/admin/shipping-methods/S", {"name": "x", "rates": [{"price": 1}]}),
    ("GET", f"/admin/orders?cursor={'x' * 600}", None),
    ("GET", "/admin/orders?placed_from=never", None),
    ("GET", "/admin/cases?limit=x", None),
    ("GET", "/admin/webhooks?limit=-1", None),
]


async def test_staff_are_told_what_is_wrong_as_well(shop: ShopUnderTest) -> None:
    await shop.stocked("BAD", units=100)
    admin, wrong = shop.bearer("admin"), list[str]()
    for method, path, body in ADMIN_CASES:
        answer = await shop.client.request(method, path, json=body, headers=admin)
        if answer.status_code != 422:
            wrong.append(f"{method} {path} {body}: {answer.status_code} {answer.text[:200]}")
    assert not wrong, "\n".join(wrong)
    for path in ("/admin/orders/n", "/admin/webhooks/n", "/admin/stock/NEVER", "/admin/nowhere"):
        refused(await shop.client.get(path, headers=admin), 404, "not-found")
    await all_projections_stand_at_the_head(shop)


async def test_extreme_but_allowed_values_stop_no_projection(shop: ShopUnderTest) -> None:
    admin = shop.bearer("admin")
    odd = {"name": "\U0001f375 \u202echai\u2028 \ufffd " + "é" * 150}
    dear = {**odd, "price": {"amount": 10**9, "currency": "INR"}, "weight_grams": 10**7}
    await shop.sent("PUT", "/admin/products/EXTREME", dear, admin)
    for _ in range(3):
        await shop.sent("POST", "/admin/stock/EXTREME/receipts", {"quantity": 10**9}, admin)
    rates = [{"price": {"amount": 5_000, "currency": "INR"}}]
    method = {"name": "Standard", "rates": rates}
    await shop.sent("PUT", "/admin/shipping-methods/standard", method, admin)
    buyer = await Buyer.guest(shop, EXTREME=999)
    buyer.who["name"] = odd["name"]
    answer = await buyer.order()
    assert answer.status_code < 500 or answer.json()["code"] == "payment-provider-refused"
    ok(await buyer.ask("GET", f"/carts/{buyer.cart_id}"))
    await all_projections_stand_at_the_head(shop)
