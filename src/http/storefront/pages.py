"""The demo shop's files as browsers get them: typed, tagged, and with a strict policy.

The address of every file but the page itself holds a hash of all of them, so
that a browser may keep them for ever and an upgrade still shows at once.
"""

import hashlib
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from src.http.answers import written_answer
from src.http.etag import etag
from src.http.storefront.settings import RAZORPAYS_HOSTS, Storefront

FRONT_FILE = "index.html"
HASH_BYTES = 8
KEEP_SECONDS = 365 * 24 * 60 * 60
TYPES = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
_FILE_POLICY = "default-src 'none'; style-src 'self'; frame-ancestors 'none'"


def storefront_pages(storefront: Storefront) -> list[HTTPRouteHandler]:
    """Return the page at `/`, and every file that it asks for."""
    held = _files()
    page = Template(held.pop(FRONT_FILE).decode())
    version = _hash(held)
    body = _filled(page, storefront, f"/shop/{version}")
    fresh = {"cache-control": "no-cache", "referrer-policy": "same-origin"}
    headers = {**fresh, "content-security-policy": policy(storefront), "etag": etag(1, body)}

    @get("/")
    async def front() -> Response[Any]:
        return written_answer(None, body, 200, TYPES["html"], headers)

    @get("/shop/{wanted:str}/{name:str}")
    async def file(wanted: FromPath[str], name: FromPath[str]) -> Response[Any]:
        if wanted != version or name not in held:
            raise NotFoundException
        return _file(name, held[name])

    return [front, file]


def policy(storefront: Storefront) -> str:
    """Say what the page may load: its own files, and the payment window."""
    may = _for_razorpay() if storefront.is_razorpays_own else _for_sandbox(storefront)
    rules = (f"{kind} 'self' {sources}".rstrip() for kind, sources in may.items())
    always = ("base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'")
    return "; ".join(("default-src 'none'", *rules, *always))


def _for_sandbox(storefront: Storefront) -> dict[str, str]:
    return {
        "script-src": storefront.script_origin,
        "style-src": "",
        "connect-src": "",
        "img-src": "",
        "frame-src": " ".join(storefront.frame_origins),
    }


def _for_razorpay() -> dict[str, str]:
    """What Razorpay's own plugins ask shops to allow; its window styles itself in the page."""
    kinds = ("script-src", "connect-src", "img-src", "frame-src")
    return dict.fromkeys(kinds, RAZORPAYS_HOSTS) | {"style-src": "'unsafe-inline'"}


def _files() -> dict[str, bytes]:
    folder = files("src.http.storefront").joinpath("page")
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}


def _hash(held: dict[str, bytes]) -> str:
    whole = hashlib.blake2b(digest_size=HASH_BYTES)
    for name, body in sorted(held.items()):
        whole.update(b"%s %d\n" % (name.encode(), len(body)) + body)
    return whole.hexdigest()


def _filled(page: Template, storefront: Storefront, folder: str) -> bytes:
    known = {
        "folder": folder,
        "key_id": storefront.key_id,
        "checkout_script": storefront.checkout_script,
    }
    return page.substitute({name: escape(value) for name, value in known.items()}).encode()


def _file(name: str, body: bytes) -> Response[Any]:
    headers = {
        "cache-control": f"public, max-age={KEEP_SECONDS}, immutable",
        "content-security-policy": _FILE_POLICY,
        "etag": etag(1, body),
    }
    return written_answer(None, body, 200, TYPES[name.rsplit(".", maxsplit=1)[-1]], headers)
