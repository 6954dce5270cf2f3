"""What README.md tells a newcomer to type, and what it says is true."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
import typer.main

from src.cli.app import app
from src.cli.shop_record import ShopRecord, read_shop
from tests.architecture.tree import python_files
from tests.cli.commands import ROOT, command, environment
from tests.journeys.places import passable_place

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", README, flags=re.DOTALL)
PURCHASE = next(block for block in BLOCKS if "/carts" in block)
STAFF = next(block for block in BLOCKS if "/admin/orders" in block)
PURCHASE_SECONDS_MAX = 60.0
STOP_SECONDS_MAX = 30.0
READ_AGAIN = "\ncurl -s $shop/orders/%s -H 'X-Session-Id: %s'\n"


@pytest.fixture
def home() -> Iterator[Path]:
    with passable_place() as directory:
        yield directory / "home"


@contextmanager
def shop_open(home: Path) -> Iterator[tuple[subprocess.Popen[str], ShopRecord]]:
    """`khata up` on free ports, from `ready` on."""
    process = subprocess.Popen(
        command("up"),
        env=environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("ready http://127.0.0.1:")
        record = read_shop(home)
        assert record is not None
        yield process, record
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=STOP_SECONDS_MAX)


def typed(script: str, at: ShopRecord) -> str:
    """Run a script as it stands, but for the two addresses."""
    assert at.sandbox_url is not None
    script = script.replace("http://127.0.0.1:8000", at.api_url)
    script = script.replace("http://127.0.0.1:8001", at.sandbox_url)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],  # noqa: S607 - whichever bash a newcomer has
        capture_output=True,
        text=True,
        check=False,
        timeout=PURCHASE_SECONDS_MAX,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="the engines do not run there")
def test_the_curl_purchase_is_an_order_and_survives_a_kill(home: Path) -> None:
    with shop_open(home) as (process, record):
        *answers, secret = typed(PURCHASE + '\necho "$mine"', record).splitlines()
        cart, order, timeline = map(msgspec.json.decode, answers)
        assert [line["quantity"] for line in cart["items"]] == [2]
        assert order["status"] == "placed"
        assert order["payment"]["amount"] == order["totals"]["total"]
        assert [each["event"] for each in timeline["items"]].count("OrderPlaced") == 1
        process.kill()
    with shop_open(home) as (_, record):
        again = f"shop={record.api_url}" + READ_AGAIN % (order["order_id"], secret.split()[-1])
        assert msgspec.json.decode(typed(again, record)) == order


@pytest.mark.skipif(sys.platform == "win32", reason="the engines do not run there")
def test_what_staff_and_the_buyer_type_afterwards_gives_all_money_back(home: Path) -> None:
    with shop_open(home) as (_, record):
        khata = f"KHATA_HOME={home} {sys.executable} -P -m src"
        script = f"{PURCHASE}{STAFF}".replace(".venv/bin/khata", khata)
        answers = [msgspec.json.decode(line) for line in typed(script, record).splitlines()]
    _, order, _, listed, refund, cancelled = answers
    assert [each["order_id"] for each in listed["items"]] == [order["order_id"]]
    assert refund["amount"] == {"amount": 10_000, "currency": "INR"}
    assert cancelled["status"] == "cancelled"
    assert cancelled["refunded"] == order["totals"]["total"]


def test_the_two_commands_are_first() -> None:
    assert [block.strip() for block in BLOCKS[:2]] == [
        "pip install -q uv rust-just && just up",
        "pip install -q uv rust-just && just test",
    ]


def test_every_test_that_holds_a_promise_exists() -> None:
    tests = {
        name
        for path in python_files(ROOT / "tests")
        for name in re.findall(r"def (test_\w+)\(", path.read_text(encoding="utf-8"))
    }
    named = re.findall(r"`(test_\w+)`", README)
    assert len(named) >= 9
    assert set(named) - tests == set()


def test_every_command_is_in_the_table() -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # a group has them
    shown = {name for name, each in commands.items() if not each.hidden}
    table = README.split("## Commands")[1].split("## Environment")[0]
    assert {
        name for name in shown if f"`{name}" not in table and f"khata {name}" not in table
    } == set()


def test_every_variable_in_the_table_is_read() -> None:
    table = README.split("## Environment")[1].split("## Layout")[0]
    read = "".join(path.read_text(encoding="utf-8") for path in python_files(ROOT / "src"))
    named = re.findall(r"`((?:KHATA|RAZORPAY|DATABASE|REDIS)_\w+)`", table)
    assert [name for name in named if f'"{name}"' not in read] == []
    assert sorted(set(re.findall(r'"(KHATA_[A-Z_]+)"', read)) - set(named)) == []
