"""The console's frame: its door, its policy, whose forms it takes, and how it says no."""

import re
from datetime import timedelta

import pytest

from src.http.console.render import POLICY
from src.http.console.session import COOKIE, local_path
from tests.http.staff_browser import Form, StaffBrowser, ravi, staffed
from tests.shop import ShopUnderTest

__all__ = ["ravi", "staffed"]

pytestmark = pytest.mark.anyio

EVERYWHERE = ("/console", "/console/orders", "/console/cases", "/console/nowhere")


async def test_a_stranger_is_shown_the_login_in_place_of_every_page(
    ravi: StaffBrowser,
) -> None:
    for path in (*EVERYWHERE, "/console/orders?status=placed"):
        answer = await ravi.opens(path)
        assert answer.status_code == 401
        assert Form(answer.text).to("/console/login")["next"] == path
    assert (await ravi.opens("/console/login")).status_code == 200


async def test_a_token_opens_the_door_and_leads_back_to_where_one_wanted_to_go(
    ravi: StaffBrowser,
) -> None:
    answer = await ravi.logs_in("operator", "/console/cases?status=open")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/console/cases?status=open"
    assert "Log out" in await ravi.sees("/console/cases?status=open")


async def test_the_cookie_is_for_the_console_alone_and_ends_with_the_token(
    staffed: ShopUnderTest, ravi: StaffBrowser
) -> None:
    headers = staffed.signed(["operator"], timedelta(minutes=5))
    token = headers["Authorization"].removeprefix("Bearer ")
    answer = await ravi.sends("/console/login", {"token": token})
    said = answer.headers["set-cookie"].split("; ")
    assert said[0] == f"{COOKIE}={token}"
    assert {"Path=/console", "HttpOnly", "SameSite=Strict"} <= set(said)
    [age] = [int(each.removeprefix("Max-Age=")) for each in said if each.startswith("Max-Age=")]
    assert 0 < age <= 300
    for path in ("/admin/orders", "/audit/events"):  # The cookie is nobody's name elsewhere.
        assert (await ravi.opens(path)).status_code == 401


async def test_only_a_page_of_the_console_is_gone_on_to() -> None:
    for wanted in (
        *("https://elsewhere.example/console", "//elsewhere.example", "/orders", "/consoles"),
        *("/console\\elsewhere", "/console/\nx", "/console/login", "", None, "javascript:alert(1)"),
    ):
        assert local_path(wanted) == "/console"
    assert local_path("/console/orders?q=K7M2Q-4XD3N") == "/console/orders?q=K7M2Q-4XD3N"


async def test_a_customers_token_is_refused_in_words(ravi: StaffBrowser) -> None:
    answer = await ravi.logs_in("customer")
    assert answer.status_code == 422
    assert "customer&#39;s token" in answer.text
    assert ravi.cookies == {}


@pytest.mark.parametrize("token", ["", "rubbish", "a.b.c", "x" * 5_000])
async def test_what_is_no_token_is_refused_in_words(ravi: StaffBrowser, token: str) -> None:
    answer = await ravi.sends("/console/login", {"token": token})
    assert (answer.status_code, ravi.cookies) == (422, {})
    assert "no token of this shop" in answer.text
    assert "`" not in answer.text


async def test_a_token_that_is_over_ends_the_session_at_the_next_page(
    staffed: ShopUnderTest, ravi: StaffBrowser
) -> None:
    over = staffed.signed(["operator"], timedelta(seconds=-1))["Authorization"]
    ravi.cookies = {COOKIE: over.removeprefix("Bearer ")}
    answer = await ravi.opens("/console/orders")
    assert answer.status_code == 401
    assert "Your session is over" in answer.text
    assert ravi.cookies == {}


@pytest.mark.parametrize(
    ("stood_on", "leads_to"),
    [
        ("{origin}/console/cases/case_1?done=x", "/console/cases/case_1"),
        ("https://elsewhere.example//elsewhere.example/console", "/console"),
        ("{origin}/orders", "/console"),
        ("http://[", "/console"),
        ("", "/console"),
    ],
)
async def test_a_form_of_a_session_that_is_over_leads_back_to_its_page(
    ravi: StaffBrowser, stood_on: str, leads_to: str
) -> None:
    referer = stood_on.replace("{origin}", ravi.origin)
    answer = await ravi.sends("/console/cases/case_1/resolve", {"note": "x"}, Referer=referer)
    assert answer.status_code == 401
    assert Form(answer.text).to("/console/login")["next"] == leads_to


async def test_logging_out_ends_the_session(ravi: StaffBrowser) -> None:
    await ravi.logs_in("operator")
    answer = await ravi.fills("/console/orders", "/console/logout")
    assert (answer.status_code, ravi.cookies) == (303, {})
    assert (await ravi.opens("/console/orders")).status_code == 401


@pytest.mark.parametrize(
    ("role", "sees", "is_refused"),
    [
        ("operator", {"Orders", "Cases", "Webhooks"}, ("/console/charts", "/console/book")),
        ("analyst", set[str](), ("/console/orders", "/console/cases", "/console/book")),
        ("auditor", set[str](), ("/console/orders", "/console/webhooks", "/console/charts")),
        ("admin", {"Orders", "Cases", "Webhooks"}, ()),
    ],
)
async def test_somebody_is_shown_the_doors_that_are_open_to_them_and_no_other(
    ravi: StaffBrowser, role: str, sees: set[str], is_refused: tuple[str, ...]
) -> None:
    await ravi.logs_in(role)
    page = (await ravi.opens("/console/nowhere")).text
    shown = set(re.findall(r'<li><a href="/console/[^"]*"[^>]*>([^<]+)</a></li>', page))
    assert shown & {"Orders", "Cases", "Webhooks"} == sees
    for path in is_refused:
        answer = await ravi.opens(path)
        assert answer.status_code == 403
        assert "<h1>You may not do this</h1>" in answer.text
        assert "This is for:" in answer.text


async def test_every_page_has_the_strict_policy_and_is_kept_by_nobody(ravi: StaffBrowser) -> None:
    answers = [await ravi.opens(path) for path in ("/console/login", *EVERYWHERE)]
    await ravi.logs_in("admin")
    answers += [await ravi.opens(path) for path in EVERYWHERE[1:]]
    for answer in answers:
        assert answer.headers["content-security-policy"] == POLICY
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert re.findall(r"<script|<style|\son\w+=|\sstyle=|javascript:", answer.text) == []
    assert "unsafe" not in POLICY


async def test_files_are_kept_for_ever_and_an_upgrade_shows_at_once(ravi: StaffBrowser) -> None:
    page = (await ravi.opens("/console/login")).text
    files = re.findall(r'"(/console/files/[^"]+)"', page)
    assert len(set(files)) == 2
    for path in set(files):
        answer = await ravi.opens(path)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    folder = files[0].rsplit("/", maxsplit=1)[0]
    for path in (f"{folder}/layout.html", "/console/files/0/console.css"):
        assert (await ravi.opens(path)).status_code == 404


async def test_a_form_of_another_origin_or_of_another_session_does_nothing(
    ravi: StaffBrowser,
) -> None:
    await ravi.logs_in("operator")
    fields = Form(await ravi.sees("/console/orders")).to("/console/logout")
    stranger = {"Origin": "https://elsewhere.example"}
    for said, headers in (
        (fields, stranger),
        (fields, {"Origin": "null"}),
        (fields, {"Origin": ""}),
        (fields, {"Sec-Fetch-Site": "cross-site"}),
        ({}, {}),
        ({"form": fields["form"][:-1] + "-"}, {}),
    ):
        answer = await ravi.sends("/console/logout", said, **headers)
        assert answer.status_code == 403
        assert "This form is not of this session" in answer.text
    assert ravi.cookies != {}


async def test_nobody_is_logged_in_by_another_page(
    ravi: StaffBrowser, staffed: ShopUnderTest
) -> None:
    token = staffed.bearer("operator")["Authorization"].removeprefix("Bearer ")
    stranger = {"Origin": "https://elsewhere.example"}
    answer = await ravi.sends("/console/login", {"token": token}, **stranger)
    assert (answer.status_code, ravi.cookies) == (403, {})


async def test_a_form_that_cannot_be_read_is_told_what_is_wrong(ravi: StaffBrowser) -> None:
    await ravi.logs_in("operator")
    for body in (b"\xff\xfe", b"&".join(b"a%d=1" % each for each in range(100))):
        answer = await ravi.posts_raw("/console/logout", body)
        assert answer.status_code == 422
        assert "cannot be read" in answer.text
