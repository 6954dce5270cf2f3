"""Entries to append: short to write, with ids that follow from names."""

from uuid import UUID, uuid5

from src.events.envelope import Cause, Entry, Expected, NewEvent
from src.events.identifiers import KHATA_NAMESPACE, Stream, event_id


def entry(
    command: str, *writes: tuple[str, int, int], checks: dict[str, int] | None = None
) -> Entry:
    """One command that finds each stream at a version and adds so many events."""
    command_id = uuid5(KHATA_NAMESPACE, command)
    places = [(stream, at + n) for stream, at, adds in writes for n in range(1, adds + 1)]
    expected = {stream: at for stream, at, _ in writes} | (checks or {})
    return Entry(
        cause=Cause(command_id=command_id, correlation_id=command_id, actor="khata:test"),
        expected=[Expected(Stream(stream), version) for stream, version in expected.items()],
        events=[
            _event(command_id, ordinal, stream, version)
            for ordinal, (stream, version) in enumerate(places)
        ],
    )


def _event(command_id: UUID, ordinal: int, stream: str, version: int) -> NewEvent:
    return NewEvent(
        stream=Stream(stream),
        version=version,
        type="thing-happened",
        schema_version=1,
        event_id=event_id(command_id, ordinal),
        payload=b'{"ordinal":%d}' % ordinal,
    )
