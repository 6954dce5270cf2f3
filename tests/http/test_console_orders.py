"""Orders in the console: found by whatever a person knows, told whole, and changed once."""

import io
import re
from typing import Any

import pytest

from tests.http.staff_browser import Form, StaffBrowser, ravi, staffed
from tests.shop import ShopUnderTest, guest

__all__ = ["ravi", "staffed"]

pytestmark = pytest.mark.anyio

EMAIL = "asha@example.in"


async def bought(shop: ShopUnderTest, email: str = EMAIL) -> dict[str, Any]:
    """Buy two of one thing, and return the order as staff read it."""
    await shop.stocked("CHAI-250")
    cart, headers = await shop.guest_cart(CHAI_250=2)
    session = await shop.sent("POST", "/orders", guest(email, cart_id=cart), headers)
    await shop.pay(session["payment_intent"]["id"])
    await shop.sandbox.post("/_sandbox/webhooks/flush")
    await shop.work()
    path = f"/checkout/{session['checkout_session_id']}"
    order_id = (await shop.client.get(path, headers=headers)).json()["order_id"]
    found: dict[str, Any] = (
        await shop.client.get(f"/admin/orders/{order_id}", headers=shop.bearer("operator"))
    ).json()
    return found


async def test_an_order_is_found_by_whatever_somebody_knows_of_it(
    staffed: ShopUnderTest, ravi: StaffBrowser
) -> None:
    order = await bought(staffed)
    await ravi.logs_in("operator")
    known = (
        *(order["order_id"], order["order_number"], order["order_number"].lower()),
        order["order_number"].replace("-", " "),
        *(order["payment"][f"razorpay_{each}_id"] for each in ("order", "payment")),
    )
    for words in known:
        answer = await ravi.opens(f"/console/orders?q={words}")
        assert answer.status_code == 303, words
        assert answer.headers["location"] == f"/console/orders/{order['order_id']}"


async def test_a_buyers_e_mail_finds_the_orders_of_that_mailbox_and_no_other(
    staffed: ShopUnderTest, ravi: StaffBrowser
) -> None:
    hers = await bought(staffed, "meera@example.in")
    others = await bought(staffed, "kiran@example.in")
    await ravi.logs_in("operator")
    page = await ravi.sees("/console/orders?q=%20Meera@Example.in%20")
    assert hers["order_number"] in page
    assert others["order_number"] not in page
    assert "No order is meant by this" in await ravi.sees("/console/orders?q=no@example.in")


async def test_the_list_is_filtered_added_up_and_goes_on_page_by_page(
    staffed: ShopUnderTest, ravi: StaffBrowser
) -> None:
    order = await bought(staffed)
    await ravi.logs_in("operator")
    page = await ravi.sees("/console/orders?status=placed&placed_from=2020-01-01&placed_to=")
    assert order["order_number"] in page
    count = int(re.findall(r"<dt>Orders</dt><dd>(\d+)</dd>", page)[0])
    assert f"<dd>₹{250 * count:,}.00</dd>" in page  # Two at 100 rupees, and 50 for shipping.
    for query in ("status=cancelled", "placed_to=2020-01-01", "q=K7M2Q-4XD3N"):
        assert "No order is meant by this" in await ravi.sees(f"/console/orders?{query}")
    for query in ("status=unheard", "placed_from=soon", "cursor=forged", "q=" + "x" * 201):
        answer = await ravi.opens(f"/console/orders?{query}")
        assert answer.status_code == 422
        assert "The request is not valid" in answer.text


async def test_further_pages_show_every_order_once(
    staffed: ShopUnderTest, ravi: StaffBrowser
) -> None:
    for _ in range(21):
        await bought(staffed)
    await ravi.logs_in("operator")
    seen: list[str] = []
    path = "/console/orders?status=placed"
    while path:
        page = await ravi.sees(path)
        seen += re.findall(r'href="/console/orders/(ord_\w+)"', page)
        following = re.findall(r'rel="next" href="([^"]+)"', page)
        path = following[0].replace("&amp;", "&") if following else ""
    total = int(re.findall(r"<dt>Orders</dt><dd>(\d+)</dd>", page)[0])
    assert len(seen) == len(set(seen)) == total > 20


async def test_one_order_shows_people_lines_money_stock_webhooks_and_proof(
    staffed: ShopUnderTest, ravi: StaffBrowser
) -> None:
    order = await bought(staffed)
    await staffed.notarise()
    await ravi.logs_in("operator")
    page = await ravi.sees(f"/console/orders/{order['order_id']}")
    for words in (
        *("Asha Example", EMAIL, "1 Example Road", "Product CHAI-250", "₹250.00"),
        *(order["payment"]["razorpay_payment_id"], "payment.captured", "The cart became an order."),
        *("2 units of CHAI-250", "Proven now: position"),
    ):
        assert words in page, words
    deliveries = re.findall(r'href="/console/webhooks/(\w+)"', page)
    assert len(deliveries) == len(set(deliveries)) > 0


async def test_a_page_says_why_an_order_exists_and_that_the_bytes_were_looked_at(
    staffed: ShopUnderTest, ravi: StaffBrowser, log: io.StringIO
) -> None:
    order = await bought(staffed)
    await ravi.logs_in("operator")
    page = await ravi.sees(f"/console/orders/{order['order_id']}/why")
    assert "Because of this delivery" in page
    assert "came by webhook" in page
    assert "&#34;event&#34;: &#34;payment.captured&#34;" in page
    assert "webhook bytes were shown" in log.getvalue()


async def test_a_double_click_is_one_refund(staffed: ShopUnderTest, ravi: StaffBrowser) -> None:
    order = await bought(staffed)
    await ravi.logs_in("operator")
    path = f"/console/orders/{order['order_id']}"
    fields = Form(await ravi.sees(f"{path}/refund")).to(f"{path}/refund")
    said = {**fields, "amount": "1.50", "reason": "One cup came broken."}
    answers = [await ravi.sends(f"{path}/refund", said) for _ in range(3)]
    assert {answer.headers["location"] for answer in answers} == {f"{path}?done=refunded"}
    now = await staffed.client.get(
        f"/admin/orders/{order['order_id']}", headers=staffed.bearer("operator")
    )
    assert now.json()["refunded"]["amount"] == 150
    again = await ravi.fills(f"{path}/refund", f"{path}/refund", amount="1", reason="Another.")
    assert again.status_code == 303
    page = await ravi.sees(f"{path}?done=refunded")
    assert "The refund is asked for." in page
    assert "₹2.50" in page


async def test_all_that_is_left_goes_back_only_where_somebody_said_so(
    staffed: ShopUnderTest, ravi: StaffBrowser
) -> None:
    order = await bought(staffed)
    await ravi.logs_in("operator")
    path = f"/console/orders/{order['order_id']}/refund"
    first = await ravi.fills(path, path, amount="1.50", reason="One cup came broken.")
    assert first.status_code == 303
    page = await ravi.sees(path)
    assert 'type="checkbox" value="24850"' in page
    assert "all that is left: ₹248.50</label>" in page
    for said in ({}, {"amount": " "}, {"amount": "1", "all": "24850"}, {"all": "9999999999999"}):
        refused = await ravi.fills(path, path, reason="Again.", **said)
        assert refused.status_code == 422, said
        assert f"<strong>{'all' if set(said) == {'all'} else 'amount'}</strong>" in refused.text
    stale = await ravi.fills(path, path, reason="The page is old.", all="25000")
    assert stale.status_code == 409
    whole = await ravi.fills(path, path, reason="The rest broke.", all="24850")
    assert whole.status_code == 303
    now = await staffed.client.get(
        f"/admin/orders/{order['order_id']}", headers=staffed.bearer("operator")
    )
    assert now.json()["refunded"]["amount"] == 25_000


async def test_a_refusal_that_is_said_again_is_a_page_whose_forms_work(
    staffed: ShopUnderTest, ravi: StaffBrowser
) -> None:
    order = await bought(staffed)
    await ravi.logs_in("operator")
    path = f"/console/orders/{order['order_id']}/refund"
    fields = {**Form(await ravi.sees(path)).to(path), "amount": "251", "reason": "Broken."}
    first, again = [await ravi.sends(path, fields) for _ in range(2)]
    assert again.headers["idempotent-replayed"] == "true"
    for name in ("content-security-policy", "referrer-policy"):  # Else a browser hides its origin.
        assert again.headers[name] == first.headers[name]
    assert again.text == first.text


@pytest.mark.parametrize(
    "amount", ["1.555", "-1", "0", "much", "1e3", "9" * 20, "1,50", "1,", ",1"]
)
async def test_an_amount_that_would_have_to_be_guessed_is_refused(
    staffed: ShopUnderTest, ravi: StaffBrowser, amount: str
) -> None:
    order = await bought(staffed)
    await ravi.logs_in("operator")
    path = f"/console/orders/{order['order_id']}/refund"
    answer = await ravi.fills(path, path, amount=amount, reason="Broken.")
    assert answer.status_code == 422
    assert "<strong>amount</strong>" in answer.text


async def test_more_than_is_left_is_refused_in_the_words_of_the_rule(
    staffed: ShopUnderTest, ravi: StaffBrowser
) -> None:
    order = await bought(staffed)
    await ravi.logs_in("operator")
    path = f"/console/orders/{order['order_id']}/refund"
    answer = await ravi.fills(path, path, amount="251", reason="Broken.")
    assert answer.status_code == 409
    assert "More was to go back than is left" in answer.text


async def test_an_order_is_cancelled_after_asking_and_says_who_did_it_and_why(
    staffed: ShopUnderTest, ravi: StaffBrowser
) -> None:
    order = await bought(staffed)
    await ravi.logs_in("operator")
    path = f"/console/orders/{order['order_id']}"
    assert "<strong>₹250.00</strong> goes back" in await ravi.sees(f"{path}/cancel")
    empty = await ravi.fills(f"{path}/cancel", f"{path}/cancel", reason=" ")
    assert empty.status_code == 422
    answer = await ravi.fills(f"{path}/cancel", f"{path}/cancel", reason="The box was damaged.")
    page = await ravi.sees(answer.headers["location"])
    assert "The order is cancelled." in page
    assert "The box was damaged." in page
    assert "staff:operator:asha" in page
    assert f"{path}/cancel" not in page
    late = await ravi.fills(f"{path}/fulfil", f"{path}/fulfil", reference="DTDC-1")
    assert late.status_code == 409


async def test_a_parcel_is_noted_with_its_reason_and_no_cancellation_after_it(
    staffed: ShopUnderTest, ravi: StaffBrowser
) -> None:
    order = await bought(staffed)
    await ravi.logs_in("operator")
    path = f"/console/orders/{order['order_id']}"
    said = {"reference": "DTDC-118204", "reason": "The cups travel apart."}
    answer = await ravi.fills(f"{path}/fulfil", f"{path}/fulfil", **said)
    page = await ravi.sees(answer.headers["location"])
    assert "DTDC-118204" in page
    assert "staff:operator:asha because: The cups travel apart." in page
    refused = await ravi.fills(f"{path}/cancel", f"{path}/cancel", reason="Too late.")
    assert refused.status_code == 409
    assert "This is not possible in this state" in refused.text


async def test_what_a_person_wrote_is_text_and_never_markup(
    staffed: ShopUnderTest, ravi: StaffBrowser
) -> None:
    await staffed.stocked("SLY")
    cart, headers = await staffed.guest_cart(SLY=1)
    sly = guest("sly@example.in", cart_id=cart) | {"name": "<script>alert(1)</script>\"'"}
    session = await staffed.sent("POST", "/orders", sly, headers)
    await staffed.pay(session["payment_intent"]["id"])
    await staffed.sandbox.post("/_sandbox/webhooks/flush")
    await staffed.work()
    await ravi.logs_in("operator")
    listed = await ravi.sees("/console/orders?q=sly@example.in")
    [order_id] = re.findall(r'href="/console/orders/(ord_\w+)"', listed)
    page = await ravi.sees(f"/console/orders/{order_id}")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script" not in page
    echoed = await ravi.sees('/console/orders?q="><script>alert(1)</script>')
    assert "<script" not in echoed


@pytest.mark.parametrize("place", ["ord_neverwas", "ord_neverwas/why", "ord_neverwas/cancel"])
async def test_an_order_that_never_was_is_a_page_that_says_so(
    ravi: StaffBrowser, place: str
) -> None:
    await ravi.logs_in("admin")
    answer = await ravi.opens(f"/console/orders/{place}")
    assert answer.status_code == 404
    assert "There is no such thing" in answer.text
