"""Pages for those who run Khata or write against it: liveness, figures, and the API's document."""

import asyncio
from collections.abc import Awaitable, Callable
from importlib.resources import files
from typing import Any

from litestar import Controller, get
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler
from litestar.response import Response
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from src.http.answers import answer, written_answer
from src.http.openapi import document
from src.http.shared_answer import SharedAnswer
from src.telemetry import RequestFigures

DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
FRONT_STATUS = 307
"""From the address that `ready` shows to the viewer; not for ever, so nobody remembers it."""
FIGURES_APART_SECONDS = 0.2
"""A page of figures costs as much as twenty requests; anybody may ask for it."""
FIGURES_TIMEOUT_SECONDS = 8.0
"""What is asked for the page has its own, shorter one."""
_FIGURES_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_VIEWER = (
    ("/docs", "viewer.html", "text/html; charset=utf-8"),
    ("/docs/viewer.css", "viewer.css", "text/css; charset=utf-8"),
    ("/docs/viewer.js", "viewer.js", "text/javascript; charset=utf-8"),
)


class Alive(Struct, frozen=True):
    """The process answers; whether what it needs answers too, /health/ready says."""

    status: str = "alive"


async def no_gauges() -> bytes:
    """Stand where there is no shop to ask."""
    return b""


def operations(
    figures: RequestFigures, gauges: Callable[[], Awaitable[bytes]] = no_gauges
) -> type[Controller]:
    """Return the pages for those who watch it run."""

    async def whole() -> bytes:
        # Putting the pages of many processes together may take as long as many requests.
        return await asyncio.to_thread(figures.page) + await gauges()

    page = SharedAnswer(
        whole, apart_seconds=FIGURES_APART_SECONDS, timeout_seconds=FIGURES_TIMEOUT_SECONDS
    )

    class Operations(Controller):
        tags = ("Operations",)

        @get("/health/live")
        async def live(self) -> Response[Alive]:
            """Say that the process answers."""
            return answer(Alive())

        @get("/metrics", media_type="text/plain")
        async def metrics(self) -> Response[str]:
            """Give the figures in Prometheus' text format."""
            return written_answer("", await page.get(), 200, _FIGURES_TYPE, {})

    return Operations


def docs_pages(
    described: list[ControllerRouterHandler], services: dict[str, Provide], version: str
) -> list[ControllerRouterHandler]:
    """Return the OpenAPI document and its viewer."""
    written = document(described, services, version)

    @get("/schema/openapi.json")
    async def schema() -> Response[Any]:
        return written_answer(None, written(), 200, "application/json", _FRESH)

    return [schema, *(_page(path, name, kind) for path, name, kind in _VIEWER)]


def front_to_docs() -> HTTPRouteHandler:
    """Return the way from the front to the viewer, where no demo shop is at the front."""

    @get("/")
    async def front() -> Response[Any]:
        return written_answer(None, b"", FRONT_STATUS, "", {**_FRESH, "location": _VIEWER[0][0]})

    return front


_FRESH = {"cache-control": "no-cache"}


def _page(path: str, name: str, media_type: str) -> HTTPRouteHandler:
    body = files("src.http.docs").joinpath(name).read_bytes()
    headers = {**_FRESH, "content-security-policy": DOCS_POLICY}

    @get(path, name=name)
    async def page() -> Response[Any]:
        return written_answer(None, body, 200, media_type, headers)

    return page
