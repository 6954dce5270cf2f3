"""Answers: encoded once, sent as they are."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
from litestar.response import Response

from src.commands.wish import Held
from src.http.asgi import Headers, Receive, Scope, Send
from src.http.etag import etag

JSON_TYPE = "application/json"
POSITION = "khata-position"
RECORDED_AT = "khata-recorded-at"

T = TypeVar("T")

_encode = msgspec.json.Encoder().encode


class Answer(Response[T]):
    """A response whose body is already written; it skips the framework's own rendering."""

    def __init__(self, content: T, body: bytes, status: int, headers: Headers) -> None:
        super().__init__(content, status_code=status)
        self.body = body
        self.raw_headers = headers

    def to_asgi_response(self, *_: Any, **__: Any) -> "Answer[T]":  # type: ignore[override]  # noqa: ANN401  # what the framework would add is not wanted
        """Be the ASGI application oneself."""
        return self

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  # called by these names
        await send(
            {
                "type": "http.response.start",
                "status": self.status_code or 200,
                "headers": self.raw_headers,
            }
        )
        await send({"type": "http.response.body", "body": self.body, "more_body": False})


def answer(  # noqa: PLR0913  # everything that an answer can say, each by name
    body: T,
    *,
    status: int = 200,
    version: int | None = None,
    position: int | None = None,
    recorded_at: datetime | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response[T]:
    """Return the answer to a call.

    `version` gives it an entity tag; `position` is where a write holds, and
    `recorded_at` when it was written. A 204 has no body whatever is given.
    """
    written = b"" if status == 204 else _encode(body)  # noqa: PLR2004  # No Content
    lines = dict(headers or {})
    if version is not None:
        lines["etag"] = etag(version, written)
    if position is not None:
        lines[POSITION] = str(position)
    if recorded_at is not None:
        lines[RECORDED_AT] = recorded_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return written_answer(body, written, status, JSON_TYPE, lines)


def held_answer(body: T, version: int, held: Held, status: int = 200) -> Response[T]:
    """Return the answer to a write: the resource as it stands, and where in the book it holds."""
    return answer(
        body,
        status=status,
        version=version,
        position=held.position,
        recorded_at=held.recorded_at,
    )


def written_answer(
    content: T, body: bytes, status: int, media_type: str, headers: Mapping[str, str]
) -> Answer[T]:
    """Return an answer from bytes."""
    lines = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    if body:
        lines.append((b"content-type", media_type.encode()))
    lines.append((b"content-length", str(len(body)).encode()))
    return Answer(content, body, status, lines)
