"""Who may call: the shop with its test key, and for the control calls this machine alone."""

from base64 import b64decode
from binascii import Error as NotBase64
from hmac import compare_digest

from src.http.sandbox.refusals import unauthenticated, unknown_key
from src.http.sandbox.settings import SandboxSettings
from src.http.sandbox.this_machine import host_of, is_here
from src.http.sandbox.wishes import refuse

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


def check_this_machine(client: tuple[str, int] | None, headers: dict[bytes, bytes]) -> None:
    """Refuse what comes from elsewhere, also through a browser that runs here.

    Any page of the web can have its visitor's browser call 127.0.0.1, by the Host of a
    name of its own that it lets point here, too.
    """
    if client is None or not is_here(client[0]):
        refuse(403, "The control calls answer only to this machine; call them from 127.0.0.1.")
    host, origin = headers.get(b"host", b""), headers.get(b"origin")
    if not is_here(host_of(f"//{host.decode('latin-1')}")):
        refuse(403, "Call the sandbox by an address of this machine, such as 127.0.0.1.")
    if origin is not None and not is_here(host_of(origin.decode("latin-1"))):
        refuse(403, "No page from elsewhere may tell the sandbox what to do.")
