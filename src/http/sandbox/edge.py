"""Requests in and answers out, the broken ones included."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from contextlib import suppress
from typing import Any

from src.http.sandbox.document import Document
from src.http.sandbox.refusals import Refusal, refused
from src.http.sandbox.wire import encode

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = Sequence[tuple[bytes, bytes]]

BODY_BYTES_MAX = 1024 * 1024
HANG_SECONDS_MAX = 600.0


async def read_body(receive: Receive) -> bytes:
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body"):
        message = await receive()
        body += message.get("body", b"")
        if len(body) > BODY_BYTES_MAX:
            raise refused("Request Entity Too Large", status=413)
    return body


async def send_json(send: Send, status: int, body: object) -> None:
    await send_text(send, status, b"application/json", encode(body))


async def send_refusal(send: Send, refusal: Refusal) -> None:
    await send_json(send, refusal.status, refusal.body)


async def send_document(send: Send, document: Document) -> None:
    more = [(name.encode(), value.encode()) for name, value in document.headers]
    await send_text(send, document.status, document.kind.encode(), document.body, more)


async def send_text(send: Send, status: int, kind: bytes, text: bytes, more: Headers = ()) -> None:
    length = str(len(text)).encode()
    headers = [(b"content-type", kind), (b"content-length", length), *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text})


async def hang(receive: Receive, send: Send) -> None:
    """Say nothing until the caller gives up, or for HANG_SECONDS_MAX."""
    with suppress(TimeoutError):
        async with asyncio.timeout(HANG_SECONDS_MAX):
            while (await receive())["type"] != "http.disconnect":
                pass
    await break_connection(send)


async def break_connection(send: Send) -> None:
    """End the connection without an answer.

    ASGI has no word for it. uvicorn's `send` is a method of an object that holds the
    transport; under another server the answer breaks off after its headers instead.
    """
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is not None:
        transport.abort()
        return
    headers = [(b"content-length", b"1")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
