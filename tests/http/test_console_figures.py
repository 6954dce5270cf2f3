"""Figures in the console: the same numbers as everywhere, and pictures that need nothing else."""

import re
from datetime import date
from html.parser import HTMLParser
from typing import Any

import msgspec
import pytest

from src.bootstrap.moments import now
from src.bootstrap.parts import BOOK
from src.events.money import Money
from src.queries.amounts import written
from src.queries.analytics.sales import sales
from src.queries.analytics.scope import scope
from tests.http.staff_browser import StaffBrowser, ravi, staffed
from tests.shop import ShopUnderTest, guest

__all__ = ["ravi", "staffed"]

pytestmark = pytest.mark.anyio
SUBJECTS = ("sales", "funnel", "payments", "late-money")
NAMESPACE = "http://www.w3.org/2000/svg"


class Tables(HTMLParser):
    """Every table of a page: its rows, without its head, as texts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self._in_cell = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002  # called with them
        match tag:
            case "table":
                self.tables.append([])
            case "tr":
                self.tables[-1].append([])
            case "td" | "th":
                self._in_cell = True
                self.tables[-1][-1].append("")
            case _:
                pass

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th"}:
            self._in_cell = False

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.tables[-1][-1][-1] += data


async def sold(shop: ShopUnderTest) -> None:
    """Let a guest buy, once for all tests of the file, and add it up."""
    if not await shop.parts.book.head():
        await shop.stocked("CHAI-250")
        cart, headers = await shop.guest_cart(CHAI_250=3)
        session = await shop.sent("POST", "/orders", guest(cart_id=cart), headers)
        await shop.pay(session["payment_intent"]["id"])
        await shop.sandbox.post("/_sandbox/webhooks/flush")
    await shop.work()
    await shop.parts.analysts_runner.catch_up()


async def told(shop: ShopUnderTest) -> dict[str, Any]:
    """Sales as `/analytics/sales` has them: its document is made of this answer."""
    asked = scope(BOOK, "INR", shop.settings.time_zone, None, None, now=now())
    document: dict[str, Any] = msgspec.to_builtins(await sales(shop.parts.analytics, asked, "day"))
    return document


def rupees(amount: int) -> str:
    return written(Money(amount, "INR"))


async def test_sales_are_those_of_the_api_to_the_paisa(
    staffed: ShopUnderTest, ravi: StaffBrowser
) -> None:
    await sold(staffed)
    asked = await told(staffed)
    await ravi.logs_in("analyst")
    (head, *rows, foot), skus = Tables(await ravi.sees("/console/charts/sales")).tables
    names = ("gross", "discounts", "shipping", "refunds", "net")
    assert head[3:] == [name.capitalize() for name in names]
    assert [row[0] for row in rows] == [
        f"{date.fromisoformat(item['period']):%d %b %Y}" for item in asked["items"]
    ]
    assert [row[3:] for row in rows] == [
        [rupees(item[name]) for name in names] for item in asked["items"]
    ]
    assert foot == ["Total", "1", "3", *(rupees(asked["total"][name]) for name in names)]
    assert asked["total"]["net"] == 35_000
    assert skus[1][:4] == ["CHAI-250", "Product CHAI-250", "1", "3"]


async def test_the_numbers_of_a_chart_are_said_to_whoever_does_not_see_it(
    staffed: ShopUnderTest, ravi: StaffBrowser
) -> None:
    await sold(staffed)
    await ravi.logs_in("analyst")
    page = await ravi.sees("/console/charts/funnel")
    assert re.search(r'alt="How far carts came, as a chart\. 1 of 1 cart became orders', page)
    steps = Tables(page).tables[0][1:]
    assert [(row[0], row[1]) for row in steps] == [
        ("Cart pending", "1"),
        ("Checkout started", "1"),
        ("Payment pending", "1"),
        ("Payment confirmed", "1"),
        ("Order created", "1"),
    ]


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("width", ["wide", "narrow"])
async def test_a_picture_runs_nothing_and_asks_nobody(
    staffed: ShopUnderTest, ravi: StaffBrowser, colours: str, width: str
) -> None:
    await sold(staffed)
    await ravi.logs_in("analyst")
    path = address_in(await ravi.sees("/console/charts/sales"), colours, width)
    answer = await ravi.opens(path)
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["content-security-policy"] == (
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    )
    assert answer.headers["cache-control"] == "private, max-age=86400, immutable"
    assert set(re.findall(r"https?://[^\"'<>\s)]+", answer.text)) == {NAMESPACE}
    for word in ("<script", "@import", "url(", "<!--", "href"):
        assert word not in answer.text
    assert (await ravi.opens(path)).content == answer.content


async def test_a_picture_that_this_process_never_drew_has_the_numbers_of_now(
    staffed: ShopUnderTest, ravi: StaffBrowser
) -> None:
    await sold(staffed)
    await ravi.logs_in("analyst")
    path = address_in(await ravi.sees("/console/charts/sales"), "light", "wide")
    kept = await ravi.opens(path)
    other = await ravi.opens(re.sub("key=[0-9a-f]+", "key=0", path))
    assert (other.status_code, other.content) == (200, kept.content)
    assert other.headers["cache-control"] == "no-store"
    nowhere = path.replace("/periods.svg", "/unheard.svg").replace("key=", "key=0")
    assert (await ravi.opens(nowhere)).status_code == 404


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/console/charts/unheard", 404),
        ("/console/charts/sales?from=yesterday", 422),
        ("/console/charts/sales?from=1970-01-01", 422),
        ("/console/charts/sales?from=2001-01-01&to=2026-01-01", 422),
        ("/console/charts/sales?from=2026-02-02&to=2026-01-01", 422),
        ("/console/charts/sales?by=hour", 422),
        ("/console/charts/sales?from=&to=&by=", 200),
    ],
)
async def test_what_cannot_be_asked_is_refused_in_words(
    ravi: StaffBrowser, path: str, status: int
) -> None:
    await ravi.logs_in("analyst")
    answer = await ravi.opens(path)
    assert answer.status_code == status
    assert answer.text.count("<h1>") == 1


@pytest.mark.parametrize("subject", SUBJECTS)
async def test_a_range_without_anything_is_a_page_that_says_so(
    ravi: StaffBrowser, subject: str
) -> None:
    await ravi.logs_in("analyst")
    page = await ravi.sees(f"/console/charts/{subject}?from=2020-01-01&to=2020-01-31&by=week")
    assert "in this range" in page
    assert "the best" not in page
    headings = re.findall("<h2[^>]*>([^<]+)</h2>", page)
    captions = re.findall("<caption>([^<]+)</caption>", page)
    assert len(set(headings + captions)) == len(headings) + len(captions)
    assert "<picture" not in page


def address_in(page: str, colours: str, width: str) -> str:
    """The first picture's address for this ground and this room."""
    [first, *_] = re.findall(rf'"([^"]*colours={colours}&amp;width={width})"', page)
    found: str = first.replace("&amp;", "&")
    return found


async def test_a_chart_is_shown_to_nobody_at_the_address_of_another(
    staffed: ShopUnderTest, ravi: StaffBrowser
) -> None:
    await sold(staffed)
    await ravi.logs_in("analyst")
    page = await ravi.sees("/console/charts/sales")
    address = re.findall('<img src="([^"]+pictures/periods[^"]+)"', page)[0].replace("&amp;", "&")
    hers = await ravi.opens(address)
    [key] = re.findall("key=([0-9a-f]+)", address)
    await ravi.logs_in("operator")
    assert (await ravi.opens(address)).status_code == 403
    his = await ravi.opens(f"/console/stock/CHAI-250/movements?key={key}")
    assert (his.status_code, his.headers["cache-control"]) == (200, "no-store")
    assert his.content != hers.content
