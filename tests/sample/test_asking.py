"""What may be asked for, and what is said to whoever asks for something else."""

import signal
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from src.cli.complaint import Complaint
from src.cli.outcome import INTERRUPTED
from src.cli.sample_history.request import DAYS_MAX, ORDERS_MAX, ORDERS_PER_DAY_MAX, checked
from src.embedded import Engines
from tests.cli.commands import TIMEOUT_SECONDS, command, environment, khata
from tests.databases import BookDatabase

NOW = datetime(2026, 11, 23, 12, 34, 56, tzinfo=UTC)


@pytest.mark.parametrize(
    ("orders", "days", "seed", "until", "why"),
    [
        (0, 90, 1, None, "--orders"),
        (ORDERS_MAX + 1, DAYS_MAX, 1, None, "--orders"),
        (ORDERS_PER_DAY_MAX + 1, 1, 1, None, "--days"),
        (10, 0, 1, None, "--days"),
        (10, DAYS_MAX + 1, 1, None, "--days"),
        (10, 1, 0, None, "--seed"),
        (10, 1, 1, "yesterday", "--until is a time"),
        (10, 1, 1, "2026-11-23T00:00:00", "needs its zone"),
        (10, 1, 1, "2026-11-23T12:34:57Z", "future"),
    ],
)
def test_what_is_out_of_its_limits_is_refused_by_name(
    orders: int, days: int, seed: int, until: str | None, why: str
) -> None:
    with pytest.raises(Complaint, match=why) as refused:
        checked(orders, days, seed, until, NOW)
    assert refused.value.exit_code == 2


def test_a_past_ends_with_the_last_full_hour_unless_it_is_said() -> None:
    assert checked(1, 1, 1, None, NOW).until == datetime(2026, 11, 23, 12, tzinfo=UTC)
    given = checked(1, 1, 1, "2026-11-23T05:30:00+05:30", NOW)
    assert given.until == datetime(2026, 11, 23, tzinfo=UTC)
    assert given.since == datetime(2026, 11, 22, tzinfo=UTC)


def test_the_command_fills_an_empty_book_once(
    book_database: BookDatabase, engines: Engines, tmp_path: Path
) -> None:
    urls = {
        "DATABASE_URL": book_database.app_url,
        "KHATA_OWNER_DATABASE_URL": book_database.owner_url,
        "REDIS_URL": engines.redis_url,
    }
    asked = ("sample", "--orders", "12", "--days", "2", "--until", "2026-08-31T18:00:00Z")
    first = khata(tmp_path / "home", *asked, **urls)
    assert first.returncode == 0, first.stderr
    assert first.stdout.startswith("made: 2 days until 2026-08-31T18:00:00Z, seed 1\n")
    second = khata(tmp_path / "home", *asked, **urls)
    assert second.returncode == 1
    assert "khata sample needs an empty book" in second.stderr


def test_ctrl_c_leaves_what_there_is_and_says_so(
    book_database: BookDatabase, engines: Engines, tmp_path: Path
) -> None:
    urls = {
        "DATABASE_URL": book_database.app_url,
        "KHATA_OWNER_DATABASE_URL": book_database.owner_url,
        "REDIS_URL": engines.redis_url,
    }
    home = tmp_path / "home"
    with subprocess.Popen(
        command("sample", "--orders", "500000", "--days", "90"),
        env=environment(home, **urls),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stderr is not None
        assert running.stderr.readline().startswith("about 500,000 orders in 90 days")
        running.send_signal(signal.SIGINT)
        said, _ = running.communicate(timeout=TIMEOUT_SECONDS)
    assert running.returncode == INTERRUPTED
    assert said.startswith("stopped early: this is what there is: 90 days until ")


def test_nothing_is_made_up_where_a_key_moves_real_money(
    book_database: BookDatabase, engines: Engines, tmp_path: Path
) -> None:
    ran = khata(
        tmp_path / "home",
        "sample",
        DATABASE_URL=book_database.app_url,
        KHATA_OWNER_DATABASE_URL=book_database.owner_url,
        REDIS_URL=engines.redis_url,
        RAZORPAY_KEY_ID="rzp_live_abcdefghijklmn",
        RAZORPAY_KEY_SECRET="a secret of nobody",
        RAZORPAY_WEBHOOK_SECRETS="another secret of nobody",
    )
    assert ran.returncode == 1
    assert "it needs a test key" in ran.stderr
