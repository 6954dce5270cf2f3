"""Trust: a server is believed only with a certificate for its name from a root we know."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import certifi
import pytest
from cryptography import x509

from src.commands.gateway import GatewayUnavailableError
from src.http.razorpay.client import RazorpayGateway
from src.http.razorpay.settings import RazorpaySettings
from tests.certificates import HERE, own_certificate, servers_side
from tests.razorpay.local_server import Script, say, serving

pytestmark = pytest.mark.anyio


@contextmanager
def razorpay(shown: Path) -> Iterator[tuple[RazorpayGateway, Script]]:
    """A gateway, and a server that shows this certificate."""
    with serving(say({"items": []}), tls=servers_side(shown)) as script:
        gateway = RazorpayGateway(
            RazorpaySettings(key_id="rzp_test_abc", key_secret="hush", base_url=script.url)
        )
        try:
            yield gateway, script
        finally:
            gateway.close()


async def test_a_server_with_a_known_root_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = own_certificate(tmp_path / "mine.pem", HERE)
    monkeypatch.setattr(certifi, "where", lambda: str(mine))
    with razorpay(mine) as (gateway, script):
        assert await gateway.find_order("session-1") is None
    assert len(script.asked) == 1


async def test_a_server_with_an_unknown_root_is_told_nothing(tmp_path: Path) -> None:
    with (
        razorpay(own_certificate(tmp_path / "mine.pem", HERE)) as (gateway, script),
        pytest.raises(GatewayUnavailableError, match="SSLError"),
    ):
        await gateway.find_order("session-1")
    assert script.asked == []


async def test_a_server_with_another_name_is_told_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = own_certificate(tmp_path / "other.pem", x509.DNSName("api.razorpay.com"))
    monkeypatch.setattr(certifi, "where", lambda: str(other))
    with (
        razorpay(other) as (gateway, script),
        pytest.raises(GatewayUnavailableError, match="SSLError"),
    ):
        await gateway.find_order("session-1")
    assert script.asked == []
