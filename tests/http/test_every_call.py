"""Every call, by everybody, answers what the document says: on the whole application."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from msgspec import Struct

from src.http.openapi.refusals import CART, SESSION
from tests.http.described import Described, described, faults, resolved, whole_document
from tests.shop import ShopUnderTest, guest, shop

__all__ = ["shop"]

pytestmark = pytest.mark.anyio

STAFF = ("operator", "analyst", "auditor", "admin")
AREAS = ("/admin", "/audit", "/analytics")


class Scene(Struct, frozen=True):
    """A shop in which something of everything exists, and who may be standing in it."""

    known: Mapping[str, str]
    """Path and query parameters of what exists."""
    callers: Mapping[str, dict[str, str]]


async def set_scene(shop: ShopUnderTest) -> Scene:
    """Buy something, begin to buy something else, and open an account with an address."""
    sku = await shop.stocked("CHAI-250")
    admin = shop.bearer("admin")
    coupon = {"kind": "percent", "value": 10}
    await shop.sent("PUT", "/admin/coupons/standard", coupon, admin)
    cart, owner = await shop.guest_cart(CHAI_250=2)
    order = {"cart_id": cart, **guest()}
    intended = await shop.sent("POST", "/orders", order, owner)
    paid = await shop.pay(intended["payment_intent"]["id"], deliver=True)
    person = {"email": "ravi@example.com", "password": "six chai before noon", "name": "Ravi"}
    customer = (await shop.sent("POST", "/customers", person))["customer_id"]
    theirs = shop.bearer("customer", customer)
    address = guest()["shipping_address"]
    kept = await shop.sent("POST", "/customers/me/addresses", address, theirs)
    session = await _session(shop, intended["checkout_session_id"], owner)
    await shop.work()
    await shop.notarise()
    deliveries = await shop.client.get("/admin/webhooks", headers=admin)
    signed = await shop.client.get("/audit/checkpoints/latest", headers=admin)
    known = {
        "sku": sku,
        "code": "standard",
        "cart_id": cart,
        "checkout_session_id": intended["checkout_session_id"],
        "order_id": session.get("order_id") or "ord_none",
        "address_id": kept["address_id"],
        "webhook_id": deliveries.json()["items"][0]["webhook_id"],
        "razorpay_payment_id": paid["razorpay_payment_id"],
        "case_id": "case_none",
        "postal_code": "560001",
        "position": "1",
        "older": str(signed.json()["size"]),
        "stream": f"stock-{sku}",
    }
    callers = {
        "anonymous": {},
        "stranger": {"X-Session-Id": "s" * 43},
        "guest": owner,
        "customer": theirs,
        "bad token": {"Authorization": "Bearer no.token.atall"},
        **{role: shop.bearer(role) for role in STAFF},
    }
    return Scene(known, callers)


async def _session(shop: ShopUnderTest, name: str, owner: dict[str, str]) -> dict[str, Any]:
    """Wait for the webhook to have made the order."""
    found: dict[str, Any] = {}
    for _ in range(200):
        found = (await shop.client.get(f"/checkout/{name}", headers=owner)).json()
        if found.get("order_id"):
            break
        await shop.work()
    return found


async def send(
    shop: ShopUnderTest, call: Described, given: Mapping[str, str], headers: dict[str, str]
) -> httpx.Response:
    """Make a call with the document's own example, for what is given."""
    await shop.parts.runner.catch_up()  # As the worker would: lists wait for it.
    path = call.path.format_map({**dict.fromkeys(_path_names(call), "none"), **given})
    body = _body(call, given)
    request = shop.client.build_request(
        call.method, path, params=_query(call, given), json=body, headers=headers
    )
    answer = await shop.client.send(request, stream=True)
    if not answer.headers.get("content-type", "").startswith("text/event-stream"):
        await answer.aread()
    await answer.aclose()
    return answer


def _path_names(call: Described) -> list[str]:
    given = map(resolved, call.operation["parameters"])
    return [each["name"] for each in given if each["in"] == "path"]


def _query(call: Described, given: Mapping[str, str]) -> dict[str, str]:
    asked = [each for each in map(resolved, call.operation["parameters"]) if each["in"] == "query"]
    return {each["name"]: given.get(each["name"], "none") for each in asked if each["required"]}


def _body(call: Described, given: Mapping[str, str]) -> dict[str, Any] | None:
    asked = call.operation.get("requestBody")
    if asked is None:
        return None
    body: dict[str, Any] = dict(asked["content"]["application/json"]["example"])
    own = {"cart_id": CART, "checkout_session_id": SESSION}
    return body | {name: given.get(name, "none") for name in own if name in body}


def untold(call: Described, answer: httpx.Response) -> list[str]:
    """Say where an answer is not what the document says."""
    said = call.operation["responses"].get(str(answer.status_code))
    if said is None:
        return [f"{answer.status_code} {answer.text[:200]}"]
    missing = [
        name
        for name in ("ETag", "WWW-Authenticate", "X-Request-Id", "Retry-After")
        if (name in answer.headers) is not (name in said["headers"])
        and not (name == "Retry-After" and name in said["headers"])
    ]
    if answer.headers.get("khata-position") and "Khata-Position" not in said["headers"]:
        missing.append("Khata-Position")
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if kind not in said.get("content", {"": None}):
        return [*missing, f"media type {kind}"]
    wrong = faults(answer.json(), said["content"][kind]["schema"]) if kind.endswith("json") else []
    return [*missing, *wrong]


def expected(call: Described, who: str) -> set[int]:
    """Return how a caller whom the call is not for is refused; empty for the others."""
    ways = call.operation["security"]
    if who == "bad token":
        return {401}
    staff = {role for way in ways for role in way.get("staff", [])}
    schemes = {scheme for way in ways for scheme in way}
    if not ways or "razorpay" in schemes:
        return set()
    if who in STAFF:
        return set() if who in staff else {403}
    if staff or "guest" not in schemes:
        nobody = {} in ways or (who == "customer" and "customer" in schemes)
        return set() if nobody else {403 if who == "customer" else 401}
    return {401} if who == "anonymous" else set()


async def test_every_call_answers_everybody_as_the_document_says(shop: ShopUnderTest) -> None:
    scene = await set_scene(shop)
    wrong: list[str] = []
    for call in described():
        for who, headers in scene.callers.items():
            for what, given in (("unknown", {}), ("known", scene.known)):
                answer = await send(shop, call, given, headers)
                found = untold(call, answer)
                refused = expected(call, who)
                if refused and answer.status_code not in refused:
                    found.append(f"{answer.status_code} and not {refused}")
                if not refused and answer.status_code in {401, 403} - _proofs(call):
                    found.append(f"{answer.status_code} to one whom it is for: {answer.text}")
                if not refused and what == "known" and answer.status_code in {400, 415, 422}:
                    found.append(f"the example is not taken: {answer.text}")
                wrong += [f"{call.name}, {who}, {what}: {each}" for each in found]
    assert not wrong, "\n".join(wrong)


def _proofs(call: Described) -> set[int]:
    """Calls whose body or signature proves something can be 401 to anybody."""
    proving = {"refresh", "log_in", "claim", "reset_password", "receive_razorpay", "verify_payment"}
    return {401} if call.name in proving else set()


async def test_a_body_that_need_not_be_sent_need_not_be_sent(shop: ShopUnderTest) -> None:
    scene = await set_scene(shop)
    bodies = [call for call in described() if "requestBody" in call.operation]
    for call in bodies:
        path = call.path.format_map(scene.known)
        for who in ("guest", "customer", "admin"):
            headers = scene.callers[who]
            empty = await shop.client.request(call.method, path, headers=headers)
            needed = empty.status_code in {400, 422}
            allowed = not expected(call, who)
            if allowed and call.name != "receive_razorpay":
                assert needed is call.operation["requestBody"]["required"], (call.name, empty.text)


async def test_head_is_get_without_the_body_also_for_a_stream(shop: ShopUnderTest) -> None:
    scene = await set_scene(shop)
    for call in described():
        if call.method != "GET":
            continue
        path, query = call.path.format_map(scene.known), _query(call, scene.known)
        for who in ("guest", "customer", "admin"):
            headers = scene.callers[who]
            got = await send(shop, call, scene.known, headers)
            head = await shop.client.head(path, params=query, headers=headers)
            assert (head.status_code, head.content) == (got.status_code, b""), call.name
            assert head.headers.get("content-type") == got.headers.get("content-type")
            if "etag" in got.headers and call.name != "admin_get_case":
                assert head.headers["etag"] == got.headers["etag"]
                assert head.headers["content-length"] == got.headers["content-length"]


async def test_another_method_is_405_and_says_which_there_are(shop: ShopUnderTest) -> None:
    wrong = await shop.client.post("/products", json={})
    options = await shop.client.options("/products")
    only_post = await shop.client.head("/customers")
    assert [wrong.status_code, options.status_code, only_post.status_code] == [405, 204, 405]
    assert wrong.json()["code"] == "method-not-allowed"
    assert _allowed(wrong) == _allowed(options) == {"GET", "HEAD", "OPTIONS"}
    assert _allowed(only_post) == {"POST", "OPTIONS"}


def _allowed(answer: httpx.Response) -> set[str]:
    return {each.strip() for each in answer.headers["allow"].split(",")}


async def test_the_closed_areas_are_401_to_strangers_whatever_the_path_and_method(
    shop: ShopUnderTest,
) -> None:
    for area in AREAS:
        for path in (area, f"{area}/", f"{area}/nothing/here", f"/{area}//nothing"):
            for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
                url = f"{shop.settings.api_url}{path}"
                anonymous = await shop.client.request(method, url)
                customer = await shop.client.request(method, url, headers=shop.bearer("customer"))
                assert (anonymous.status_code, customer.status_code) == (401, 403), (method, path)
    outside = await shop.client.get("/administration")
    assert outside.status_code == 404


WRONG_TOTALS = (
    {"amount": 2**70, "currency": "INR"},
    {"amount": 10**12 + 1, "currency": "INR"},
    {"amount": -1, "currency": "INR"},
    {"amount": 1, "currency": "rupees"},
    {"amount": 1, "currency": "INR", "paise": True},
)


async def test_an_expected_total_has_limits(shop: ShopUnderTest) -> None:
    for path in ("/checkout", "/orders"):
        for total in WRONG_TOTALS:
            body = {"cart_id": "cart_none", "expected_total": total}
            answer = await shop.client.post(path, json=body, headers={"X-Session-Id": "s" * 43})
            assert (answer.status_code, answer.json()["code"]) == (422, "validation")
            assert answer.json()["errors"][0]["field"].startswith("expected_total")


async def test_a_form_in_place_of_json_is_told_what_to_send(shop: ShopUnderTest) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await shop.client.post("/carts", content=b"{}", headers=form)
    assert answer.status_code == 415
    assert "`Content-Type: application/json`" in answer.json()["detail"]


async def test_the_api_serves_this_very_document_and_a_viewer_of_its_own(
    shop: ShopUnderTest,
) -> None:
    served = (await shop.client.get("/schema/openapi.json")).json()
    served["info"]["version"] = whole_document()["info"]["version"]
    assert served == whole_document()
    page = await shop.client.get("/docs")
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
