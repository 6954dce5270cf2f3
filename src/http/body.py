"""The bytes of a request's body: all of them, within a limit and within a time."""

import asyncio

from src.http.asgi import Message, Receive
from src.http.refusals import BodyTooLarge, BodyTooSlow, MalformedBody

LENGTH_DIGITS_MAX = 15


async def read_body(
    receive: Receive, announced: bytes | None, bytes_max: int, timeout_seconds: float
) -> bytes:
    """Return the body; raises BodyTooLarge as soon as that is known, and BodyTooSlow."""
    if announced is not None and _length(announced) > bytes_max:
        raise BodyTooLarge(bytes_max)
    try:
        async with asyncio.timeout(timeout_seconds):
            return await _read(receive, bytes_max)
    except TimeoutError:
        raise BodyTooSlow from None


def is_within(announced: bytes | None, bytes_max: int) -> bool:
    """Whether a body says, before it comes, that it is no larger."""
    return announced is not None and _length(announced) <= bytes_max


def _length(announced: bytes) -> int:
    if not announced.isdigit() or len(announced) > LENGTH_DIGITS_MAX:
        raise MalformedBody
    return int(announced)


async def _read(receive: Receive, bytes_max: int) -> bytes:
    message = await receive()
    body: bytes = _bytes_of(message)
    while message.get("more_body"):
        message = await receive()
        body += _bytes_of(message)
        if len(body) > bytes_max:
            break
    if len(body) > bytes_max:
        raise BodyTooLarge(bytes_max)
    return body


def _bytes_of(message: Message) -> bytes:
    if message["type"] == "http.disconnect":
        raise MalformedBody  # Nobody is there to read it, but half a body must not be acted on.
    body: bytes = message.get("body", b"")
    return body


def replay(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives the body once, and then what really comes."""
    given = False

    async def received() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return received
