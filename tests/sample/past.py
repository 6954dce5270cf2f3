"""A sample's past as tests look at it: made once, and read without what is sealed."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import msgspec

from src.cli.sample_history.report import Made
from src.cli.sample_history.request import Request
from src.cli.sample_history.run import make
from src.embedded import Engines
from src.events.catalogue import fold_of
from src.events.codec import recorded
from src.events.envelope import StoredEvent
from src.events.identifiers import MAILBOX, Stream, category_of
from src.settings import Settings
from tests.databases import BookDatabase

UNTIL = datetime(2026, 8, 31, 18, 0, tzinfo=UTC)
BY_INSTALLATION = {"box", "mailbox", "redeemers", "wish", "signature"}
"""What is sealed, hashed or signed with secrets of one installation."""


def settings_on(database: BookDatabase, engines: Engines, home: Path) -> Settings:
    environ = {
        "KHATA_HOME": str(home),
        "DATABASE_URL": database.app_url,
        "KHATA_OWNER_DATABASE_URL": database.owner_url,
        "REDIS_URL": engines.redis_url,
    }
    return Settings.from_environ(environ)


def request(orders: int = 150, days: int = 7, seed: int = 1) -> Request:
    return Request(orders=orders, days=days, seed=seed, until=UNTIL)


def made(settings: Settings, wanted: Request) -> Made:
    def nobody_listens(line: str) -> None:
        assert line

    return asyncio.run(make(settings, wanted, nobody_listens))


def states_of(events: list[StoredEvent]) -> dict[Stream, Any]:
    states: dict[Stream, Any] = {}
    for stored in events:
        fold = fold_of(stored.stream)
        before = states.get(stored.stream, fold.nothing_yet)
        states[stored.stream] = fold.evolve(before, recorded(stored).event)
    return states


def bare(event: StoredEvent) -> tuple[object, ...]:
    """All of a fact but what another installation seals, hashes and signs otherwise."""
    name = MAILBOX if category_of(event.stream) == MAILBOX else event.stream
    payload = _without_secrets(msgspec.json.decode(bytes(event.payload)))
    return (
        event.position,
        name,
        event.version,
        event.type,
        event.event_id,
        event.recorded_at,
        event.command_id,
        event.correlation_id,
        event.causation_id,
        event.actor,
        payload,
    )


def _without_secrets(found: object) -> object:
    match found:
        case dict():
            fields = cast("dict[str, object]", found)
            return {
                name: _without_secrets(value)
                for name, value in fields.items()
                if name not in BY_INSTALLATION
            }
        case list():
            return [_without_secrets(each) for each in cast("list[object]", found)]
        case _:
            return found
