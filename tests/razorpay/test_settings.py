"""Settings: what cannot work is refused at once, and secrets are never shown."""

from pathlib import Path

import pytest
from msgspec import structs

from src.http.razorpay.client import RazorpayGateway
from src.http.razorpay.settings import RazorpaySettings, RazorpaySettingsError
from src.http.sandbox.settings import LiveKeyRefused, SandboxSettings

TEST = RazorpaySettings(key_id="rzp_test_abc", key_secret="hush", webhook_secrets=("quiet",))
LIVE = RazorpaySettings(key_id="rzp_live_abc", key_secret="hush")


def test_without_an_override_razorpay_itself_is_asked() -> None:
    assert TEST.url == LIVE.url == "https://api.razorpay.com"
    assert (TEST.is_live, LIVE.is_live, LIVE.is_local) == (False, True, False)


LIVE_SPELLINGS = [
    *("rzp_live_abc", "RZP_LIVE_abc", "Rzp_Live_abc", "rzp_live_", "rzp_LIVE_ABC"),
    *('"rzp_live_abc"', "'rzp_live_abc'", "=rzp_live_abc"),
]
SPACED = [
    *(" rzp_live_abc", "rzp_live_abc ", "rzp_live_abc\n", "\trzp_live_abc", "rzp_ live_abc"),
    *("rzp_\nlive_abc", " rzp_test_abc", "rzp_test_abc\r\n", " "),
]
OTHER_ADDRESSES = [
    *("http://127.0.0.1:8001", "https://razorpay.example", "http://api.razorpay.com"),
    *("https://api.razorpay.com:8443", "https://api.razorpay.com.example"),
    *("https://api.razorpay.com/rzp", "https://api-razorpay.com"),
]


@pytest.mark.parametrize("key_id", LIVE_SPELLINGS)
@pytest.mark.parametrize("base_url", OTHER_ADDRESSES)
def test_a_live_key_is_refused_with_any_other_address(key_id: str, base_url: str) -> None:
    with pytest.raises(RazorpaySettingsError, match="live key"):
        RazorpaySettings(key_id=key_id, key_secret="hush", base_url=base_url)
    assert RazorpaySettings(key_id=key_id, key_secret="hush").is_live


@pytest.mark.parametrize("key_id", SPACED)
def test_a_key_with_a_space_in_it_is_refused_wherever_it_would_be_sent(key_id: str) -> None:
    for base_url in (None, "http://127.0.0.1:8001"):
        with pytest.raises(RazorpaySettingsError, match="copied whole"):
            RazorpaySettings(key_id=key_id, key_secret="hush", base_url=base_url)


@pytest.mark.parametrize(
    "key_id", ["\N{ZERO WIDTH SPACE}rzp_live_abc", "rzp\N{LOW LINE}l\u0456ve_abc"]
)
def test_a_live_key_in_letters_that_only_look_alike_is_refused(key_id: str) -> None:
    with pytest.raises(RazorpaySettingsError, match="ASCII"):
        RazorpaySettings(key_id=key_id, key_secret="hush", base_url="http://127.0.0.1:8001")


@pytest.mark.parametrize(
    "key_id", [key for key in LIVE_SPELLINGS + SPACED if not key.startswith("rzp_test_")]
)
def test_the_sandbox_takes_no_live_key_however_it_is_spelled(key_id: str, tmp_path: Path) -> None:
    with pytest.raises(LiveKeyRefused):
        SandboxSettings(
            state_path=tmp_path / "s.db", key_id=key_id, key_secret="hush", webhook_secret="quiet"
        )


def test_a_browser_gets_its_script_from_razorpay_or_from_who_plays_it() -> None:
    played = structs.replace(TEST, base_url="http://127.0.0.1:8001/")
    assert LIVE.checkout_script == "https://checkout.razorpay.com/v1/checkout.js"
    assert played.checkout_script == "http://127.0.0.1:8001/v1/checkout.js"


def test_secrets_that_were_replaced_come_after_the_one_in_use() -> None:
    changed = structs.replace(TEST, previous_key_secrets=("older", "oldest"))
    assert changed.key_secrets == ("hush", "older", "oldest")
    assert "older" not in f"{changed!r} {changed.__rich_repr__()}"


def test_an_empty_previous_secret_is_refused() -> None:
    with pytest.raises(RazorpaySettingsError, match="RAZORPAY_PREVIOUS_KEY_SECRETS"):
        structs.replace(TEST, previous_key_secrets=("older", ""))


def test_a_previous_secret_that_http_cannot_carry_is_refused() -> None:
    with pytest.raises(RazorpaySettingsError, match="ASCII"):
        structs.replace(TEST, previous_key_secrets=("caf\N{LATIN SMALL LETTER E WITH ACUTE}",))


def test_a_live_key_may_name_razorpay_itself() -> None:
    assert structs.replace(LIVE, base_url="https://api.razorpay.com/").url == LIVE.url


@pytest.mark.parametrize(
    "base_url",
    [
        *("", "127.0.0.1:8001", "ftp://127.0.0.1", "http://", "http://h:x", "http://u:p@h"),
        *("http://h?a", "http://h/v1", "http://h/rzp/v1/", "http://[h"),
    ],
)
def test_an_address_that_cannot_work_is_refused(base_url: str) -> None:
    with pytest.raises(RazorpaySettingsError, match="RAZORPAY_BASE_URL"):
        RazorpaySettings(key_id="rzp_test_abc", key_secret="hush", base_url=base_url)


@pytest.mark.parametrize(("key_id", "key_secret"), [("", "hush"), ("rzp_test_abc", "")])
def test_half_a_key_is_refused(key_id: str, key_secret: str) -> None:
    with pytest.raises(RazorpaySettingsError, match="both needed"):
        RazorpaySettings(key_id=key_id, key_secret=key_secret)


def test_a_key_that_http_cannot_carry_is_refused() -> None:
    with pytest.raises(RazorpaySettingsError, match="ASCII"):
        RazorpaySettings(key_id="rzp_test_abc", key_secret="hush\N{HORIZONTAL ELLIPSIS}")


def test_an_empty_webhook_secret_is_refused() -> None:
    with pytest.raises(RazorpaySettingsError, match="empty secret"):
        RazorpaySettings(key_id="rzp_test_abc", key_secret="hush", webhook_secrets=("new", ""))


def test_secrets_are_not_shown() -> None:
    shown = f"{TEST!r} {TEST} {TEST.__rich_repr__()}"
    assert "rzp_test_abc" in shown
    assert "hush" not in shown
    assert "quiet" not in shown


def test_a_proxy_is_used_for_razorpay_and_never_for_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    here = RazorpayGateway(structs.replace(TEST, base_url="http://127.0.0.1:8001"))
    there = RazorpayGateway(TEST)
    assert here._session.proxies == {}  # noqa: SLF001  # nothing outside shows it without a network
    assert there._session.proxies["https"] == "http://127.0.0.1:9"  # noqa: SLF001  # the same
