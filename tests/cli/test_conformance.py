"""`khata conformance`: every scenario holds, and a shop that is wrong is found out."""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from src.cli.complaint import Complaint
from src.cli.conformance.finding import Findings, Verdict
from src.cli.conformance.page import plain, table
from src.cli.conformance.row import Group, Row
from src.cli.conformance.rows.catalogue import GROUPS
from src.cli.conformance.run import COMMON, SECRETS, chosen
from src.cli.conformance.running import run_row, visit
from src.cli.conformance.stage import Stage
from src.cli.conformance.whole import BOOK, WHOLE
from src.cli.demo.throw_away import ThrowAwayShop, throw_away_shop
from tests.cli.altered_wire import Alter, Said, altered_wire, as_it_was
from tests.cli.commands import ROOT, command, environment
from tests.journeys.places import passable_place

RUN_SECONDS_MAX = 480.0
ROWS = {row.id: row for group in GROUPS for row in group.rows}
NAMED = {
    "razorpay-woocommerce#664",
    "razorpay-magento#291",
    "medusa#13301",
    "medusa#16825",
    "vendure#3065",
    "spree-same-key-race",
    "seed-session-key-gone",
    "seed-dedupe-by-second",
    "seed-reserialised-json",
    "seed-test-endpoint",
    "seed-loser-deletes-order",
    "seed-intent-asked-at-once",
    "seed-totals-recomputed",
    "seed-stock-in-redis",
    "seed-rupee-floats",
    "seed-known-email",
    "late-two-sessions-paid",
    "order-captured-twice",
    "wrong-amount",
    "wrong-currency",
    "tampered-amount",
    "foreign-money",
    "endpoint-down",
    "both-lost",
    "time-late-authorization",
    "order-cancelled",
    "refund-failed",
}
SLUG = re.compile(r"[a-z0-9]+(?:[-#][a-z0-9]+)*")


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """Where the shops are made; the engines' account must pass through."""
    with passable_place() as directory:
        yield directory


@pytest.fixture(scope="module")
def run(place: Path) -> subprocess.CompletedProcess[str]:
    """One run of all scenarios, with variables of a real shop around that must not reach it."""
    real_shop = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/real", "TMPDIR": str(place)}
    return subprocess.run(
        command("conformance", "--json"),
        env=environment(place / "home", **real_shop),
        capture_output=True,
        text=True,
        check=False,
        timeout=RUN_SECONDS_MAX,
    )


def test_every_scenario_holds(run: subprocess.CompletedProcess[str]) -> None:
    told = json.loads(run.stdout)
    broken = [row for row in told["rows"] if row["verdict"] != "held"]
    assert (broken, run.returncode, run.stderr) == ([], 0, "")
    assert (told["held"], told["broken"]) == (len(ROWS) + 1, 0)
    assert [row["id"] for row in told["rows"]] == [*ROWS, BOOK.id]
    assert all(row["checks"] for row in told["rows"])
    assert all(check["held"] for row in told["rows"] for check in row["checks"])


def test_nothing_is_left(run: subprocess.CompletedProcess[str], place: Path) -> None:
    assert run.returncode == 0
    assert list(place.iterdir()) == []
    if sys.platform == "linux":
        assert [line for line in _processes() if str(place) in line] == []


def _processes() -> Iterator[str]:
    """Yield every process's command line and directory."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            yield f"{process.name} {words} {(process / 'cwd').readlink()}"
        except OSError:  # It ended while we looked, or is not ours to look at.
            continue


def test_every_promised_scenario_is_there_once() -> None:
    ids = [row.id for group in GROUPS for row in group.rows]
    assert set(ids) >= NAMED
    assert sorted(set(ids)) == sorted(ids)
    assert [each for each in ids if not SLUG.fullmatch(each)] == []


def test_the_table_in_the_docs_is_the_list_of_all_scenarios() -> None:
    page = (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8")
    shown = page.split("```text\n")[1].split("```")[0].splitlines()
    listed = [plain(line) for line in table([*GROUPS, WHOLE], {})]
    assert "\n".join(listed).strip() == "\n".join(map(_without_mark, shown)).strip()
    assert sum(line.startswith("  held    ") for line in shown) == len(ROWS) + 1


def _without_mark(line: str) -> str:
    return re.sub("^  held    ", "          ", line).rstrip()


def test_only_what_is_asked_for_is_chosen() -> None:
    found = [row.id for group in chosen("refund-in-*") for row in group.rows]
    assert found == ["refund-in-parts"]
    with pytest.raises(Complaint, match="--list names all"):
        chosen("no-such-row")


def broken_lines(verdict: Verdict) -> list[str]:
    row = replace(ROWS["webhook-alone"])
    return [plain(line) for line in table([Group("Webhooks", (row,))], {row.id: verdict})]


def test_what_is_not_as_expected_is_broken_and_both_are_shown() -> None:
    findings = Findings()
    findings.hold("there is one order", 1, 1)
    findings.hold("one unit is sold", 2, 1)
    verdict = findings.verdict(1.0)
    assert not verdict.held
    lines = broken_lines(verdict)
    assert any(line.startswith("  BROKEN  webhook-alone") for line in lines)
    assert lines[-1].strip() == "one unit is sold: expected 1, found 2"


def test_a_scenario_that_stops_or_looks_at_nothing_is_broken() -> None:
    findings = Findings()
    assert not findings.verdict(0.0).held
    assert broken_lines(findings.verdict(0.0))[-1].strip() == "nothing was looked at"
    findings.hold("there is one order", 1, 1)
    assert findings.verdict(0.0).held
    stopped = findings.verdict(0.0, "NotSeenError: the order")
    assert not stopped.held
    assert broken_lines(stopped)[-1].strip().endswith("NotSeenError: the order")


@pytest.fixture(scope="module")
def shop(place: Path) -> Iterator[ThrowAwayShop]:
    """A shop as the scenarios find it."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("tempfile.tempdir", str(place))
        with throw_away_shop(environment(place / "other"), **COMMON) as opened:
            yield opened


def verdict_of(row: Row, shop: ThrowAwayShop, alter: Alter, twice: str = "") -> Verdict:
    """Run a scenario over a wire that does not say what the shop said."""

    async def over_the_wire() -> Verdict:
        async with altered_wire(shop.api_url, alter, twice=twice) as url:
            place = msgspec.structs.replace(shop, api_url=url)
            async with visit(place, SECRETS) as opened:
                return await run_row(row, opened)

    return asyncio.run(over_the_wire())


def one_unit_more(said: Said) -> tuple[int, bytes]:
    """Let a unit be sold twice."""
    if not said.path.startswith("/admin/stock/") or said.method != "GET":
        return as_it_was(said)
    body: dict[str, Any] = json.loads(said.body)
    return said.status, json.dumps({**body, "committed": body["committed"] + 1}).encode()


def believes_everybody(said: Said) -> tuple[int, bytes]:
    """Let a forged webhook be acknowledged."""
    return (200 if said.status == 401 else said.status), said.body


def no_orders(said: Said) -> tuple[int, bytes]:
    """Let every order be lost from the back office."""
    if said.path != "/admin/orders":
        return as_it_was(said)
    return said.status, b'{"items": [], "next_cursor": null}'


def test_over_an_honest_wire_a_scenario_holds(shop: ThrowAwayShop) -> None:
    verdict = verdict_of(ROWS["webhook-alone"], shop, as_it_was)
    assert verdict.held, verdict


@pytest.mark.parametrize(
    ("name", "alter", "statement"),
    [
        ("webhook-captured-alone", one_unit_more, "each order took its unit, and nothing is held"),
        ("webhook-authorized-after", no_orders, "each cart is one order"),
        ("webhook-forged", believes_everybody, "each is refused"),
    ],
)
def test_a_shop_that_says_something_else_is_found_out(
    shop: ThrowAwayShop, name: str, alter: Alter, statement: str
) -> None:
    verdict = verdict_of(ROWS[name], shop, alter)
    assert [check.statement for check in verdict.checks if not check.held] == [statement]
    assert not verdict.held


def test_a_shop_that_refunds_twice_is_found_out(shop: ThrowAwayShop) -> None:
    verdict = verdict_of(ROWS["refund-same-key"], shop, as_it_was, twice="/refunds")
    assert [check.statement for check in verdict.checks if not check.held] == ["one refund"]


def test_a_scenario_ends_with_its_patience(shop: ThrowAwayShop) -> None:
    async def for_ever(_stage: Stage) -> None:
        await asyncio.Event().wait()

    row = Row(id="x", title="x", source="x", done="x", steps=for_ever, seconds_max=0.05)
    verdict = verdict_of(row, shop, as_it_was)
    assert verdict.stopped == "TimeoutError: "
    assert not verdict.held
