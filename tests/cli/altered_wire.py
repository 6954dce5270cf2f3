"""A wire between a scenario and the shop that does not say what the shop said."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import ClientSession, web
from msgspec import Struct
from yarl import URL

UNALTERED_HEADERS = ("Authorization", "X-Session-Id", "Idempotency-Key", "Content-Type")
SIGNATURES = ("X-Razorpay-Signature", "X-Razorpay-Event-Id")
BODY_BYTES_MAX = 4 * 1024 * 1024


class Said(Struct, frozen=True):
    """What the shop was asked, and what it answered."""

    method: str
    path: str
    status: int
    body: bytes


Alter = Callable[[Said], tuple[int, bytes]]


def as_it_was(said: Said) -> tuple[int, bytes]:
    return said.status, said.body


@asynccontextmanager
async def altered_wire(api_url: str, alter: Alter, *, twice: str = "") -> AsyncIterator[str]:
    """Yield the address of the wire; POSTs to paths that end with `twice` are sent twice."""
    async with ClientSession() as shop:

        async def passed_on(request: web.Request) -> web.Response:
            body = await request.read()
            kept = (*UNALTERED_HEADERS, *SIGNATURES)
            headers = {name: request.headers[name] for name in kept if name in request.headers}
            if twice and request.method == "POST" and request.path.endswith(twice):
                plain = {name: text for name, text in headers.items() if name != "Idempotency-Key"}
                async with shop.post(_url(api_url, request), data=body, headers=plain) as first:
                    await first.read()
            url = _url(api_url, request)
            async with shop.request(request.method, url, data=body, headers=headers) as answer:
                said = Said(request.method, request.path, answer.status, await answer.read())
            status, altered = alter(said)
            return web.Response(status=status, body=altered, content_type="application/json")

        app = web.Application(client_max_size=BODY_BYTES_MAX)
        app.router.add_route("*", "/{path:.*}", passed_on)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()


def _url(api_url: str, request: web.Request) -> URL:
    return URL(api_url + request.raw_path, encoded=True)
