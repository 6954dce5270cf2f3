"""An order after it was placed: sent in parcels, cancelled, its money given back."""

import asyncio
from typing import Any

import httpx
import pytest

from src.events.identifiers import ORDER, PAYMENT, stream
from tests.http.test_back_office import UNREADABLE, bought_something, delivered
from tests.shop import ShopUnderTest, guest, shop

__all__ = ["shop"]

pytestmark = pytest.mark.anyio

TOTAL = 15_000
"""Of one packet and its shipping, as `bought_something` buys it."""


def inr(amount: int) -> dict[str, object]:
    return {"amount": amount, "currency": "INR"}


class Bought:
    """An order of a guest, and what everybody does with it."""

    def __init__(self, shop: ShopUnderTest, order_id: str, owner: dict[str, str]) -> None:
        self.shop = shop
        self.order_id = order_id
        self.owner = owner
        self.staff = shop.bearer("operator")

    async def shown(self, **query: object) -> dict[str, Any]:
        """The order as the guest reads it."""
        found = await self.got(**query)
        assert found.status_code == 200, found.text
        document: dict[str, Any] = found.json()
        return document

    async def got(self, **query: object) -> httpx.Response:
        params = {name: str(value) for name, value in query.items()}
        return await self.shop.client.get(
            f"/orders/{self.order_id}", params=params, headers=self.owner
        )

    async def cancel(self, **headers: str) -> httpx.Response:
        """The guest cancels."""
        path = f"/orders/{self.order_id}/cancel"
        return await self.shop.client.post(path, json={}, headers={**self.owner, **headers})

    async def staff_does(self, what: str, body: object, **headers: str) -> httpx.Response:
        path = f"/admin/orders/{self.order_id}/{what}"
        return await self.shop.client.post(path, json=body, headers={**self.staff, **headers})

    async def refund(self, amount: int | None = None, **headers: str) -> httpx.Response:
        body: dict[str, object] = {"reason": "one came broken"}
        if amount is not None:
            body["amount"] = inr(amount)
        return await self.staff_does("refunds", body, **headers)

    async def facts(self) -> list[str]:
        """The kinds of the facts of the order and of its payment."""
        paid = (await self.shown())["payment"]["razorpay_order_id"]
        names = (stream(ORDER, self.order_id), stream(PAYMENT, paid))
        read = await self.shop.parts.book.read_streams(dict.fromkeys(names, 0))
        return [each.type for each in read]


@pytest.fixture
async def bought(shop: ShopUnderTest) -> Bought:
    """An order whose refunds stay wishes: Razorpay answers nobody who asks for one."""
    silence = {"operation": "payment.refund", "fault": "http_500", "times": 1_000}
    assert (await shop.sandbox.post("/_sandbox/faults", json=silence)).is_success
    session, owner = await bought_something(shop)
    return Bought(shop, session["order_id"], owner)


async def committed(shop: ShopUnderTest) -> int:
    stock = await shop.client.get("/admin/stock/CHAI", headers=shop.bearer("operator"))
    units: int = stock.json()["committed"]
    return units


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_an_order_begins_placed_with_nothing_sent_and_nothing_given_back(
    bought: Bought,
) -> None:
    order = await bought.shown()
    assert (order["status"], order["fulfilments"], order["cancelled_reason"]) == (
        "placed",
        [],
        None,
    )
    assert (order["refunds"], order["refunded"]) == ([], inr(0))


async def test_a_guest_cancels_and_stock_and_money_go_back_once(
    shop: ShopUnderTest, bought: Bought
) -> None:
    assert await committed(shop) == 1
    cancelled = await bought.cancel()
    assert cancelled.status_code == 200, cancelled.text
    order = cancelled.json()
    assert (order["status"], order["refunded"]) == ("cancelled", inr(TOTAL))
    assert order["cancelled_reason"] == "cancelled by the customer"
    [refund] = order["refunds"]
    assert (refund["amount"], refund["status"]) == (inr(TOTAL), "requested")
    assert (refund["cause"], refund["razorpay_refund_id"]) == ("order-cancelled", None)
    assert await committed(shop) == 0
    head = await shop.parts.book.head()
    assert cancelled.headers["khata-position"] == str(head)
    again = await bought.cancel()
    assert (again.json(), again.headers["etag"]) == (order, cancelled.headers["etag"])
    assert await shop.parts.book.head() == head
    assert await bought.shown() == order


async def test_a_shoppers_words_are_not_kept(shop: ShopUnderTest, bought: Bought) -> None:
    words = {"reason": "zenobia quillfeather moved to Pune"}
    await shop.sent("POST", f"/orders/{bought.order_id}/cancel", words, bought.owner)
    for event in await shop.parts.book.read_page(0, 1_000):
        assert b"quillfeather" not in bytes(event.payload)


async def test_nobody_else_can_cancel_it_and_staff_have_their_own_way(
    shop: ShopUnderTest, bought: Bought
) -> None:
    path = f"/orders/{bought.order_id}/cancel"
    whos = [{}, {"X-Session-Id": "s" * 43}, shop.bearer("customer"), shop.bearer("admin")]
    answers = [await shop.client.post(path, json={}, headers=who) for who in whos]
    assert [answer.status_code for answer in answers] == [401, 404, 404, 403]
    assert (await bought.shown())["status"] == "placed"


async def test_what_was_sent_cannot_be_cancelled(bought: Bought) -> None:
    sent = await bought.staff_does("fulfilments", {"reference": "DTDC-1"})
    assert (sent.status_code, sent.json()["status"]) == (201, "fulfilled")
    await bought.staff_does("fulfilments", {"reference": "DTDC-2"})
    again = await bought.staff_does("fulfilments", {"reference": "DTDC-1"})
    assert (again.status_code, again.json()["fulfilments"]) == (201, ["DTDC-1", "DTDC-2"])
    for answer in (await bought.cancel(), await bought.staff_does("cancel", {"reason": "x"})):
        assert refused(answer) == (409, "not-possible-now")
        assert answer.json()["state"] == "fulfilled"
    assert (await bought.facts()).count("OrderFulfilled") == 2


async def test_what_was_cancelled_cannot_be_sent_and_keeps_its_first_reason(
    bought: Bought,
) -> None:
    cancelled = await bought.staff_does("cancel", {"reason": "the box was damaged"})
    assert cancelled.json()["cancelled_reason"] == "the box was damaged"
    again = await bought.staff_does("cancel", {"reason": "something else"})
    assert again.json()["cancelled_reason"] == "the box was damaged"
    sent = await bought.staff_does("fulfilments", {"reference": "DTDC-1"})
    assert refused(sent) == (409, "not-possible-now")


async def test_money_goes_back_in_parts_until_none_is_left(
    shop: ShopUnderTest, bought: Bought
) -> None:
    first = await bought.refund(4_000)
    assert first.status_code == 201, first.text
    part = first.json()
    assert (part["amount"], part["status"], part["cause"]) == (inr(4_000), "requested", "staff")
    assert part["reason"] == "one came broken"
    too_much = await bought.refund(TOTAL - 3_999)
    assert refused(too_much) == (409, "refund-too-large")
    assert too_much.json()["left"] == inr(TOTAL - 4_000)
    rest = await bought.refund()
    assert rest.json()["amount"] == inr(TOTAL - 4_000)
    for answer in (await bought.refund(), await bought.refund(100)):
        assert refused(answer) == (409, "nothing-to-refund")
    order = await bought.shown()
    assert (order["status"], order["refunded"]) == ("placed", inr(TOTAL))
    assert order["refunds"] == [part, rest.json()]
    listed = await shop.client.get(f"/admin/orders/{bought.order_id}/refunds", headers=bought.staff)
    assert listed.json() == {"items": order["refunds"], "next_cursor": None}
    assert await committed(shop) == 1, "a refund alone never restocks"


async def test_cancelling_gives_back_what_is_left(bought: Bought) -> None:
    await bought.refund(4_000)
    order = (await bought.cancel()).json()
    assert [each["amount"] for each in order["refunds"]] == [inr(4_000), inr(TOTAL - 4_000)]
    assert order["refunded"] == inr(TOTAL)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"amount": inr(99)}, 422, "amount-below-minimum"),
        ({"amount": inr(0)}, 422, "amount-below-minimum"),
        ({"amount": inr(-1)}, 422, "validation"),
        ({"amount": {"amount": 500, "currency": "USD"}}, 409, "refund-too-large"),
        ({"amount": 500}, 422, "validation"),
        ({"amount": inr(500), "speed": "optimum"}, 422, "validation"),
        ({"reason": ""}, 422, "validation"),
    ],
)
async def test_what_cannot_go_back_is_refused(
    bought: Bought, body: dict[str, object], status: int, code: str
) -> None:
    answer = await bought.staff_does("refunds", {"reason": "torn", **body})
    assert refused(answer) == (status, code)
    assert (await bought.shown())["refunds"] == []


async def test_the_same_wish_gives_money_back_once(bought: Bought) -> None:
    key = {"Idempotency-Key": "refund-1"}
    answers = [await bought.refund(4_000, **key) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert answers[1].headers["idempotent-replayed"] == "true"
    other = await bought.refund(4_000)
    assert other.json()["refund_id"] != answers[0].json()["refund_id"]
    assert len((await bought.shown())["refunds"]) == 2


async def test_many_refunds_at_once_never_give_back_more_than_came(bought: Bought) -> None:
    answers = await asyncio.gather(*(bought.refund(4_000) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [409] * 3
    assert (await bought.shown())["refunded"] == inr(12_000)


async def test_a_changed_order_is_another_answer_and_if_match_guards_it(bought: Bought) -> None:
    tags = [(await bought.got()).headers["etag"]]
    await bought.refund(4_000)
    tags.append((await bought.got()).headers["etag"])
    sent = await bought.staff_does("fulfilments", {"reference": "DTDC-1"}, **{"If-Match": tags[1]})
    tags.append(sent.headers["etag"])
    assert (sent.status_code, len(set(tags))) == (201, 3)
    for answer in (
        await bought.refund(500, **{"If-Match": tags[0]}),
        await bought.staff_does("cancel", {"reason": "x"}, **{"If-Match": tags[0]}),
        await bought.cancel(**{"If-Match": tags[0]}),
    ):
        assert refused(answer) == (412, "version-moved")


async def test_an_order_and_its_money_are_shown_as_they_stood(
    shop: ShopUnderTest, bought: Bought
) -> None:
    placed, before = await shop.parts.book.head(), await bought.shown()
    part = await bought.refund(4_000)
    refunded, between = await shop.parts.book.head(), await bought.shown()
    await bought.cancel()
    now = await bought.shown()
    stood = [await bought.shown(as_of=at) for at in (placed, refunded, refunded + 99)]
    assert stood == [before, between, now]
    at_that_time = await bought.shown(as_of=part.headers["khata-recorded-at"])
    assert at_that_time == between
    staff = await shop.client.get(
        f"/admin/orders/{bought.order_id}", params={"as_of": placed}, headers=bought.staff
    )
    assert staff.json() == before


async def test_lists_show_how_far_an_order_has_come(shop: ShopUnderTest, bought: Bought) -> None:
    other, _ = await bought_something(shop)
    await bought.refund(4_000)
    await bought.staff_does("fulfilments", {"reference": "DTDC-1"})
    await shop.sent(
        "POST", f"/admin/orders/{other['order_id']}/cancel", {"reason": "torn"}, bought.staff
    )
    await shop.parts.runner.catch_up()
    for status, order_id, back in (
        ("fulfilled", bought.order_id, 4_000),
        ("cancelled", other["order_id"], TOTAL),
        ("placed", None, 0),
    ):
        listed = await shop.client.get(
            "/admin/orders", params={"status": status}, headers=bought.staff
        )
        found = [(each["order_id"], each["refunded"]) for each in listed.json()["items"]]
        assert found == [(order_id, inr(back))] * (order_id is not None)
    [sent] = (
        await shop.client.get("/admin/orders", params={"status": "fulfilled"}, headers=bought.staff)
    ).json()["items"]
    whole = await bought.shown()
    assert sent == {name: whole[name] for name in sent}


async def test_a_coupon_can_be_used_again_once_its_order_is_cancelled(shop: ShopUnderTest) -> None:
    terms = {"kind": "percent", "value": 10, "limit_per_customer": 1}
    await shop.sent("PUT", "/admin/coupons/DIWALI", terms, shop.bearer("admin"))
    first = await with_coupon(shop)
    assert await refused_coupon(shop) == (422, "coupon-not-applicable")
    await first.cancel()
    used = await shop.client.get("/admin/coupons/DIWALI", headers=first.staff)
    assert used.json()["used"] == 0
    await with_coupon(shop)


async def with_coupon(shop: ShopUnderTest) -> Bought:
    """Buy with the coupon, as always the same person."""
    cart, owner = await coupon_cart(shop)
    session = await shop.sent("POST", "/orders", guest(cart_id=cart), owner)
    paid = await shop.pay(session["payment_intent"]["id"], deliver=False)
    callback = {name: paid[name] for name in paid if name.startswith("razorpay_")}
    done = await shop.sent("POST", "/payments/razorpay/verify", callback, owner)
    return Bought(shop, done["order_id"], owner)


async def refused_coupon(shop: ShopUnderTest) -> tuple[int, str]:
    cart, owner = await coupon_cart(shop)
    return refused(await shop.client.post("/orders", json=guest(cart_id=cart), headers=owner))


async def coupon_cart(shop: ShopUnderTest) -> tuple[str, dict[str, str]]:
    await shop.stocked("CHAI")
    cart, owner = await shop.guest_cart(CHAI=1)
    await shop.sent("PUT", f"/carts/{cart}/coupon", {"code": "DIWALI"}, owner)
    return cart, owner


async def test_an_order_that_cost_nothing_has_nothing_to_give_back(shop: ShopUnderTest) -> None:
    await shop.stocked("CHAI")
    admin = shop.bearer("admin")
    free = {"name": "Free", "rates": [{"price": inr(0)}]}
    await shop.sent("PUT", "/admin/shipping-methods/standard", free, admin)
    gift = {"kind": "percent", "value": 100}
    await shop.sent("PUT", "/admin/coupons/GIFT", gift, admin)
    cart, owner = await shop.guest_cart(CHAI=1)
    await shop.sent("PUT", f"/carts/{cart}/coupon", {"code": "GIFT"}, owner)
    session = await shop.sent("POST", "/orders", guest(cart_id=cart), owner)
    order = Bought(shop, session["order_id"], owner)
    assert refused(await order.refund()) == (409, "nothing-to-refund")
    cancelled = (await order.cancel()).json()
    assert (cancelled["status"], cancelled["refunds"]) == ("cancelled", [])
    assert await committed(shop) == 0


async def test_the_timeline_tells_what_became_of_it_in_order(
    shop: ShopUnderTest, bought: Bought
) -> None:
    await bought.refund(4_000)
    await bought.cancel()
    told = await shop.client.get(f"/orders/{bought.order_id}/timeline", headers=bought.owner)
    items = told.json()["items"]
    assert [item["position"] for item in items] == sorted(item["position"] for item in items)
    assert [(item["event"], item["text"]) for item in items][-3:] == [
        ("RefundRequested", "₹40.00 is to go back: one came broken."),
        ("OrderCancelled", "The order was cancelled (cancelled by the customer)."),
        ("RefundRequested", "₹110.00 is to go back: cancelled by the customer."),
    ]


async def test_razorpay_is_asked_and_the_order_shows_what_came_of_it(shop: ShopUnderTest) -> None:
    session, owner = await bought_something(shop)
    bought = Bought(shop, session["order_id"], owner)
    cancelled = await bought.cancel()
    tag = cancelled.headers["etag"]
    assert [each["status"] for each in cancelled.json()["refunds"]] == ["requested"]
    refund = await answered(bought)
    assert refund["status"] == "processed"
    assert refund["razorpay_refund_id"].startswith("rfnd_")
    assert (await bought.got()).headers["etag"] != tag
    listed = await shop.client.get("/admin/orders", headers=bought.staff)
    assert [each["refunded"] for each in listed.json()["items"]] == [inr(TOTAL)]


async def answered(bought: Bought) -> dict[str, Any]:
    """Work until Razorpay has said the last word on the newest refund."""
    for _ in range(50):
        await bought.shop.work()
        refund: dict[str, Any] = (await bought.shown())["refunds"][-1]
        if refund["status"] not in {"requested", "pending"}:
            return refund
    raise AssertionError("a refund is not answered")


async def test_a_refund_that_failed_is_a_case_that_gives_the_money_back_again(
    shop: ShopUnderTest,
) -> None:
    session, owner = await bought_something(shop)
    bought = Bought(shop, session["order_id"], owner)
    plan = {"outcome": "failed"}
    assert (await shop.sandbox.post("/_sandbox/refunds/plan", json=plan)).is_success
    await bought.refund(4_000)
    assert (await answered(bought))["status"] == "failed"
    assert (await bought.shown())["refunded"] == inr(0)
    await shop.work()
    cases = await shop.client.get("/admin/cases?status=open", headers=bought.staff)
    [case] = cases.json()["items"]
    assert (case["kind"], case["amount"]) == ("refund-failed", inr(4_000))
    body = {"note": "Tried once more.", "refund": True}
    path = f"/admin/cases/{case['case_id']}/resolve"
    resolved = await shop.sent("POST", path, body, bought.staff)
    assert (resolved["status"], resolved["note"]) == ("resolved", "Tried once more.")
    assert (await answered(bought))["status"] == "processed"
    order = await bought.shown()
    assert [each["cause"] for each in order["refunds"]] == ["staff", "case"]
    assert order["refunded"] == inr(4_000)
    again = await shop.sent("POST", path, body, bought.staff)
    assert again["note"] == "Tried once more."
    assert len((await bought.shown())["refunds"]) == 2, "a case gives its money back once"


async def test_a_case_without_money_has_none_to_give_back(shop: ShopUnderTest) -> None:
    staff = shop.bearer("operator")
    webhook = await delivered(shop, UNREADABLE)
    await shop.sent("POST", f"/admin/webhooks/{webhook}/replay", {}, staff)
    await shop.work()
    [case] = (await shop.client.get("/admin/cases", headers=staff)).json()["items"]
    path = f"/admin/cases/{case['case_id']}"
    body = {"note": "x", "refund": True}
    answer = await shop.client.post(f"{path}/resolve", json=body, headers=staff)
    assert refused(answer) == (409, "nothing-to-refund")
    seen = await shop.client.get(path, headers=staff)
    assert seen.json()["status"] == "open"
