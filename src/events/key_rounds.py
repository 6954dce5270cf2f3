"""Questions about keys, asked together: one round in flight, whatever queues meanwhile is the next.

There is no timer. A lone caller waits for nobody, and a crowd shares its round trips.
"""

import asyncio
from typing import cast

from src.events.connection import Connection
from src.events.lines import Line, read_until_answered
from src.events.wrapping import STILL_WRAPS, TRIES_MAX, RestlessWrapperError, Wrapping

KEYS_PER_ROUND_MAX = 1_000


class KeyRounds:
    """Finds wrapped keys, and keeps new ones; a round runs in its own task, not in a caller's."""

    def __init__(self, line: Line, wrapping: Wrapping, book: int) -> None:
        self._line = line
        self._wrapping = wrapping
        self._book = book
        self._waiting: dict[str, _Question] = {}
        self._running: asyncio.Task[None] | None = None

    async def find(self, key_id: str) -> bytes | None:
        """Return the wrapped key, or None if it is destroyed or was never made."""
        return await self._ask(key_id, None)

    async def find_or_keep(self, key_id: str, fresh: bytes) -> bytes | None:
        """Return the wrapped key, that of `fresh` if there was none; None if it is destroyed."""
        return await self._ask(key_id, fresh)

    async def _ask(self, key_id: str, fresh: bytes | None) -> bytes | None:
        question = self._waiting.setdefault(key_id, _Question())
        question.fresh = question.fresh or fresh
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        # Shielded: one caller who goes away must not take the answer from the others.
        return await asyncio.shield(question.answer)

    async def _run(self) -> None:
        try:
            while self._waiting:
                names = list(self._waiting)[:KEYS_PER_ROUND_MAX]
                await self._answer({key_id: self._waiting.pop(key_id) for key_id in names})
        finally:
            self._running = None

    async def _answer(self, asked: "dict[str, _Question]") -> None:
        try:
            found = await self._round(asked)
        except Exception as error:  # noqa: BLE001  # every caller gets it; the next round is not harmed
            _fail(asked, error)
        else:
            for key_id, question in asked.items():
                question.answer.set_result(found.get(key_id))

    async def _round(self, asked: "dict[str, _Question]") -> dict[str, bytes | None]:
        fresh = {name: question.fresh for name, question in asked.items() if question.fresh}

        async def work(connection: Connection) -> dict[str, bytes | None]:
            known: dict[str, bytes | None] = {}
            for _ in range(TRIES_MAX):
                known |= await self._kept(connection, fresh)
                known |= await self._found(
                    connection, [name for name in asked if name not in known]
                )
                if fresh.keys() <= known.keys():
                    return known
                self._wrapping.look_again()
            raise RestlessWrapperError

        # All of it can be asked again: what exists is found, and what was kept stays kept.
        return await read_until_answered(lambda: self._line.run(work))

    async def _kept(self, db: Connection, fresh: dict[str, bytes]) -> dict[str, bytes]:
        if not fresh:
            return {}
        wrapper = await self._wrapping.wrapper(db)
        wrapped = {name: self._wrapping.wrap(wrapper, key, name) for name, key in fresh.items()}
        rows = await db.fetch(_KEEP, self._book, list(wrapped), list(wrapped.values()), wrapper.box)
        return {row[0]: wrapped[row[0]] for row in rows}

    async def _found(self, db: Connection, names: list[str]) -> dict[str, bytes | None]:
        rows = await db.fetch(_FIND, self._book, names) if names else []
        return {row[0]: cast("bytes | None", row[1]) for row in rows}


class _Question:
    """One key that somebody waits for, and the fresh key to keep if there is none."""

    def __init__(self) -> None:
        self.fresh: bytes | None = None
        self.answer: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()


def _fail(asked: dict[str, _Question], error: Exception) -> None:
    for question in asked.values():
        question.answer.set_exception(error)
        question.answer.exception()  # seen, even if every caller has gone away


_KEEP = f"""
    with {STILL_WRAPS}
    insert into keys.person_keys (book, key_id, wrapped)
    select $1, key_id, wrapped
    from wrapper, unnest($2::text[], $3::bytea[]) as fresh(key_id, wrapped)
    order by key_id
    on conflict do nothing returning key_id
"""  # noqa: S608  # put together from our own words
_FIND = "select key_id, wrapped from keys.person_keys where book = $1 and key_id = any($2::text[])"
