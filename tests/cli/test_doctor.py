"""`khata doctor` finds every wrong setting, names the variable, and says how to mend it."""

import shutil
import socket
from collections import namedtuple
from pathlib import Path

import pytest

from src.cli.doctor import examine
from src.events.notary_key import PRIVATE_FILE, load_signer
from tests.cli.commands import khata
from tests.cli.findings import wrong

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


def test_a_redis_that_wants_no_password_or_no_tls_is_told_apart(
    own_environ: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    place = own_environ["REDIS_URL"].rpartition("@")[2].removeprefix("redis://")
    stranger = wrong(own_environ | {"REDIS_URL": f"redis://who:hunter2@{place}"}, capsys)
    assert "it does not take user and password" in stranger["REDIS_URL"]
    tls = wrong(own_environ | {"REDIS_URL": f"rediss://who:hunter2@{place}"}, capsys)
    assert "rediss:// speaks TLS" in tls["REDIS_URL"]


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


def test_the_notarys_public_half_is_for_everybody_and_its_private_half_is_not(
    own_environ: dict[str, str], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notary = home / "keys" / "notary"
    load_signer(notary)
    assert "notary's key" not in wrong(own_environ, capsys)
    (notary / PRIVATE_FILE).chmod(0o644)
    assert "notary's key" in wrong(own_environ, capsys)


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


def test_a_well_shop_is_well(
    own_environ: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert examine(own_environ) == 0
    assert "all is well" in capsys.readouterr().out


def test_the_doctor_names_each_thing_that_is_wrong(
    own_environ: dict[str, str], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "keys" / "notary").mkdir(parents=True)
    (home / "master.key").write_text("too short")
    (home / "keys" / "notary" / "notary.pem").write_text("no key")
    broken = own_environ | {
        "DATABASE_URL": own_environ["KHATA_OWNER_DATABASE_URL"],
        "KHATA_READ_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "REDIS_URL": "redis://:hunter2@127.0.0.1:1/0",
        "KHATA_PROT": "1",
        "KHATA_MASTER_KEY_FILE": str(home / "master.key"),
        "RAZORPAY_KEY_ID": "rzp_test_1",
        "RAZORPAY_KEY_SECRET": "hunter2",
        "RAZORPAY_BASE_URL": "http://127.0.0.1:1",
        "RAZORPAY_PREVIOUS_KEY_SECRETS": "hunter2, hunter2",
        "KHATA_CAPTURE": "manual",
    }
    assert examine(broken) == 1
    report = capsys.readouterr().out
    assert "application owns the book" in report
    wrong = [line.split()[1].strip(":") for line in report.splitlines() if line.startswith("WRONG")]
    assert wrong == [
        "KHATA_MASTER_KEY_FILE",
        "notary's",
        "DATABASE_URL",
        "KHATA_READ_DATABASE_URL",
        "REDIS_URL",
        "RAZORPAY_KEY_ID",
    ]
    assert "hunter2" not in report
    assert "ok    KHATA_CAPTURE: manual" in report
    assert "ok    RAZORPAY_PREVIOUS_KEY_SECRETS: 2 still good" in report
    assert "REDIS_URL: 127.0.0.1:1: no answer" in report
    assert "KHATA_READ_DATABASE_URL: 127.0.0.1:1: no connection" in report
    assert "warn  KHATA_PROT: Khata reads no variable of this name" in report


def test_the_doctor_looks_at_a_given_database_beside_its_own_redis(home: Path) -> None:
    home.mkdir()
    ran = khata(home, "doctor", DATABASE_URL="postgresql://x:hunter2@127.0.0.1:1/x")
    assert (ran.returncode, ran.stderr) == (1, "")
    assert "WRONG DATABASE_URL: 127.0.0.1:1: no connection" in ran.stdout
    assert "ok    REDIS_URL: " in ran.stdout
    assert "hunter2" not in ran.stdout


def test_the_doctor_names_every_wrong_variable(
    capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    home.mkdir()
    assert examine({"KHATA_HOME": str(home), "KHATA_PORT": "x", "KHATA_WORKERS": "x"}) == 1
    assert "2 to mend" in capsys.readouterr().out
