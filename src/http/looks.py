"""Looks at the exact bytes that others sent: they can name a person, so each look is logged."""

from collections.abc import Sequence

from src.events.identifiers import named
from src.http.auth import identity
from src.http.shop_request import ShopRequest
from src.telemetry import logger

_log = logger("audit")


def note_look(request: ShopRequest, webhooks: Sequence[str]) -> None:
    """Say that somebody saw the bytes of these; who it was can be compared, and not read."""
    if not webhooks:
        return
    _log.info(
        "webhook bytes were shown",
        looker=str(named("looker", identity(request.caller))),
        webhooks=webhooks,
        request_id=request.seen.request_id,
    )
