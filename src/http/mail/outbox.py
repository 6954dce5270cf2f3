"""The outbox folder: letters of a shop without a mail server, as files that anybody can read.

They hold addresses and secrets in clear, as letters do, so the folder is for its
owner's eyes alone, and only the newest letters stay.
"""

import os
from asyncio import to_thread
from collections.abc import Sequence
from email.policy import SMTPUTF8
from pathlib import Path

from src.http.mail.mailer import Envelope, MailUnavailableError

OUTBOX_LETTERS_MAX = 1_000
FOLDER_MODE, FILE_MODE = 0o700, 0o600
ENDING, UNFINISHED = ".eml", ".part"
READABLE = SMTPUTF8.clone(linesep="\n", cte_type="8bit")
"""For people: no line of it is encoded."""


class OutboxFolder:
    """Writes each letter into a file of its own, whole or not at all."""

    def __init__(self, folder: Path, letters_max: int = OUTBOX_LETTERS_MAX) -> None:
        self._folder = folder
        self._letters_max = letters_max

    async def hand_over(self, envelope: Envelope) -> None:
        """Write a letter; the same one again writes the same file; raises MailUnavailableError."""
        try:
            await to_thread(self._write, envelope)
        except OSError as error:
            raise MailUnavailableError(f"the outbox: {error.strerror}") from error

    async def forget(self, mailboxes: Sequence[str]) -> None:
        """Remove the letters to these mailboxes."""
        await to_thread(self._remove, [f"{_mark(mailbox)}{ENDING}" for mailbox in mailboxes])

    def _write(self, envelope: Envelope) -> None:
        self._folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        name = f"{envelope.name}-{_mark(envelope.mailbox)}{ENDING}"
        unfinished = self._folder / f".{name}{UNFINISHED}"
        unfinished.unlink(missing_ok=True)
        file = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
        with open(file, "wb") as writing:  # noqa: PTH123 - a descriptor, opened with its rights
            writing.write(envelope.message.as_bytes(policy=READABLE))
        unfinished.rename(self._folder / name)
        for old in self._letters()[: -self._letters_max]:
            old.unlink(missing_ok=True)

    def _remove(self, endings: Sequence[str]) -> None:
        for letter in self._letters():
            if letter.name.endswith(tuple(endings)):
                letter.unlink(missing_ok=True)

    def _letters(self) -> list[Path]:
        """The oldest first."""
        return sorted(self._folder.glob(f"*{ENDING}"))


def _mark(mailbox: str) -> str:
    """Enough of the hash to find a mailbox's letters by."""
    return mailbox[:16]
