"""Cases, webhooks and payments in the console: what waits, what was sent, and what is done."""

import io
import re

import pytest

from tests.http.staff_browser import StaffBrowser, ravi, staffed
from tests.http.test_back_office import FOREIGN, UNREADABLE, delivered
from tests.shop import ShopUnderTest

__all__ = ["ravi", "staffed"]

pytestmark = pytest.mark.anyio


async def waiting(shop: ShopUnderTest, body: bytes = UNREADABLE) -> tuple[str, str]:
    """Let a delivery become a case; return both their ids."""
    webhook = await delivered(shop, body)
    staff = shop.bearer("operator")
    shown = await shop.sent("POST", f"/admin/webhooks/{webhook}/replay", {}, staff)
    await shop.work()
    return webhook, shown["cases"][0]


async def test_lists_say_what_it_means_that_nothing_is_there(ravi: StaffBrowser) -> None:
    await ravi.logs_in("operator")
    assert "Nobody has bought anything yet" in await ravi.sees("/console/orders")
    assert "Nothing waits for a person" in await ravi.sees("/console/cases")
    assert "Razorpay has sent nothing yet" in await ravi.sees("/console/webhooks")


async def test_a_case_is_read_and_resolved_with_a_note(
    staffed: ShopUnderTest, ravi: StaffBrowser
) -> None:
    webhook, case = await waiting(staffed, b'{"event": 6}')
    await ravi.logs_in("operator")
    assert f"/console/cases/{case}" in await ravi.sees("/console/cases")
    path = f"/console/cases/{case}"
    assert f"/console/webhooks/{webhook}" in await ravi.sees(path)
    empty = await ravi.fills(path, f"{path}/resolve", note="")
    assert empty.status_code == 422
    answer = await ravi.fills(path, f"{path}/resolve", note="A test delivery.")
    await staffed.work()
    page = await ravi.sees(answer.headers["location"])
    assert "The case is resolved." in page
    assert "A test delivery." in page
    assert f"{path}/resolve" not in page
    assert f"{path}" not in await ravi.sees("/console/cases")
    assert f"{path}" in await ravi.sees("/console/cases?status=resolved&kind=webhook-unreadable")
    assert "No case is of this kind" in await ravi.sees("/console/cases?status=&kind=paid-twice")


async def test_cases_come_by_age_and_go_on_page_by_page(
    staffed: ShopUnderTest, ravi: StaffBrowser
) -> None:
    for number in range(22):
        await waiting(staffed, b'{"event": %d}' % (100 + number))
    await ravi.logs_in("operator")
    seen: dict[str, list[str]] = {}
    for order in ("oldest", "newest"):
        path = f"/console/cases?status=open&order={order}"
        seen[order] = []
        while path:
            page = await ravi.sees(path)
            seen[order] += re.findall(r'href="/console/cases/(case_\w+)"', page)
            following = re.findall(r'rel="next" href="([^"]+)"', page)
            path = following[0].replace("&amp;", "&") if following else ""
    assert len(seen["oldest"]) == len(set(seen["oldest"])) >= 22
    assert seen["oldest"] == seen["newest"][::-1]


async def test_a_delivery_is_shown_to_the_byte_and_every_look_is_logged(
    staffed: ShopUnderTest, ravi: StaffBrowser, log: io.StringIO
) -> None:
    webhook = await delivered(staffed, FOREIGN, event_id="evt9")
    await ravi.logs_in("operator")
    page = await ravi.sees(f"/console/webhooks/{webhook}")
    assert "&#34;id&#34;: &#34;pay_IH4NVgf4Dreq1l&#34;" in page
    assert "X-Razorpay-Event-Id" in page
    looks = [line for line in log.getvalue().splitlines() if "webhook bytes were shown" in line]
    assert [webhook in line for line in looks] == [True]


async def test_a_delivery_is_replayed_once_however_often_the_button_is_pressed(
    staffed: ShopUnderTest, ravi: StaffBrowser
) -> None:
    webhook = await delivered(staffed, FOREIGN.replace(b"1700000000", b"1700000001"))
    await staffed.work()
    await ravi.logs_in("operator")
    path = f"/console/webhooks/{webhook}"
    answer = await ravi.fills(path, f"{path}/replay", reason="Its order is ours now.")
    assert answer.headers["location"] == f"{path}?done=replayed"
    facts = await staffed.parts.book.read_stream(f"webhook-{webhook}")  # type: ignore[arg-type]  # a stream's name is a text
    assert "staff:operator:asha because: Its order is ours now." in {fact.actor for fact in facts}
    assert "It was thought about once more." in await ravi.sees(answer.headers["location"])


async def test_deliveries_are_filtered(staffed: ShopUnderTest, ravi: StaffBrowser) -> None:
    webhook = await delivered(staffed, FOREIGN.replace(b"1700000000", b"1700000002"))
    await staffed.work()
    await ravi.logs_in("operator")
    for query, is_there in (
        ("status=parked", True),
        ("name=payment.captured&status=", True),
        ("razorpay_order_id=order_IEIaMR65cu6nz3", True),
        ("status=handled", False),
        ("received_to=2020-01-01", False),
    ):
        page = await ravi.sees(f"/console/webhooks?{query}")
        assert (webhook in page) is is_there, query
    assert (await ravi.opens("/console/webhooks?status=unheard")).status_code == 422


async def test_money_that_became_no_order_has_a_page_of_its_own(
    staffed: ShopUnderTest, ravi: StaffBrowser
) -> None:
    await delivered(staffed, FOREIGN.replace(b"1700000000", b"1700000003"))
    await staffed.work()
    await ravi.logs_in("operator")
    answer = await ravi.opens("/console/orders?q=pay_IH4NVgf4Dreq1l")
    assert answer.headers["location"] == "/console/payments/pay_IH4NVgf4Dreq1l"
    page = await ravi.sees("/console/payments/pay_IH4NVgf4Dreq1l")
    assert "This book did not ask for this money." in page
    assert (await ravi.opens("/console/payments/pay_neverwas")).status_code == 404
