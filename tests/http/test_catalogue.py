"""What is for sale and how it travels: what staff sets, and what shoppers then see."""

import pytest

from tests.databases import connected
from tests.shop import ShopUnderTest, shop

__all__ = ["shop"]

pytestmark = pytest.mark.anyio

PRICE = {"amount": 24_900, "currency": "INR"}
CHAI = {"name": "Masala chai, 250 g", "price": PRICE}
RUPEES_50 = {"amount": 5_000, "currency": "INR"}
DOLLARS = {"amount": 5_000, "currency": "USD"}
STANDARD = {"name": "Standard", "rates": [{"price": RUPEES_50}]}

WRITES = [
    ("PUT", "/admin/products/CHAI", CHAI),
    ("POST", "/admin/stock/CHAI/receipts", {"quantity": 1}),
    ("POST", "/admin/stock/CHAI/adjustments", {"delta": 1, "reason": "found one"}),
    ("PUT", "/admin/coupons/DIWALI", {"kind": "percent", "value": 10}),
    ("PUT", "/admin/shipping-methods/standard", STANDARD),
]


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
async def test_the_catalogue_is_401_to_strangers_and_403_to_other_roles(
    shop: ShopUnderTest, method: str, path: str, body: object
) -> None:
    whos = [{}, {"X-Session-Id": "s"}, *map(shop.bearer, ("customer", "analyst", "auditor"))]
    answers = [
        await shop.client.request(method, path, json=body, headers=headers) for headers in whos
    ]
    assert [answer.status_code for answer in answers] == [401, 401, 403, 403, 403]
    assert await shop.parts.book.head() == 0


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("PUT", "/admin/products/CHAI", {"name": "Chai"}, "price"),
        ("PUT", "/admin/products/CHAI", {**CHAI, "price": DOLLARS}, "price.currency"),
        ("PUT", "/admin/products/CHAI", {**CHAI, "price": {**PRICE, "amount": -1}}, "price.amount"),
        ("PUT", "/admin/products/CHAI", {**CHAI, "colour": "brown"}, "colour"),
        ("POST", "/admin/stock/CHAI/receipts", {"quantity": 0}, "quantity"),
        ("POST", "/admin/stock/CHAI/receipts", {"quantity": 10**10}, "quantity"),
        ("POST", "/admin/stock/CHAI/adjustments", {"delta": 0, "reason": "none"}, "delta"),
        ("POST", "/admin/stock/CHAI/adjustments", {"delta": -1}, "reason"),
        ("PUT", "/admin/coupons/C", {"kind": "percent", "value": 101}, "value"),
        ("PUT", "/admin/coupons/C", {"kind": "percent"}, "value"),
        ("PUT", "/admin/coupons/C", {"kind": "fixed", "value": 0}, "value"),
        ("PUT", "/admin/coupons/C", {"kind": "half"}, "kind"),
        (
            "PUT",
            "/admin/coupons/C",
            {
                "kind": "free_shipping",
                "starts_at": "2026-02-01T00:00:00Z",
                "ends_at": "2026-02-01T05:30:00+05:30",
            },
            "ends_at",
        ),
        (
            "PUT",
            "/admin/coupons/C",
            {"kind": "free_shipping", "starts_at": "0001-01-01T00:00:00+14:00"},
            "starts_at",
        ),
        (
            "PUT",
            "/admin/coupons/C",
            {"kind": "fixed", "value": 1, "minimum_subtotal": DOLLARS},
            "minimum_subtotal.currency",
        ),
        ("PUT", "/admin/shipping-methods/m", {"name": "M", "rates": []}, "rates"),
        (
            "PUT",
            "/admin/shipping-methods/m",
            {"name": "M", "rates": [{"price": DOLLARS}]},
            "rates.0.price.currency",
        ),
        (
            "PUT",
            "/admin/shipping-methods/m",
            {
                "name": "M",
                "rates": [{"price": PRICE, "min_weight_grams": 2, "max_weight_grams": 1}],
            },
            "rates.0.max_weight_grams",
        ),
    ],
)
async def test_what_is_not_valid_is_422_with_its_field(
    shop: ShopUnderTest, method: str, path: str, body: object, field: str
) -> None:
    answer = await shop.client.request(method, path, json=body, headers=shop.bearer("operator"))
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert await shop.parts.book.head() == 0


@pytest.mark.parametrize(
    "path", ["/products/NONE", "/admin/stock/NONE", "/admin/coupons/N", "/admin/shipping-methods/n"]
)
async def test_what_was_never_listed_is_404(shop: ShopUnderTest, path: str) -> None:
    answer = await shop.client.get(path, headers=shop.bearer("admin"))
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


async def test_units_of_a_product_that_was_never_listed_are_404(shop: ShopUnderTest) -> None:
    for path, body in (
        ("receipts", {"quantity": 1}),
        ("adjustments", {"delta": 1, "reason": "found"}),
    ):
        answer = await shop.client.post(
            f"/admin/stock/NONE/{path}", json=body, headers=shop.bearer("admin")
        )
        assert answer.status_code == 404


async def test_a_product_is_201_when_new_and_200_afterwards(shop: ShopUnderTest) -> None:
    staff = shop.bearer("operator")
    first = await shop.client.put("/admin/products/CHAI", json=CHAI, headers=staff)
    same = await shop.client.put("/admin/products/CHAI", json=CHAI, headers=staff)
    assert [first.status_code, same.status_code] == [201, 200]
    assert first.json() == {"sku": "CHAI", **CHAI, "weight_grams": 0, "available": 0}
    assert await shop.parts.book.head() == 1
    seen = await shop.client.get("/products/CHAI")
    assert seen.json() == first.json()
    assert seen.headers["etag"] == first.headers["etag"]


async def test_a_product_that_somebody_revised_is_412(shop: ShopUnderTest) -> None:
    staff = shop.bearer("operator")
    first = await shop.client.put("/admin/products/CHAI", json=CHAI, headers=staff)
    guarded = {**staff, "If-Match": first.headers["etag"]}
    for expected in (200, 412):
        revised = {**CHAI, "weight_grams": expected}
        answer = await shop.client.put("/admin/products/CHAI", json=revised, headers=guarded)
        assert answer.status_code == expected


async def test_products_are_listed_page_by_page(shop: ShopUnderTest) -> None:
    for sku in ("A", "B", "C"):
        await shop.stocked(sku, units=7)
    await shop.work()
    first = (await shop.client.get("/products?limit=2")).json()
    rest = (await shop.client.get("/products", params={"cursor": first["next_cursor"]})).json()
    assert [item["sku"] for item in first["items"] + rest["items"]] == ["A", "B", "C"]
    assert rest["next_cursor"] is None
    assert first["items"][0] == (await shop.client.get("/products/A")).json()


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "cursor=forged", "cursor="])
async def test_a_page_that_cannot_be_is_422(shop: ShopUnderTest, query: str) -> None:
    answer = await shop.client.get(f"/products?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "validation")


async def test_stock_is_counted_and_seen_at_once(shop: ShopUnderTest) -> None:
    await shop.stocked("CHAI", units=100)
    staff = shop.bearer("operator")
    torn = {"delta": -3, "reason": "torn"}
    counted = await shop.sent("POST", "/admin/stock/CHAI/adjustments", torn, staff)
    assert counted == {
        "sku": "CHAI",
        "received": 97,
        "reserved": 0,
        "committed": 0,
        "available": 97,
    }
    assert (await shop.client.get("/admin/stock/CHAI", headers=staff)).json() == counted


async def test_promised_units_cannot_be_taken_away(shop: ShopUnderTest) -> None:
    await shop.stocked("CHAI", units=10)
    cart, guest = await shop.guest_cart(CHAI=4)
    session = await shop.sent("POST", "/checkout", {"cart_id": cart}, guest)
    answer = await shop.client.post(
        "/admin/stock/CHAI/adjustments",
        json={"delta": -7, "reason": "lost"},
        headers=shop.bearer("operator"),
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "stock-is-promised")
    name = session["checkout_session_id"]
    assert answer.json()["holds"] == [{"checkout_session_id": name, "quantity": 4}]
    assert answer.json()["available"] == 6


async def test_a_count_is_checked_against_the_last_count_and_not_against_buyers(
    shop: ShopUnderTest,
) -> None:
    await shop.stocked("CHAI", units=10)
    staff = shop.bearer("operator")
    tag = (await shop.client.get("/admin/stock/CHAI", headers=staff)).headers["etag"]
    cart, guest = await shop.guest_cart(CHAI=1)
    await shop.sent("POST", "/checkout", {"cart_id": cart}, guest)
    guarded = {**staff, "If-Match": tag}
    for expected in (201, 412):
        answer = await shop.client.post(
            "/admin/stock/CHAI/adjustments", json={"delta": 1, "reason": "found"}, headers=guarded
        )
        assert answer.status_code == expected


async def test_a_receipt_sent_twice_with_one_key_counts_once(shop: ShopUnderTest) -> None:
    await shop.stocked("CHAI", units=10)
    headers = {**shop.bearer("operator"), "Idempotency-Key": "PO-17"}
    for _ in range(2):
        await shop.sent("POST", "/admin/stock/CHAI/receipts", {"quantity": 5}, headers)
    other = await shop.client.post(
        "/admin/stock/CHAI/receipts", json={"quantity": 6}, headers=headers
    )
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    stock = await shop.client.get("/admin/stock/CHAI", headers=headers)
    assert stock.json()["received"] == 15


async def test_a_receipt_whose_answer_was_lost_is_not_counted_again(shop: ShopUnderTest) -> None:
    await shop.stocked("CHAI", units=10)
    headers = {**shop.bearer("operator"), "Idempotency-Key": "PO-18"}
    first = await shop.client.post(
        "/admin/stock/CHAI/receipts", json={"quantity": 5}, headers=headers
    )
    await forget_the_answers(shop)
    again = await shop.client.post(
        "/admin/stock/CHAI/receipts", json={"quantity": 5}, headers=headers
    )
    assert "idempotent-replayed" not in again.headers
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["khata-position"] == first.headers["khata-position"]


async def forget_the_answers(shop: ShopUnderTest) -> None:
    """Leave the wishes as a process does that died between its work and its answer."""
    statement = (
        "update edge.idempotency"
        " set finished_at = null, answer = null, lease_until = clock_timestamp()"
    )
    url = shop.settings.database_url
    assert url is not None
    await connected(url, lambda db: db.execute(statement))


async def test_a_coupon_counts_under_the_terms_that_were_set(shop: ShopUnderTest) -> None:
    staff = shop.bearer("operator")
    terms = {"kind": "percent", "value": 10, "starts_at": "2026-01-01T05:30:00+05:30"}
    first = await shop.client.put("/admin/coupons/TEN", json=terms, headers=staff)
    assert first.status_code == 201
    assert first.json()["starts_at"] == "2026-01-01T00:00:00Z"
    again = await shop.client.put("/admin/coupons/TEN", json=terms, headers=staff)
    assert again.status_code == 200
    assert (await shop.client.get("/admin/coupons/TEN", headers=staff)).json() == first.json()
    await shop.stocked("CHAI", price=10_000)
    cart, guest = await shop.guest_cart(CHAI=1)
    shown = await shop.sent("PUT", f"/carts/{cart}/coupon", {"code": "TEN"}, guest)
    assert shown["totals"]["discount"]["amount"] == 1_000


async def test_free_shipping_has_no_value(shop: ShopUnderTest) -> None:
    terms = {"kind": "free_shipping", "value": 7}
    set_ = await shop.sent("PUT", "/admin/coupons/FREE", terms, shop.bearer("operator"))
    assert set_["value"] == 0


async def test_shipping_is_offered_cheapest_first_to_whom_the_cart_belongs(
    shop: ShopUnderTest,
) -> None:
    await shop.stocked("CHAI", grams=600)
    staff = shop.bearer("operator")
    light = {
        "name": "Letter",
        "rates": [{"price": {**PRICE, "amount": 1}, "max_weight_grams": 500}],
    }
    near = {
        "name": "Bicycle",
        "rates": [{"price": {**PRICE, "amount": 2_000}, "postal_prefix": "56"}],
    }
    for code, method in (("letter", light), ("bicycle", near)):
        answer = await shop.client.put(
            f"/admin/shipping-methods/{code}", json=method, headers=staff
        )
        assert answer.status_code == 201
    cart, guest = await shop.guest_cart(CHAI=1)
    wish = {"cart_id": cart, "postal_code": "560001"}
    found = await shop.client.get("/shipping-methods", params=wish, headers=guest)
    assert found.json()["items"] == [
        {"code": "bicycle", "name": "Bicycle", "price": {"amount": 2_000, "currency": "INR"}},
        {"code": "standard", "name": "Standard", "price": RUPEES_50},
    ]
    strangers = [{}, {"X-Session-Id": "other"}, shop.bearer("customer"), staff]
    refused = [
        (await shop.client.get("/shipping-methods", params=wish, headers=headers)).status_code
        for headers in strangers
    ]
    assert refused == [401, 404, 404, 403]
    for wrong in ({"cart_id": cart}, {**wish, "postal_code": "!"}):
        answer = await shop.client.get("/shipping-methods", params=wrong, headers=guest)
        assert answer.status_code == 422
    listed = await shop.client.get("/admin/shipping-methods", headers=staff)
    codes = [item["code"] for item in listed.json()["items"]]
    assert codes == ["bicycle", "letter", "standard"]


async def test_shipping_of_a_cart_that_is_checked_out_is_offered_at_frozen_prices(
    shop: ShopUnderTest,
) -> None:
    await shop.stocked("CHAI", price=10_000)
    staff = shop.bearer("operator")
    free = {"amount": 10_000, "currency": "INR"}
    method = {"name": "Standard", "rates": [{"price": RUPEES_50, "free_above": free}]}
    await shop.sent("PUT", "/admin/shipping-methods/standard", method, staff)
    cart, guest = await shop.guest_cart(CHAI=1)
    await shop.sent("POST", "/checkout", {"cart_id": cart}, guest)
    cheaper = {**CHAI, "price": {**PRICE, "amount": 1}}
    await shop.sent("PUT", "/admin/products/CHAI", cheaper, staff)
    wish = {"cart_id": cart, "postal_code": "560001"}
    found = await shop.client.get("/shipping-methods", params=wish, headers=guest)
    assert found.json()["items"][0]["price"]["amount"] == 0
