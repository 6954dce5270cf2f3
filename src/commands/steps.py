"""One request, several appends: each step has a command id that follows from the first."""

from msgspec.structs import replace

from src.events.envelope import Cause
from src.events.identifiers import derived


def step(cause: Cause, name: str) -> Cause:
    """Return the cause of a later step of the same request."""
    return replace(cause, command_id=derived(cause.command_id, name), causation_id=cause.command_id)
