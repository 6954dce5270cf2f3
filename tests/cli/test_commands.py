"""The commands that do one thing and end, on a book of their own."""

import json
import re
from importlib.metadata import version
from pathlib import Path

import pytest
from typer import Exit

from src import environment as environment_module
from src import settings as settings_module
from src.cli.catalogue_import import import_catalogue
from src.cli.complaint import Complaint
from src.cli.history import show_history
from src.cli.outcome import told
from src.cli.variables import VARIABLES
from src.events.migrated import newest
from src.settings import Settings
from tests.cli.commands import khata
from tests.databases import unread

CSV = """sku,name,price,weight_grams,opening_stock
PEN,Gel pen,1000,12,5
BAD,Bad price,ten,0,0
PEN,Gel pen again,1100,12,5
INK,Ink bottle,4500,90,0
"""


def written(home: Path, name: str, content: str) -> Path:
    home.mkdir(exist_ok=True)
    path = home / name
    path.write_text(content)
    return path


def said(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out


def stock_facts(settings: Settings, capsys: pytest.CaptureFixture[str], sku: str) -> list[str]:
    capsys.readouterr()
    show_history(settings, f"stock-{sku}", None, as_json=True)
    return [json.loads(line)["type"] for line in said(capsys).splitlines()]


def test_an_import_takes_what_is_right_and_names_what_is_not(
    home: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert import_catalogue(settings, written(home, "shop.csv", CSV)) == 1
    report = said(capsys)
    assert "accepted 2: 2 new or changed\n" in report
    assert "refused 2" in report
    assert "line 3: Expected `int`" in report
    assert "line 4: PEN is on line 2 already" in report
    assert stock_facts(settings, capsys, "PEN") == ["StockReceived"]


def test_importing_a_file_again_adds_nothing_twice(
    home: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = '{"sku":"PEN","name":"Gel pen","price":1000,"opening_stock":5}\n'
    path = written(home, "shop.jsonl", lines)
    assert import_catalogue(settings, path) == 0
    assert import_catalogue(settings, path) == 0
    assert "accepted 1: 0 new or changed, 1 as before" in said(capsys).splitlines()[-2]
    assert stock_facts(settings, capsys, "PEN") == ["StockReceived"]


def test_a_price_that_comes_back_is_a_change_each_time(
    home: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    for price in (1000, 1200, 1000):
        import_catalogue(
            settings, written(home, "shop.csv", f"sku,name,price\nPEN,Gel pen,{price}\n")
        )
    capsys.readouterr()
    show_history(settings, "product-PEN", None, as_json=True)
    facts = [json.loads(line) for line in said(capsys).splitlines()]
    assert [fact["fact"]["price"]["amount"] for fact in facts] == [1000, 1200, 1000]


def test_history_tells_a_stream_in_words_and_as_it_was(
    home: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    import_catalogue(settings, written(home, "shop.csv", "sku,name,price\nPEN,Gel pen,1000\n"))
    import_catalogue(settings, written(home, "shop.csv", "sku,name,price\nPEN,Gel pen,1200\n"))
    capsys.readouterr()
    show_history(settings, "product-PEN", "1", as_json=False)
    table = said(capsys)
    assert "ProductListed" in table
    assert "ProductRevised" not in table


def test_an_import_says_who_did_it_and_why(
    home: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(home, "shop.csv", "sku,name,price\nPEN,Gel pen,1000\n")
    import_catalogue(settings, path, "asha", "the spring price list")
    capsys.readouterr()
    show_history(settings, "product-PEN", None, as_json=False)
    [line] = [line for line in said(capsys).splitlines() if "ProductListed" in line]
    assert line.endswith("staff:operator:asha because: the spring price list")
    with pytest.raises(Complaint, match="--reason takes one line of 1 to 500 characters"):
        import_catalogue(settings, path, "asha", "two\nlines")


@pytest.mark.parametrize(
    ("stream", "as_of"), [("PEN", None), ("cart-none", None), ("cart-none", "yesterday")]
)
def test_history_of_nothing_is_a_complaint(
    settings: Settings, stream: str, as_of: str | None
) -> None:
    with pytest.raises(Complaint):
        show_history(settings, stream, as_of, as_json=False)


@unread
def test_a_number_waits_for_the_list_of_orders(settings: Settings) -> None:
    with pytest.raises(Complaint, match="not built yet, so AAAAA-BBBBB cannot be looked up"):
        show_history(settings, "aaaaa-bbbbb", None, as_json=False)


def test_a_database_that_does_not_answer_is_named_by_its_variable(home: Path) -> None:
    home.mkdir()
    nobody = {"DATABASE_URL": "postgresql://x:hunter2@127.0.0.1:1/x", "REDIS_URL": "redis://a"}
    said = "DATABASE_URL: nobody answers there (ConnectionRefusedError); check that PostgreSQL runs"
    for words in ("history cart-1", "migrate"):
        ran = khata(home, *words.split(), **nobody)
        assert (ran.returncode, ran.stdout, ran.stderr) == (1, "", f"khata: {said}.\n")


def test_a_file_of_somebody_else_is_one_calm_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    def read() -> None:
        raise PermissionError(13, "Permission denied", "/srv/keys/signing")

    with pytest.raises(Exit) as ended:
        told(read)
    assert ended.value.exit_code == 1
    assert capsys.readouterr().err == (
        "khata: /srv/keys/signing is closed to this user (Permission denied): "
        "run khata as the user whose shop it is.\n"
    )


def test_an_error_is_one_line_without_a_trace(home: Path) -> None:
    home.mkdir()
    ran = khata(home, "history", "cart-1", KHATA_PORT="x")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == "khata: KHATA_PORT must be a whole number from 0 to 65535.\n"


def test_it_says_its_version(home: Path) -> None:
    assert khata(home, "--version").stdout == version("khata") + "\n"


def test_simulating_without_a_shop_says_what_to_start(home: Path) -> None:
    home.mkdir()
    ran = khata(home, "simulate", "pay", "order_1", KHATA_SANDBOX_PORT="1")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == (
        "khata: http://127.0.0.1:1 does not answer (ConnectionRefusedError): "
        "start `khata up` or `khata sandbox`.\n"
    )


@pytest.mark.parametrize(
    "words",
    ["token --role admin", "history cart-1", "audit verify", "simulate flush", "doctor"],
)
def test_where_no_shop_is_none_is_made_by_asking(home: Path, words: str) -> None:
    ran = khata(home, *words.split())
    said = f"there is no shop in {home}: set KHATA_HOME, or start one with khata up\n"
    assert ran.returncode == 1
    assert ran.stdout + ran.stderr in {f"khata: {said}", f"WRONG KHATA_HOME: {said}"}
    assert not home.exists()


def test_history_is_one_line_a_fact_in_a_pipe(home: Path, own_environ: dict[str, str]) -> None:
    path = written(home, "shop.csv", "sku,name,price\nPEN,Gel pen,1000\n")
    import_catalogue(Settings.from_environ(own_environ), path)
    [_, line] = khata(home, "history", "product-PEN", **own_environ).stdout.splitlines()
    assert "ProductListed  PEN is for sale at ₹10.00." in line
    assert line.rstrip().endswith("staff:operator:khata-import")


@pytest.mark.parametrize(
    ("bare", "stream"),
    [
        ("ord_1", "order-ord_1"),
        ("cart_1", "cart-cart_1"),
        ("cs_1", "checkout-cs_1"),
        ("cust_1", "customer-cust_1"),
        ("wh_1", "webhook-wh_1"),
        ("order_1", "payment-order_1"),
    ],
)
def test_an_id_that_answers_show_names_its_stream(
    settings: Settings, bare: str, stream: str
) -> None:
    with pytest.raises(Complaint, match=f"in the stream {stream}\\."):
        show_history(settings, bare, None, as_json=False)


def test_migrating_says_where_the_database_is_now(home: Path, own_environ: dict[str, str]) -> None:
    ran = khata(home, "migrate", **own_environ)
    assert (ran.returncode, ran.stdout) == (0, f"the database is at version {int(newest())}\n")


NAMES = ("simulate", "audit", "import", "keys", "backup", "restore", "cases")
GROUPS = [[], *([name] for name in NAMES)]


@pytest.mark.parametrize("group", GROUPS)
def test_no_sentence_of_the_help_is_cut(home: Path, group: list[str]) -> None:
    listed = khata(home, *group, "--help").stdout.partition("\nCommands:\n")[2]
    assert [line for line in listed.splitlines() if line.endswith("...")] == []
    assert listed


def test_only_known_variables_are_read() -> None:
    readers = [Path(each.__file__ or "") for each in (settings_module, environment_module)]
    source = "".join(each.read_text(encoding="utf-8") for each in readers)
    assert set(re.findall(r'"(KHATA_[A-Z_]+)"', source)) == VARIABLES
