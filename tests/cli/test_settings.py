"""Every variable is read once, and everything that is wrong is said at once."""

import stat
from datetime import timedelta
from pathlib import Path

import pytest

from src.events.capture import CaptureMode
from src.http.sandbox.settings import LiveKeyRefused
from src.settings import EngineUnknownError, Settings, SettingsError


def chance(length: int) -> bytes:
    return bytes(range(length))


def settings(home: Path, **variables: str) -> Settings:
    return Settings.from_environ({"KHATA_HOME": str(home), **variables}, chance)


def test_without_any_variable_it_is_a_shop_of_this_machine_with_a_sandbox(home: Path) -> None:
    read = settings(home)
    assert (read.api_url, read.sandbox_url) == ("http://127.0.0.1:8000", "http://127.0.0.1:8001")
    assert (read.workers, read.checkout_ttl) == (1, timedelta(seconds=1800))
    assert (read.outbox_keep, read.read_tx_seconds) == (100_000, 5)
    assert read.inbox_keep_days == 30
    assert (read.http.rate_per_second, read.http.trusted_proxies) == (1_000, ())
    assert (read.http.door_email_per_minute, read.http.door_address_per_minute) == (10, 60)
    assert read.razorpay.capture is CaptureMode.AUTOMATIC
    assert read.has_own_razorpay
    assert read.razorpay.url == read.sandbox_url
    assert read.sandbox.webhook_url == "http://127.0.0.1:8000/webhooks/razorpay"


def test_every_variable_is_read(home: Path) -> None:
    read = settings(
        home,
        KHATA_HOST="::1",
        KHATA_PORT="9000",
        KHATA_SANDBOX_PORT="9001",
        KHATA_CHECKOUT_TTL_SECONDS="2",
        KHATA_WORKERS="3",
        KHATA_OUTBOX_KEEP="0",
        KHATA_READ_TX_SECONDS="7",
        KHATA_INBOX_KEEP_DAYS="90",
        KHATA_RATE_PER_SECOND="0",
        KHATA_DOOR_EMAIL_PER_MINUTE="5",
        KHATA_DOOR_ADDRESS_PER_MINUTE="50",
        KHATA_TRUSTED_PROXIES="127.0.0.1, 10.0.0.0/8",
        DATABASE_URL="postgresql://app@db/shop",
        KHATA_OWNER_DATABASE_URL="postgresql://owner@db/shop",
        KHATA_READ_DATABASE_URL="postgresql://read@db/shop",
        REDIS_URL="redis://cache:6380/1",
        RAZORPAY_KEY_ID="rzp_test_12345678901234",
        RAZORPAY_KEY_SECRET="secret",
        RAZORPAY_PREVIOUS_KEY_SECRETS="older, oldest",
        KHATA_CAPTURE="manual",
        RAZORPAY_WEBHOOK_SECRETS="new, old",
        RAZORPAY_BASE_URL="http://127.0.0.1:7",
        SMTP_URL="smtp://mail:25",
        KHATA_MAIL_FROM="Chai Shop <shop@chai.example>",
        KHATA_SHOP_URL="https://chai.example/shop/",
        KHATA_MASTER_KEY_FILE=str(home / "m"),
        KHATA_SIGNING_KEYS_DIR=str(home / "s"),
    )
    assert (read.api_url, read.sandbox_port, read.workers) == ("http://[::1]:9000", 9001, 3)
    assert read.checkout_ttl == timedelta(seconds=2)
    assert (read.outbox_keep, read.read_tx_seconds) == (0, 7)
    assert read.inbox_keep_days == 90
    assert read.http.rate_per_second == 0
    assert (read.http.door_email_per_minute, read.http.door_address_per_minute) == (5, 50)
    assert read.http.trusted_proxies == ("127.0.0.1/32", "10.0.0.0/8")
    assert read.app_url == "postgresql://app@db/shop"
    assert read.owner_url == "postgresql://owner@db/shop"
    assert read.read_url == "postgresql://read@db/shop"
    assert (read.cache_url, read.smtp_url) == ("redis://cache:6380/1", "smtp://mail:25")
    assert (read.mail.sender, read.mail.shop_url) == (
        "Chai Shop <shop@chai.example>",
        "https://chai.example/shop",
    )
    assert read.razorpay.webhook_secrets == ("new", "old")
    assert read.razorpay.key_secrets == ("secret", "older", "oldest")
    assert read.razorpay.capture is CaptureMode.MANUAL
    assert read.razorpay.url == "http://127.0.0.1:7"
    assert (read.master_key_file, read.signing_keys_dir) == (home / "m", home / "s")
    assert not read.has_own_razorpay


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("", ()),
        ("*", ("*",)),
        ("https://shop.example", ("https://shop.example",)),
        (
            "https://shop.example, http://127.0.0.1:3000,http://[::1]:3000",
            ("https://shop.example", "http://127.0.0.1:3000", "http://[::1]:3000"),
        ),
    ],
)
def test_origins_are_read_as_browsers_spell_them(
    home: Path, given: str, read: tuple[str, ...]
) -> None:
    assert settings(home, KHATA_CORS_ORIGINS=given).http.cors_origins == read


@pytest.mark.parametrize(
    "wrong",
    [
        "shop.example",
        "https://shop.example/",
        "https://shop.example/path",
        "https://Shop.example",
        "https://shop.example:443",
        "http://shop.example:80",
        "https://asha:secret@shop.example",
        "https://shop.example?x",
        "https://shöp.example",
        "ftp://shop.example",
        "*, https://shop.example",
        "https://*.shop.example",
        "https://shop.example,",
        "null",
    ],
)
def test_what_no_browser_sends_as_an_origin_is_named(home: Path, wrong: str) -> None:
    with pytest.raises(SettingsError, match="KHATA_CORS_ORIGINS must be"):
        settings(home, KHATA_CORS_ORIGINS=wrong)


def test_browsers_are_told_to_come_by_https_where_the_shop_is(home: Path) -> None:
    assert settings(home, KHATA_SHOP_URL="https://shop.example").http.https_only
    assert not settings(home, KHATA_SHOP_URL="http://shop.example").http.https_only
    assert not settings(home).http.https_only


def test_without_mail_settings_letters_go_into_a_folder_and_lead_to_the_api(home: Path) -> None:
    mail = settings(home).mail
    assert (mail.server, mail.where) == (None, str(home / "outbox"))
    assert (mail.sender, mail.shop_url) == ("khata@localhost", "http://127.0.0.1:8000")


def test_a_mail_servers_password_is_in_nothing_that_is_printed(home: Path) -> None:
    read = settings(home, SMTP_URL="smtps://khata:opensesame@mail.example")
    assert read.mail.where == "smtps://mail.example:465"
    assert "opensesame" not in repr(read) + repr(read.mail)


@pytest.mark.parametrize("text", ["shop", "a@x.in, b@x.in"])
def test_a_sender_that_is_no_address_is_named(home: Path, text: str) -> None:
    with pytest.raises(SettingsError, match="KHATA_MAIL_FROM must be one e-mail address"):
        settings(home, KHATA_MAIL_FROM=text)


def test_owner_and_reader_are_the_application_unless_they_are_named(home: Path) -> None:
    read = settings(home, DATABASE_URL="postgresql://app@db/shop")
    assert read.owner_url == read.read_url == read.app_url


def test_an_engine_without_address_is_asked_for_by_the_name_of_its_variable(home: Path) -> None:
    with pytest.raises(EngineUnknownError, match="REDIS_URL"):
        _ = settings(home).cache_url


WRONG = {
    "KHATA_HOST": "shop.example",
    "KHATA_PORT": "65536",
    "KHATA_SANDBOX_PORT": "-1",
    "KHATA_CHECKOUT_TTL_SECONDS": "0",
    "KHATA_WORKERS": "many",
    "KHATA_RATE_PER_SECOND": "-1",
    "KHATA_DOOR_EMAIL_PER_MINUTE": "0",
    "KHATA_DOOR_ADDRESS_PER_MINUTE": "0",
    "KHATA_TRUSTED_PROXIES": "proxy.example",
    "KHATA_OUTBOX_KEEP": "all",
    "KHATA_READ_TX_SECONDS": "0",
    "KHATA_INBOX_KEEP_DAYS": "0",
    "DATABASE_URL": "mysql://user:hunter2@db/shop",
    "KHATA_OWNER_DATABASE_URL": "postgresql://hunter2@db:99999999/shop",
    "KHATA_READ_DATABASE_URL": "hunter2",
    "REDIS_URL": "http://:hunter2@cache",
    "SMTP_URL": "hunter2",
    "RAZORPAY_KEY_SECRET": "hunter2",
    "KHATA_DEBUG": "yes",
    "KHATA_CAPTURE": "hunter2",
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_variable_is_named(home: Path, name: str) -> None:
    with pytest.raises(SettingsError) as refused:
        settings(home, **{name: WRONG[name]})
    [problem] = refused.value.problems
    assert name in problem


def test_everything_wrong_is_said_at_once_and_no_value_is_repeated(home: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        settings(home, **WRONG)
    assert len(refused.value.problems) == len(WRONG)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("name", ["RAZORPAY_PREVIOUS_KEY_SECRETS", "RAZORPAY_WEBHOOK_SECRETS"])
def test_an_empty_secret_among_others_is_refused(home: Path, name: str) -> None:
    with pytest.raises(SettingsError, match=name) as refused:
        settings(home, **{name: "hunter2,,hunter3"})
    assert "hunter" not in str(refused.value)


def test_a_home_that_cannot_be_made_is_said_together_with_the_rest(home: Path) -> None:
    home.write_text("a file where a directory should be")
    with pytest.raises(SettingsError) as refused:
        settings(home, KHATA_PORT="x", RAZORPAY_KEY_ID="rzp_live_1", RAZORPAY_KEY_SECRET="s")
    assert [problem.partition(" ")[0] for problem in refused.value.problems] == [
        "KHATA_HOME:",
        "KHATA_PORT",
    ]


def test_a_live_key_is_never_sent_anywhere_but_to_razorpay(home: Path) -> None:
    live = {"RAZORPAY_KEY_ID": "rzp_live_1", "RAZORPAY_KEY_SECRET": "s"}
    with pytest.raises(SettingsError, match="unset RAZORPAY_BASE_URL"):
        settings(home, **live, RAZORPAY_BASE_URL="http://127.0.0.1:8001")
    with pytest.raises(LiveKeyRefused):
        _ = settings(home, **live, RAZORPAY_WEBHOOK_SECRETS="w").sandbox


def test_a_webhook_secret_is_made_up_for_a_sandbox_only(home: Path) -> None:
    given = {"RAZORPAY_KEY_ID": "rzp_test_1", "RAZORPAY_KEY_SECRET": "s"}
    assert settings(home, **given).razorpay.webhook_secrets == ()
    assert settings(home).razorpay.webhook_secrets != ()


def test_what_is_made_up_is_kept_and_readable_by_its_owner_alone(home: Path) -> None:
    first = settings(home)
    again = Settings.from_environ({"KHATA_HOME": str(home)}, lambda length: b"\xff" * length)
    assert again.razorpay == first.razorpay
    kept = [home / "keys", *(home / "keys").iterdir()]
    assert len(kept) == 4
    assert [path for path in kept if stat.S_IMODE(path.stat().st_mode) & 0o077] == []
    assert len(first.razorpay.key_id) == len("rzp_test_") + 14


def test_no_secret_is_in_its_words(home: Path) -> None:
    read = settings(
        home, DATABASE_URL="postgresql://app:hunter2@db/shop", REDIS_URL="redis://:hunter2@cache"
    )
    words = repr(read) + str(read)
    assert "hunter2" not in words
    assert read.razorpay.key_secret not in words
    assert read.razorpay.webhook_secrets[0] not in words


def test_two_servers_on_one_port_are_refused_by_both_names(home: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        settings(home, KHATA_PORT="8001")
    assert refused.value.problems == [
        "KHATA_PORT and KHATA_SANDBOX_PORT are both 8001: choose two ports."
    ]
    assert settings(home, KHATA_PORT="0", KHATA_SANDBOX_PORT="0").port == 0


def test_a_port_that_only_an_unused_sandbox_would_take_is_free(home: Path) -> None:
    account = {"RAZORPAY_KEY_ID": "rzp_test_12345678901234", "RAZORPAY_KEY_SECRET": "secret"}
    assert settings(home, KHATA_PORT="8001", **account).port == 8001
