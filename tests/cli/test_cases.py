"""`khata cases`: shows what waits for a person and for how long, and settles it."""

import asyncio
import subprocess
from typing import Any

import pytest

from src.cli.case_list import NOTHING_WAITS, age
from tests.cli.commands import command, environment
from tests.databases import BookDatabase
from tests.http.test_back_office import UNREADABLE, delivered
from tests.journeys.buyers import plan
from tests.shop import ShopUnderTest, guest, shop

__all__ = ["shop"]
pytestmark = pytest.mark.anyio
TIMEOUT_SECONDS = 60.0
WRONG = 12_345


@pytest.fixture
def environ(shop: ShopUnderTest, book_database: BookDatabase) -> dict[str, str]:
    """The environment of a command on the shop under test."""
    return environment(
        shop.settings.home,
        DATABASE_URL=book_database.app_url,
        KHATA_OWNER_DATABASE_URL=book_database.owner_url,
        REDIS_URL=shop.settings.cache_url,
    )


async def cases(environ: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return await asyncio.to_thread(
        subprocess.run,
        command("cases", *arguments),
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_SECONDS,
    )


async def opened_case(shop: ShopUnderTest) -> dict[str, Any]:
    """A delivery that nobody can read."""
    staff = shop.bearer("operator")
    webhook = await delivered(shop, UNREADABLE)
    await shop.sent("POST", f"/admin/webhooks/{webhook}/replay", {}, staff)
    return await the_case(shop)


async def the_case(shop: ShopUnderTest) -> dict[str, Any]:
    await shop.work()
    listed = await shop.client.get("/admin/cases", headers=shop.bearer("operator"))
    [case] = listed.json()["items"]
    found: dict[str, Any] = case
    return found


async def paid_wrongly(shop: ShopUnderTest) -> dict[str, Any]:
    """Money of another amount than was due: a person has to decide."""
    await shop.stocked("CHAI")
    cart, owner = await shop.guest_cart(CHAI=1)
    session = await shop.sent("POST", "/orders", guest(cart_id=cart), owner)
    await plan(shop, tamper_amount=WRONG)
    await shop.pay(session["payment_intent"]["id"])
    for _ in range(50):
        await shop.work()
        listed = await shop.client.get("/admin/cases", headers=shop.bearer("operator"))
        if listed.json()["items"]:
            break
    return await the_case(shop)


async def test_where_nothing_waits_it_says_so(environ: dict[str, str]) -> None:
    ran = await cases(environ)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, f"{NOTHING_WAITS}\n", "")


async def test_a_case_is_shown_until_it_is_settled_and_then_only_among_all(
    shop: ShopUnderTest, environ: dict[str, str]
) -> None:
    case = await opened_case(shop)
    [header, line] = (await cases(environ)).stdout.splitlines()
    assert header.split() == ["case", "kind", "waits", "amount", "about", "why"]
    assert line.split()[:2] == [case["case_id"], "webhook-unreadable"]
    assert case["stream"] in line
    assert line.endswith(case["reason"])
    by_asha = ("--by", "asha", "--note", "A test delivery.")
    settled = await cases(environ, "resolve", case["case_id"], *by_asha)
    assert (settled.returncode, settled.stderr) == (0, "")
    assert settled.stdout == f"{case['case_id']} is settled\n"
    assert (await cases(environ)).stdout == f"{NOTHING_WAITS}\n"
    [_, line] = (await cases(environ, "--all")).stdout.splitlines()
    assert line.split()[2] == "resolved"
    assert line.endswith("A test delivery.")
    again = await cases(environ, "resolve", case["case_id"], "--note", "Something else.")
    assert again.stdout == f"{case['case_id']} was settled already\n"
    seen = await shop.client.get(f"/admin/cases/{case['case_id']}", headers=shop.bearer("operator"))
    assert seen.json()["note"] == "A test delivery."
    stream = f"/audit/streams/{case['stream']}"
    facts = (await shop.client.get(stream, headers=shop.bearer("auditor"))).json()["items"]
    assert [fact["actor"] for fact in facts if fact["type"] == "CaseResolved"] == [
        "staff:operator:asha"
    ]


async def test_a_case_gives_its_money_back_if_one_says_so(
    shop: ShopUnderTest, environ: dict[str, str]
) -> None:
    case = await paid_wrongly(shop)
    assert (case["kind"], case["amount"]["amount"]) == ("wrong-amount", WRONG)
    [_, line] = (await cases(environ)).stdout.splitlines()
    assert "₹123.45" in line
    words = ("resolve", case["case_id"], "--note", "Sent back.", "--refund")
    settled = await cases(environ, *words)
    assert (settled.returncode, settled.stderr) == (0, "")
    assert settled.stdout == f"{case['case_id']} is settled; ₹123.45 goes back\n"
    await shop.parts.runner.catch_up()
    rows = await shop.parts.reads.fetch("select amount_minor, cause, status from models.refunds")
    assert [tuple(row) for row in rows] == [(WRONG, "case", "requested")]


async def test_what_cannot_be_settled_is_one_line_that_says_why(
    shop: ShopUnderTest, environ: dict[str, str]
) -> None:
    case = await opened_case(shop)
    nobody = await cases(environ, "resolve", "case_none", "--note", "x")
    assert (nobody.returncode, nobody.stdout) == (1, "")
    assert nobody.stderr == (
        "khata: There is no case case_none; khata cases shows those that are open.\n"
    )
    without = await cases(environ, "resolve", case["case_id"], "--note", "x", "--refund")
    assert (without.returncode, without.stdout) == (1, "")
    assert without.stderr.startswith("khata: There is no money left to give back")
    mute = await cases(environ, "resolve", case["case_id"], "--note", " ")
    assert (mute.returncode, mute.stderr) == (2, "khata: --note takes 1 to 500 characters.\n")
    assert len((await cases(environ)).stdout.splitlines()) == 2


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (7_199, "1 h"), (86_400, "1 d"), (10**7, "115 d")],
)
def test_an_age_is_said_in_its_largest_unit(seconds: int, said: str) -> None:
    assert age(seconds) == said
