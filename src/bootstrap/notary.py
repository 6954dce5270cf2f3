"""The notary of this installation: where it keeps its keys and its memory, and its work."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from src.bootstrap.parts import BOOK
from src.environment import KEPT
from src.events.checkpoint_folder import CheckpointFolder
from src.events.checkpoint_notes import NoteKey
from src.events.connection import connecting
from src.events.notary import Notary
from src.events.notary_key import load_note_key, load_signer
from src.settings import Settings
from src.telemetry import logger, places

CHECKPOINTS, KEYS = "checkpoints", "notary"
REST_SECONDS = 5.0
"""After a failure that the notary itself knows nothing of; then it begins from what it signed."""

log = logger("notary")


def notary_of(settings: Settings) -> Notary:
    """Return the notary; its key is made on first use."""
    signer = load_signer(notary_keys_of(settings), BOOK)
    connect = connecting(settings.app_url, "khata notary")
    return Notary(connect, checkpoints_of(settings), signer, BOOK)


def checkpoints_of(settings: Settings) -> CheckpointFolder:
    """Return the folder outside the database that remembers what was signed."""
    return CheckpointFolder(settings.home / CHECKPOINTS, BOOK)


def notary_keys_of(settings: Settings) -> Path:
    """Return where the notary's key lies, with its public half beside it."""
    return settings.home / KEPT / KEYS


def note_key_of(settings: Settings) -> NoteKey | None:
    """Return the public half of the notary's key; None where no notary was ever at work."""
    try:
        return load_note_key(notary_keys_of(settings), BOOK)
    except FileNotFoundError:
        return None


async def notarise(settings: Settings, wait: Callable[[float], Awaitable[object]]) -> None:
    """Sign the book until cancelled; whatever becomes of the notary, selling goes on."""
    while True:
        try:
            await _follow(notary_of(settings), wait)
        except Exception as error:  # noqa: BLE001 - a notary that fails must not stop the worker
            log.warning("the notary fails", error=type(error).__name__, places=places(error))
        await asyncio.sleep(REST_SECONDS)


async def _follow(notary: Notary, wait: Callable[[float], Awaitable[object]]) -> None:
    try:
        await notary.follow(wait)
    finally:
        await notary.close()
