"""The outbox of this installation, where there is one: its publisher, and how far it is."""

import asyncio

from src.bootstrap.parts import BOOK, Parts
from src.events.outbox import Outbox
from src.events.outbox_publisher import OutboxPublisher, Standing, standing


async def publish(parts: Parts) -> None:
    """Keep the outbox at the head of the book until cancelled; without one, only wait for that."""
    outbox = _outbox(parts)
    if outbox is None:
        await asyncio.Event().wait()
    else:
        await OutboxPublisher(parts.book, outbox).follow(parts.wake.follower().wait)


async def outbox_standing(parts: Parts) -> Standing | None:
    """Return how far the outbox is; None while Redis is away, and where there is no outbox."""
    outbox = _outbox(parts)
    return None if outbox is None else await standing(parts.book, outbox)


def _outbox(parts: Parts) -> Outbox | None:
    keep = parts.settings.outbox_keep
    return Outbox(parts.redis, keep, BOOK) if keep else None
