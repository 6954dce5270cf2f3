"""Who may call: the shop with its test key, and for the control calls this machine alone."""

from base64 import b64decode
from binascii import Error as NotBase64
from hmac import compare_digest
from ipaddress import ip_address

from src.http.sandbox.refusals import Refusal, unauthenticated, unknown_key
from src.http.sandbox.settings import SandboxSettings

SCHEME = b"Basic "


def check_key(settings: SandboxSettings, authorization: bytes | None) -> None:
    """Basic auth as Razorpay reads it: the scheme in exactly this spelling."""
    if authorization is None or not authorization.startswith(SCHEME):
        raise unauthenticated()
    try:
        key_id, _, secret = b64decode(authorization[len(SCHEME) :], validate=True).partition(b":")
    except NotBase64:
        raise unauthenticated() from None
    if key_id != settings.key_id.encode():
        raise unknown_key()
    if not compare_digest(secret, settings.key_secret.encode()):
        raise unauthenticated()


def check_this_machine(client: tuple[str, int] | None) -> None:
    if client is None or not ip_address(client[0]).is_loopback:
        description = "The control calls answer only to this machine; call them from 127.0.0.1."
        raise Refusal(403, {"error": {"code": "SANDBOX_ERROR", "description": description}})
