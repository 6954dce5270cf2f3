"""Settings: what cannot work is refused at once, and secrets are never shown."""

import pytest
from msgspec import structs

from src.http.razorpay.client import RazorpayGateway
from src.http.razorpay.settings import RazorpaySettings, RazorpaySettingsError

TEST = RazorpaySettings(key_id="rzp_test_abc", key_secret="hush", webhook_secrets=("quiet",))
LIVE = RazorpaySettings(key_id="rzp_live_abc", key_secret="hush")


def test_without_an_override_razorpay_itself_is_asked() -> None:
    assert TEST.url == LIVE.url == "https://api.razorpay.com"
    assert (TEST.is_live, LIVE.is_live, LIVE.is_local) == (False, True, False)


@pytest.mark.parametrize("key_id", ["rzp_live_abc", "RZP_LIVE_abc"])
def test_a_live_key_is_refused_with_any_other_address(key_id: str) -> None:
    with pytest.raises(RazorpaySettingsError, match="live key"):
        RazorpaySettings(key_id=key_id, key_secret="hush", base_url="http://127.0.0.1:8001")


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
