"""Facts to bytes and back: exact JSON text, decoded strictly into the newest shape."""

import msgspec
from msgspec import Raw, Struct

from src.events.catalogue import EVENTS, VERSIONS
from src.events.envelope import Cause, Recorded, StoredEvent
from src.events.upcasters import UnknownFactError, lifted

_encoder = msgspec.json.Encoder()
_newest = {
    name: (VERSIONS[name], msgspec.json.Decoder(event).decode) for name, event in EVENTS.items()
}


def encode(event: Struct) -> bytes:
    """Write a fact as compact JSON, its fields in the order of its class."""
    return _encoder.encode(event)


def decode(name: str, version: int, payload: Raw | bytes) -> Struct:
    """Read a fact of any version that was ever written.

    Raises UnknownFactError for a name or version that this Khata does not know.
    """
    newest = VERSIONS.get(name)
    if newest is None or version > newest:
        raise UnknownFactError(f"{name} version {version} was written by a newer Khata")
    if version == newest:
        return _newest[name][1](payload)
    old = msgspec.json.decode(payload)
    return msgspec.convert(lifted(name, version, newest, old), EVENTS[name])


def recorded(stored: StoredEvent) -> Recorded:
    """Decode a row of the book."""
    known = _newest.get(stored.type)
    if known is not None and known[0] == stored.schema_version:  # spares replays a call for each
        event = known[1](stored.payload)
    else:
        event = decode(stored.type, stored.schema_version, stored.payload)
    return Recorded(
        stored.position,
        stored.stream,
        stored.version,
        stored.event_id,
        stored.recorded_at,
        Cause(stored.command_id, stored.correlation_id, stored.actor, stored.causation_id),
        event,
    )
