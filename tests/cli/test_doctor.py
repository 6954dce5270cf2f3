"""`khata doctor` finds every wrong setting, names the variable, and says how to mend it."""

import asyncio
import shutil
import socket
from collections import namedtuple
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from src.bootstrap.moments import now
from src.cli import database_findings
from src.cli.doctor import examine
from src.embedded import Engines
from src.events.migrated import newest
from tests.databases import BookDatabase, as_superuser, connected

NOBODY = "127.0.0.1:1"
WRONG_NUMBERS = ("x", "-1", "1.5", "1e3", "99999999999", "\uff10")
NUMBERS = (
    "KHATA_PORT",
    "KHATA_SANDBOX_PORT",
    "KHATA_WORKERS",
    "KHATA_CHECKOUT_TTL_SECONDS",
    "KHATA_OUTBOX_KEEP",
    "KHATA_INBOX_KEEP_DAYS",
    "KHATA_READ_TX_SECONDS",
)
TABLE = [
    *((name, value) for name in NUMBERS for value in WRONG_NUMBERS),
    ("KHATA_WORKERS", "0"),
    ("KHATA_WORKERS", "65"),
    ("KHATA_PORT", "65536"),
    ("KHATA_DEBUG", "yes"),
    ("KHATA_CAPTURE", "sometimes"),
    ("KHATA_HOST", "shop.example"),
    ("DATABASE_URL", "mysql://khata:hunter2@127.0.0.1/khata"),
    ("DATABASE_URL", "postgresql://khata:hunter2@127.0.0.1:port/khata"),
    ("DATABASE_URL", f"postgresql://khata:hunter2@{NOBODY}/khata"),
    ("KHATA_OWNER_DATABASE_URL", "khata"),
    ("KHATA_OWNER_DATABASE_URL", f"postgresql://khata:hunter2@{NOBODY}/khata"),
    ("KHATA_READ_DATABASE_URL", "http://127.0.0.1"),
    ("KHATA_READ_DATABASE_URL", f"postgresql://khata:hunter2@{NOBODY}/khata"),
    ("REDIS_URL", "memcached://127.0.0.1"),
    ("REDIS_URL", f"redis://:hunter2@{NOBODY}/0"),
    ("REDIS_URL", "unix:///nowhere/redis.sock"),
    ("SMTP_URL", "http://127.0.0.1"),
    ("SMTP_URL", f"smtp://khata:hunter2@{NOBODY}"),
    ("SMTP_URL", f"smtps://khata:hunter2@{NOBODY}"),
    ("KHATA_SHOP_URL", "shop"),
    ("KHATA_MAIL_FROM", "nobody"),
    ("KHATA_MASTER_KEY_FILE", "/dev/null/master.key"),
    ("KHATA_SIGNING_KEYS_DIR", "/dev/null/signing"),
    ("RAZORPAY_KEY_ID", "my_key"),
    ("RAZORPAY_KEY_SECRET", "hunter2"),
    ("RAZORPAY_BASE_URL", "ftp://127.0.0.1"),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://{NOBODY}"),
    ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "grpc://127.0.0.1:4317"),
    ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
    ("OTEL_TRACES_SAMPLER", "sometimes"),
    ("OTEL_TRACES_SAMPLER_ARG", "2"),
]


def wrong(environ: dict[str, str], capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """Return what the doctor says is wrong, by what it is about; each is said how to mend."""
    status = examine(environ)
    lines = capsys.readouterr().out.splitlines()
    assert "hunter2" not in "".join(lines)
    found: dict[str, str] = {}
    for number, line in enumerate(lines):
        if line.startswith("WRONG"):
            name, _, says = line.removeprefix("WRONG ").partition(": ")
            assert lines[number + 1].startswith("      "), "how to mend it"
            if name == "settings":
                name = says.split()[0].rstrip(":")
            found[name] = f"{says} | {lines[number + 1].strip()}"
    assert status == bool(found)
    return found


@pytest.mark.parametrize(("variable", "value"), TABLE)
def test_the_doctor_names_the_variable_that_is_wrong(
    variable: str, value: str, own_environ: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    found = wrong(own_environ | {variable: value}, capsys)
    about = "RAZORPAY_…" if variable.startswith("RAZORPAY") else variable
    assert about in found or variable in str(found)


def test_nothing_is_wrong_where_nothing_is(
    own_environ: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert wrong(own_environ, capsys) == {}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ((":", ":hunter2"), "InvalidPasswordError"),
        (("/khata_test", "/another"), "InvalidCatalogNameError"),
    ],
)
def test_a_database_that_will_not_have_us_says_why(
    change: tuple[str, str],
    says: str,
    own_environ: dict[str, str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    before, after = change
    scheme, _, rest = own_environ["DATABASE_URL"].partition("://")
    url = f"{scheme}://{rest.replace(before, after, 1)}"
    found = wrong(own_environ | {"DATABASE_URL": url}, capsys)
    assert says in found["DATABASE_URL"]
    assert "correct role, password or database" in found["DATABASE_URL"]


def test_a_database_that_speaks_no_tls_is_told_apart(
    own_environ: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"{own_environ['DATABASE_URL']}?sslmode=require"
    found = wrong(own_environ | {"DATABASE_URL": url}, capsys)
    assert set(found) == {"DATABASE_URL", "KHATA_READ_DATABASE_URL"}


def test_a_redis_that_wants_no_password_or_no_tls_is_told_apart(
    own_environ: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    place = own_environ["REDIS_URL"].rpartition("@")[2].removeprefix("redis://")
    stranger = wrong(own_environ | {"REDIS_URL": f"redis://who:hunter2@{place}"}, capsys)
    assert "it does not take user and password" in stranger["REDIS_URL"]
    tls = wrong(own_environ | {"REDIS_URL": f"rediss://who:hunter2@{place}"}, capsys)
    assert "rediss:// speaks TLS" in tls["REDIS_URL"]


async def _set_version(database: BookDatabase, version: str) -> None:
    await connected(
        database.superuser_url,
        lambda db: db.execute(f"update khata.migrated set version_num = '{version}'"),  # noqa: S608  # a number of ours
    )


@pytest.mark.parametrize(("version", "mend"), [("0001", "khata migrate"), ("9999", "restore")])
def test_a_book_of_another_version_is_named(
    version: str,
    mend: str,
    own_environ: dict[str, str],
    book_database: BookDatabase,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asyncio.run(_set_version(book_database, version))
    found = wrong(own_environ, capsys)["DATABASE_URL"]
    assert f"version {int(version)}" in found
    assert str(int(newest())) in found
    assert mend in found


@pytest.fixture
def latin(engines: Engines) -> Iterator[str]:
    """A database that cannot hold every word."""
    made = "create database khata_latin encoding 'LATIN1' template template0 locale 'C'"
    asyncio.run(as_superuser(engines, made))
    yield f"{engines.superuser_url.rpartition('/')[0]}/khata_latin"
    asyncio.run(as_superuser(engines, "drop database khata_latin with (force)"))


def test_an_encoding_that_cannot_hold_every_word_is_named(
    latin: str, own_environ: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    found = wrong(own_environ | {"KHATA_READ_DATABASE_URL": latin}, capsys)
    assert "its encoding is LATIN1" in found["KHATA_READ_DATABASE_URL"]


def test_an_old_postgresql_is_named(
    own_environ: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(database_findings, "POSTGRESQL_MIN", 990_000)
    found = wrong(own_environ, capsys)
    assert "use PostgreSQL 15 or newer" in found["DATABASE_URL"]


@pytest.mark.parametrize(("hours", "way"), [(1, "behind"), (-1, "ahead of")])
def test_a_clock_that_differs_is_named(
    hours: int,
    way: str,
    own_environ: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(database_findings, "now", lambda: now() + timedelta(hours=hours))
    found = wrong(own_environ, capsys)
    assert f"s {way} this machine's" in found["DATABASE_URL"]


def test_a_disk_that_is_nearly_full_is_named(
    own_environ: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    usage = namedtuple("usage", "free")  # noqa: PYI024  # as the standard library's
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(3 * 1024**2))
    assert "has 3 MiB left on its disk" in wrong(own_environ, capsys)["KHATA_HOME"]


def test_a_home_that_cannot_be_is_named(
    tmp_path: Path, own_environ: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("no folder")
    found = wrong(own_environ | {"KHATA_HOME": str(tmp_path / "file" / "home")}, capsys)
    assert "KHATA_HOME" in found


def test_keys_that_others_may_read_are_named(
    own_environ: dict[str, str], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    signing = home / "keys" / "signing"
    own_environ["KHATA_SIGNING_KEYS_DIR"] = str(signing)
    signing.mkdir(parents=True, mode=0o700)
    wrong(own_environ, capsys)
    (made,) = signing.iterdir()
    made.chmod(0o644)
    found = wrong(own_environ, capsys)
    assert found["KHATA_SIGNING_KEYS_DIR"].endswith(f"| chmod -R go= {signing}")
    made.unlink()
    shutil.rmtree(signing)
    signing.write_text("no folder")
    assert "KHATA_SIGNING_KEYS_DIR" in wrong(own_environ, capsys)


def test_a_port_that_somebody_has_is_named(
    own_environ: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert set(wrong(own_environ | {"KHATA_PORT": port}, capsys)) == {"KHATA_PORT"}
        both = own_environ | {"KHATA_PORT": port, "KHATA_SANDBOX_PORT": port}
        assert "KHATA_PORT" in wrong(both, capsys)


def test_real_money_and_a_sandbox_do_not_go_together(
    own_environ: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    live = {
        "RAZORPAY_KEY_ID": "rzp_live_abcdefgh",
        "RAZORPAY_KEY_SECRET": "hunter2hunter2",
        "RAZORPAY_BASE_URL": "http://127.0.0.1:8001",
    }
    assert "RAZORPAY_…" in wrong(own_environ | live, capsys)


def test_a_razorpay_without_a_webhook_secret_is_named(
    own_environ: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    test_key = {"RAZORPAY_KEY_ID": "rzp_test_abcdefgh", "RAZORPAY_KEY_SECRET": "hunter2hunter2"}
    there = own_environ | test_key | {"RAZORPAY_BASE_URL": f"https://{NOBODY}"}
    assert {"RAZORPAY_WEBHOOK_SECRETS", "RAZORPAY_KEY_ID"} & set(wrong(there, capsys))
