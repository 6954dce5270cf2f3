"""What start_engines and its supervisor say to each other: one line each, over a pipe."""

import msgspec
from msgspec import Struct

from src.embedded.record import Record


class Order(Struct, frozen=True, kw_only=True):
    """To the supervisor; a binary that is None means that engine is not wanted."""

    home: str
    postgres_install: str | None
    valkey_server: str | None
    durable: bool
    predecessor_wait_seconds: float


class Ready(Struct, frozen=True, tag="ready"):
    record: Record


class Refused(Struct, frozen=True, tag="refused"):
    """An EngineError by its class name and message."""

    kind: str
    message: str


Answer = Ready | Refused


def line(message: Order | Answer) -> bytes:
    return msgspec.json.encode(message) + b"\n"


def read_order(text: bytes) -> Order:
    return msgspec.json.decode(text, type=Order)


def read_answer(text: bytes) -> Answer:
    return msgspec.json.decode(text, type=Ready | Refused)
