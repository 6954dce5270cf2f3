"""Trust: a server is believed only with a certificate for its name from a root we know."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import certifi
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from src.commands.gateway import GatewayUnavailableError
from src.http.razorpay.client import RazorpayGateway
from src.http.razorpay.settings import RazorpaySettings
from tests.razorpay.local_server import Script, say, serving

pytestmark = pytest.mark.anyio

HERE = x509.IPAddress(IPv4Address("127.0.0.1"))


def certificate(path: Path, name: x509.GeneralName) -> Path:
    """Write a self-signed certificate and its key into one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([name]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(pem + signed.public_bytes(serialization.Encoding.PEM))
    return path


@contextmanager
def razorpay(shown: Path) -> Iterator[tuple[RazorpayGateway, Script]]:
    """A gateway, and a server that shows this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(shown)
    with serving(say({"items": []}), tls=context) as script:
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
    mine = certificate(tmp_path / "mine.pem", HERE)
    monkeypatch.setattr(certifi, "where", lambda: str(mine))
    with razorpay(mine) as (gateway, script):
        assert await gateway.find_order("session-1") is None
    assert len(script.asked) == 1


async def test_a_server_with_an_unknown_root_is_told_nothing(tmp_path: Path) -> None:
    with (
        razorpay(certificate(tmp_path / "mine.pem", HERE)) as (gateway, script),
        pytest.raises(GatewayUnavailableError, match="SSLError"),
    ):
        await gateway.find_order("session-1")
    assert script.asked == []


async def test_a_server_with_another_name_is_told_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = certificate(tmp_path / "other.pem", x509.DNSName("api.razorpay.com"))
    monkeypatch.setattr(certifi, "where", lambda: str(other))
    with (
        razorpay(other) as (gateway, script),
        pytest.raises(GatewayUnavailableError, match="SSLError"),
    ):
        await gateway.find_order("session-1")
    assert script.asked == []
