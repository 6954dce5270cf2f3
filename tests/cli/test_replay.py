"""`khata replay` and `khata history --state`: the past on the command line."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from src.cli.catalogue_import import import_catalogue
from src.cli.complaint import Complaint
from src.cli.history import show_history, show_state
from src.cli.replay import Request, show_replay
from src.cli.why import show_why
from src.settings import Settings
from tests.cli.commands import ROOT, command, environment, khata

PRODUCTS = 40


@pytest.fixture
def settings(own_environ: dict[str, str], home: Path) -> Settings:
    """A shop whose book has two facts a product: its listing, and its opening stock."""
    settings = Settings.from_environ(own_environ)
    lines = (f"P{n},Product {n},{1000 + n},{n + 1}\n" for n in range(PRODUCTS))
    path = home / "shop.csv"
    path.write_text("sku,name,price,opening_stock\n" + "".join(lines))
    assert import_catalogue(settings, path) == 0
    return settings


def request(
    begin: str | None = None,
    end: str | None = None,
    types: tuple[str, ...] = (),
    stream: str | None = None,
    *,
    as_json: bool = True,
) -> Request:
    return Request(begin=begin, end=end, types=types, stream=stream, as_json=as_json)


def replayed(
    settings: Settings, capsys: pytest.CaptureFixture[str], wanted: Request
) -> tuple[list[str], str]:
    """Return the lines of a replay, and what it said beside them."""
    capsys.readouterr()
    show_replay(settings, wanted)
    said = capsys.readouterr()
    return said.out.splitlines(), said.err


def test_a_replay_prints_the_book_in_order_and_counts_it(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    lines, said = replayed(settings, capsys, request())
    facts = [json.loads(line) for line in lines]
    assert [fact["position"] for fact in facts] == list(range(1, len(facts) + 1))
    assert {fact["stream"] for fact in facts} >= {"product-P0", "stock-P0"}
    assert said.startswith(f"{len(facts)} facts in ")
    assert said.endswith("/s)\n")


def test_a_replay_goes_from_any_moment_to_any_moment(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    lines, _ = replayed(settings, capsys, request())
    facts = [json.loads(line) for line in lines]
    begin, end = facts[9], facts[29]
    by_position = request(str(begin["position"]), str(end["position"]))
    assert replayed(settings, capsys, by_position)[0] == lines[9:30]
    by_time = request(begin["recorded_at"], end["recorded_at"])
    expected = [
        line
        for line, fact in zip(lines, facts, strict=True)
        if begin["recorded_at"] <= fact["recorded_at"] <= end["recorded_at"]
    ]
    assert replayed(settings, capsys, by_time)[0] == expected
    nothing, said = replayed(settings, capsys, request("1000", begin["recorded_at"]))
    assert (nothing, said[:8]) == ([], "0 facts ")


def test_a_printed_time_is_one_that_finds_its_fact_again(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    [line], _ = replayed(settings, capsys, request(stream="stock-P2", as_json=False))
    time = line.split()[1]
    assert replayed(settings, capsys, request(time, time, stream="stock-P2", as_json=False))[0] == [
        line
    ]
    for tell in (show_history, show_why):
        tell(settings, "stock-P2", time, as_json=False)
        assert f"  {time}  StockReceived  " in capsys.readouterr().out


def test_a_replay_can_be_of_some_facts_in_words(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    [line], said = replayed(
        settings,
        capsys,
        request(types=("stockreceived", "OrderPlaced"), stream="stock-P2", as_json=False),
    )
    assert "  StockReceived " in line
    assert "  3 units of P2 came in.  [staff:operator:khata-import]" in line
    assert said.startswith("1 fact in ")


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (request(types=("StockRecieved",)), "did you mean StockReceived"),
        (request(types=("Nonsense",)), "there are CartOpened, "),
        (request(begin="yesterday"), "--from is neither a position"),
        (request(end="2030-01-01T00:00:00"), "--to needs its offset"),
        (request("50", "10"), "--to is before --from"),
        (request("2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z"), "--to is before --from"),
        (request(stream="P2"), "A stream is called KIND-ID"),
        (request(stream="AAAAA-BBBBB"), "none with the number AAAAA-BBBBB"),
    ],
)
def test_what_cannot_be_replayed_is_a_complaint(
    settings: Settings, wanted: Request, words: str
) -> None:
    with pytest.raises(Complaint, match=words):
        show_replay(settings, wanted)


@pytest.mark.parametrize("asked", [["replay"], ["replay", "--json"], ["history", "stock-P2"]])
def test_a_pipe_that_is_closed_ends_it_quietly(
    settings: Settings, own_environ: dict[str, str], home: Path, asked: list[str]
) -> None:
    assert settings.home == home
    running = subprocess.Popen(
        command(*asked),
        env=environment(home, **own_environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    )
    assert running.stdout is not None
    assert running.stderr is not None
    running.stdout.close()
    said = running.stderr.read()
    running.stderr.close()
    assert (running.wait(), said) == (0, b"")


def test_long_work_shows_how_far_it_has_come_to_whoever_watches(
    settings: Settings, own_environ: dict[str, str], home: Path
) -> None:
    assert settings.home == home
    watched, screen = os.openpty()
    with os.fdopen(watched, "rb", buffering=0) as terminal:
        ran = subprocess.run(
            command("replay", "--json"),
            env=environment(home, **own_environ),
            stdout=subprocess.PIPE,
            stderr=screen,
            check=True,
            cwd=ROOT,
        )
        os.close(screen)
        said = terminal.read(10_000).decode()
    facts = len(ran.stdout.splitlines())
    assert f"\r{facts} of {facts} positions, " in said
    assert f"\x1b[K{facts} facts in " in said


def test_a_state_is_printed_as_it_stood(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    show_state(settings, "stock-P2", None, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert (told["type"], told["version"], told["state"]["available"]) == ("Stock", 1, 3)
    show_state(settings, "stock-P2", told["recorded_at"], as_json=False)
    indented = capsys.readouterr().out
    assert json.loads(indented) == told
    assert '\n  "version": 1,\n' in indented
    with pytest.raises(Complaint, match="nothing in the stream stock-P2 then"):
        show_state(settings, "stock-P2", str(told["position"] - 1), as_json=True)


def test_both_are_commands(settings: Settings, own_environ: dict[str, str], home: Path) -> None:
    assert settings.home == home
    ran = khata(home, "replay", "--from", "1", "--to", "1", "--json", **own_environ)
    assert (ran.returncode, json.loads(ran.stdout)["position"]) == (0, 1)
    assert ran.stderr.startswith("1 fact in ")
    ran = khata(home, "history", "stock-P2", "--state", "--json", **own_environ)
    assert (ran.returncode, json.loads(ran.stdout)["stream"]) == (0, "stock-P2")
    ran = khata(home, "replay", "--type", "StockRecieved", **own_environ)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == (
        "khata: --type: no fact is called StockRecieved; did you mean StockReceived or "
        "StockReserved or StockReleased?\n"
    )
