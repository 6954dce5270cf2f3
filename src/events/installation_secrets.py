"""The installation's own secrets, each made once for every process."""

from src.events.connection import Connection
from src.events.lines import Line, read_until_answered
from src.events.sealing import KEY_BYTES, TokenBytes
from src.events.wrapping import (
    STILL_WRAPS,
    TRIES_MAX,
    RestlessWrapperError,
    Wrapping,
    of_installation,
)


class InstallationSecrets:
    """Finds secrets, and keeps new ones; what was found is remembered."""

    def __init__(self, line: Line, wrapping: Wrapping, token_bytes: TokenBytes, book: int) -> None:
        self._line = line
        self._wrapping = wrapping
        self._token_bytes = token_bytes
        self._book = book
        self._found: dict[str, bytes] = {}

    async def get(self, name: str) -> bytes:
        """Return the secret of this name."""
        if name not in self._found:
            fresh = self._token_bytes(KEY_BYTES)
            wrapped = await read_until_answered(
                lambda: self._line.run(lambda connection: self._kept(connection, name, fresh))
            )
            self._found[name] = self._wrapping.unwrap(wrapped, of_installation(name))
        return self._found[name]

    async def _kept(self, db: Connection, name: str, fresh: bytes) -> bytes:
        for _ in range(TRIES_MAX):
            wrapper = await self._wrapping.wrapper(db)
            wrapped = self._wrapping.wrap(wrapper, fresh, of_installation(name))
            kept: bytes | None = await db.fetchval(_KEEP, self._book, name, wrapped, wrapper.box)
            kept = kept or await db.fetchval(_FIND, self._book, name)
            if kept is not None:
                return kept
            self._wrapping.look_again()
        raise RestlessWrapperError


_KEEP = f"""
    with {STILL_WRAPS}
    insert into keys.installation (book, name, wrapped) select $1, $2, $3 from wrapper
    on conflict do nothing returning wrapped
"""  # noqa: S608  # put together from our own words
_FIND = "select wrapped from keys.installation where book = $1 and name = $2"
