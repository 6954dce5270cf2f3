"""Bytes that nobody means well: headers, spellings of an e-mail, numbers at their edges, odd JSON.

Whatever comes, it is never a 500, and half of nothing happens.
"""

import gzip
import random
from typing import Any

import httpx
import pytest

from src.commands.decisions.cart import QUANTITY_MAX
from src.events.identifiers import mailbox_id
from src.events.money import AMOUNT_MAX
from src.http.fields import UNITS_MAX, WEIGHT_GRAMS_MAX
from tests.shop import ShopUnderTest, guest, shop

__all__ = ["shop"]

pytestmark = pytest.mark.anyio

ODD_BYTES = (
    b"",
    b"\xff\xfe\x80",
    b"Bearer",
    b"Bearer ",
    b"bearer \xc3\xa9",
    b"Bearer a.b.c",
    b"Bearer " + b"." * 5_000,
    b"Bearer " + b"e30." * 1_000,
    b"Basic YTpi",
    b"Bearer\x20\x20\x20x y z",
    b"'; drop table khata.events; --",
    b"../../etc/passwd",
    b"%00%ff",
    b"x" * 15_000,
    b"-1",
    b"99999999999999999999999999999999",
    b"00-" + b"f" * 32 + b"-" + b"f" * 16 + b"-01",
    b"00-" + b"0" * 32 + b"-" + b"0" * 16 + b"-00",
    b"ff-" + b"z" * 400,
    b'"1-abc", W/"2", *',
    b"NaN",
    "١٢٣".encode(),
)
HEADERS = (
    b"authorization",
    b"x-session-id",
    b"traceparent",
    b"tracestate",
    b"x-request-id",
    b"idempotency-key",
    b"if-match",
    b"if-none-match",
    b"khata-position",
    b"last-event-id",
    b"content-type",
    b"accept",
    b"accept-encoding",
    b"content-encoding",
    b"origin",
    b"x-forwarded-for",
    b"x-razorpay-signature",
    b"x-razorpay-event-id",
)
ASKED = (
    ("GET", "/products", None),
    ("GET", "/admin/orders", None),
    ("POST", "/carts", b"{}"),
    ("PUT", "/carts/cart_none/items/CHAI-250", b'{"quantity":1}'),
    ("POST", "/webhooks/razorpay", b"{}"),
)


async def answered(
    shop: ShopUnderTest, method: str, path: str, headers: dict[bytes, bytes], body: bytes | None
) -> httpx.Response:
    answer = await shop.client.request(method, path, headers=headers, content=body)
    assert answer.status_code < 500, (method, path, headers, answer.text)
    return answer


@pytest.mark.parametrize("name", HEADERS)
async def test_no_header_of_any_bytes_is_a_500(shop: ShopUnderTest, name: bytes) -> None:
    for value in (*ODD_BYTES, random.randbytes(64).replace(b"\r", b"").replace(b"\n", b"")):
        printable = bytes(byte for byte in value.strip(b"\t ") if byte >= 0x20 and byte != 0x7F)
        for method, path, body in ASKED:
            await answered(shop, method, path, {name: printable}, body)


async def test_what_came_with_odd_headers_left_nothing_but_carts(shop: ShopUnderTest) -> None:
    for name in HEADERS:
        for value in ODD_BYTES:
            await answered(shop, "PUT", "/admin/products/X", {name: value.strip()}, b'{"name":"X"}')
    assert await shop.parts.book.head() == 0


NOT_QUITE_JSON = (
    b"\xef\xbb\xbf{}",
    '{"quantity": 1}'.encode("utf-16"),
    '{"quantity": 1}'.encode("utf-32"),
    b'{"quantity": NaN}',
    b'{"quantity": Infinity}',
    b'{"quantity": 1e400}',
    b'{"quantity": 1.0000000000000001}',
    b'{"quantity": 1' + b"0" * 5_000 + b"}",
    b'{"quantity": -0}x',
    b'{"quantity": 01}',
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b'{"quantity": "1"}',
    b'{"quantity": true}',
    b'{"quantity": [1]}',
    b'{"quantity": {"quantity": 1}}',
    b'{"quantity": 1, "__proto__": {}}',
    b'{"\\ud800": 1}',
    b'{"quantity": "\\ud800"}',
    gzip.compress(b'{"quantity": 1}'),
    b"quantity=1",
    b"null",
    b'"quantity"',
)


@pytest.mark.parametrize("body", NOT_QUITE_JSON, ids=range(len(NOT_QUITE_JSON)))
async def test_not_quite_json_is_refused_and_changes_nothing(
    shop: ShopUnderTest, body: bytes
) -> None:
    await shop.stocked("CHAI-250")
    cart, owner = await shop.guest_cart()
    head = await shop.parts.book.head()
    headers = {**{k.encode(): v.encode() for k, v in owner.items()}}
    for more in ({}, {b"content-encoding": b"gzip"}, {b"content-type": b"application/json"}):
        path = f"/carts/{cart}/items/CHAI-250"
        answer = await answered(shop, "PUT", path, {**headers, **more}, body)
        assert answer.status_code in {400, 413, 415, 422}, answer.text
    assert await shop.parts.book.head() == head


async def test_a_name_that_is_said_twice_counts_once_and_whole(shop: ShopUnderTest) -> None:
    await shop.stocked("CHAI-250")
    cart, owner = await shop.guest_cart()
    headers = {name.encode(): value.encode() for name, value in owner.items()}
    path = f"/carts/{cart}/items/CHAI-250"
    good = await answered(shop, "PUT", path, headers, b'{"quantity":2,"quantity":3}')
    assert [item["quantity"] for item in good.json()["items"]] == [3]
    wrong = await answered(shop, "PUT", path, headers, b'{"quantity":2,"quantity":-3}')
    assert wrong.status_code == 422


EDGES: tuple[tuple[str, str, str, int, int], ...] = (
    ("POST", "/admin/stock/CHAI-250/receipts", "quantity", 1, UNITS_MAX),
    ("POST", "/admin/stock/CHAI-250/adjustments", "delta", -UNITS_MAX, UNITS_MAX),
    ("PUT", "/admin/products/CHAI-250", "weight_grams", 0, WEIGHT_GRAMS_MAX),
)
MORE: dict[str, dict[str, Any]] = {
    "quantity": {},
    "delta": {"reason": "counted"},
    "weight_grams": {"name": "Chai", "price": {"amount": AMOUNT_MAX, "currency": "INR"}},
}


@pytest.mark.parametrize(("method", "path", "field", "least", "most"), EDGES)
async def test_numbers_are_taken_up_to_their_edges_and_no_further(  # noqa: PLR0913, PLR0917  # a row of the table
    shop: ShopUnderTest, method: str, path: str, field: str, least: int, most: int
) -> None:
    await shop.stocked("CHAI-250", units=1)
    staff = shop.bearer("admin")
    for value in (most, least, most + 1, least - 1, 2**53, 2**63, -(2**63) - 1, 10**30):
        body = {field: value, **MORE[field]}
        answer = await shop.client.request(method, path, json=body, headers=staff)
        within = least <= value <= most
        taken = answer.is_success or answer.json()["code"] == "stock-is-promised"
        assert taken is within, (value, answer.text)
        assert answer.status_code < 500


async def test_a_cart_of_the_dearest_things_is_an_answer_too(shop: ShopUnderTest) -> None:
    await shop.stocked("GOLD", price=AMOUNT_MAX, units=UNITS_MAX, grams=WEIGHT_GRAMS_MAX)
    cart, owner = await shop.guest_cart()
    body = {"quantity": QUANTITY_MAX}
    filled = await shop.client.put(f"/carts/{cart}/items/GOLD", json=body, headers=owner)
    assert filled.status_code < 500, filled.text
    for path in ("/checkout", "/orders"):
        whole: dict[str, Any] = {"cart_id": cart, **(guest() if path == "/orders" else {})}
        answer = await shop.client.post(path, json=whole, headers=owner)
        assert answer.status_code < 500, answer.text


SAME = (
    ("Asha@Example.in", " asha@example.IN "),
    ("jos\u00e9@example.in", "jose\u0301@example.in"),
    ("JOS\u00c9@example.in", "jose\u0301@EXAMPLE.in"),
)
OTHERS = (
    ("asha@example.in", "\u0430sha@example.in"),  # a Cyrillic a
    ("asha@example.in", "\uff41sha@example.in"),  # a wide one
    ("strasse@example.in", "stra\u00dfe@example.in"),
    ("a@strasse.example", "a@stra\u00dfe.example"),
    ("mike@example.in", "m\u0131ke@example.in"),
    ("MIKE@example.in", "M\u0130KE@example.in"),
    ("office@example.in", "o\ufb03ce@example.in"),
    ("x1@example.in", "x\u00b9@example.in"),
    ("asha.rao@example.in", "asharao@example.in"),
    ("asha@example.in", "asha+chai@example.in"),
    ("asha@example.in", "asha\u200b@example.in"),
    ("jose@example.in", "jos\u00e9@example.in"),
)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_mailbox_has_several_writings(one: str, other: str) -> None:
    assert mailbox_id(one, b"key") == mailbox_id(other, b"key")


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_what_only_looks_alike_is_another_mailbox(one: str, other: str) -> None:
    assert mailbox_id(one, b"key") != mailbox_id(other, b"key")


async def test_nobody_logs_in_as_somebody_who_only_looks_alike(shop: ShopUnderTest) -> None:
    account = {"email": "strasse@example.in", "password": "six chai before noon", "name": "S"}
    await shop.sent("POST", "/customers", account)
    for email in ("stra\u00dfe@example.in", "\uff53trasse@example.in"):
        login = {"email": email, "password": account["password"]}
        assert (await shop.client.post("/customers/login", json=login)).status_code == 401
        again = await shop.client.post("/customers", json={**account, "email": email})
        assert again.status_code == 201, "another mailbox may have an account of its own"
