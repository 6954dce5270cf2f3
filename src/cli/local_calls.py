"""Small calls to our own API and sandbox on this machine, past any proxy the environment names."""

from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

TIMEOUT_SECONDS = 5.0


class NoAnswerError(Exception):
    """Nobody answered there, or not in HTTP."""


class Answer(Struct, frozen=True):
    """A status, and the body if it was JSON."""

    status: int
    body: Any


def ask(
    base_url: str,
    method: str,
    path: str,
    body: object = None,
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> Answer:
    """Call and return what was answered; raises NoAnswerError."""
    place = urlsplit(base_url)
    connection = HTTPConnection(place.hostname or "", place.port, timeout=timeout_seconds)
    try:
        content = None if body is None else msgspec.json.encode(body)
        connection.request(method, path, content, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return Answer(answer.status, _decoded(answer.read()))
    except (OSError, HTTPException) as error:
        raise NoAnswerError(f"{base_url} does not answer ({type(error).__name__})") from error
    finally:
        connection.close()


def _decoded(content: bytes) -> Any:  # noqa: ANN401 - whatever JSON says
    try:
        return msgspec.json.decode(content)
    except msgspec.DecodeError:
        return None
