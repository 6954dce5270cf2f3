"""The demo shop's page, and the files that it asks for."""

from html import escape
from importlib.resources import files
from string import Template
from typing import Any

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from src.http.answers import written_answer
from src.http.etag import etag
from src.http.page_files import TYPES, page_files
from src.http.storefront.settings import RAZORPAYS_HOSTS, Storefront

FRONT_FILE = "index.html"
PACKAGE = "src.http.storefront"


def storefront_pages(storefront: Storefront) -> list[HTTPRouteHandler]:
    """Return the page at `/`, and every file that it asks for."""
    served = page_files(PACKAGE, without="html")
    page = files(PACKAGE).joinpath("page", FRONT_FILE).read_text(encoding="utf-8")
    body = _filled(Template(page), storefront, f"/shop/{served.stamp}")
    fresh = {"cache-control": "no-cache", "referrer-policy": "same-origin"}
    headers = {**fresh, "content-security-policy": policy(storefront), "etag": etag(1, body)}

    @get("/")
    async def front() -> Response[Any]:
        return written_answer(None, body, 200, TYPES["html"], headers)

    @get("/shop/{wanted:str}/{name:str}")
    async def file(wanted: FromPath[str], name: FromPath[str]) -> Response[Any]:
        return served.answer(wanted, name)

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


def _filled(page: Template, storefront: Storefront, folder: str) -> bytes:
    known = {
        "folder": folder,
        "key_id": storefront.key_id,
        "checkout_script": storefront.checkout_script,
    }
    return page.substitute({name: escape(value) for name, value in known.items()}).encode()
