"""Asking again after a loss: what is said in the end is true of all attempts together."""

from collections.abc import Awaitable, Callable

import asyncpg  # type: ignore[import-untyped]  # asyncpg ships no types
import pytest

from src.events import lines
from src.events.connection import Connection, connecting
from src.events.lines import ConnectionLostError, Line, until_answered
from src.events.ports import DatabaseUnavailableError, OutcomeUnknownError
from tests.databases import BookDatabase

pytestmark = pytest.mark.anyio
LOST, AWAY, NO = ConnectionLostError("cut"), DatabaseUnavailableError("away"), ValueError("no")


def attempts(*ends: Exception | str) -> Callable[[], Awaitable[str]]:
    """Return a question whose attempts end like this, the last one again and again."""
    left = list(ends)

    async def ask() -> str:
        end = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(end, Exception):
            raise end
        return end

    return ask


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "PAUSES_SECONDS", (0.0, 0.0))


async def test_an_answer_after_losses_is_the_answer() -> None:
    assert await until_answered(attempts(LOST, AWAY, "yes")) == "yes"


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ((AWAY,), DatabaseUnavailableError),
        ((LOST,), OutcomeUnknownError),
        ((LOST, AWAY), OutcomeUnknownError),
        ((AWAY, LOST, AWAY), OutcomeUnknownError),
        ((NO,), ValueError),
        ((AWAY, NO), ValueError),
        ((LOST, NO), OutcomeUnknownError),
    ],
)
async def test_what_was_sent_and_not_answered_stays_unknown_whatever_is_said_later(
    ends: tuple[Exception, ...], said: type[Exception]
) -> None:
    with pytest.raises(said) as raised:
        await until_answered(attempts(*ends))
    assert type(raised.value) is said


async def test_a_server_that_hangs_up_on_a_new_connection_is_asked_again(
    book_database: BookDatabase,
) -> None:
    """The driver may notice a hang-up only as a state that it cannot be in."""
    hang_ups = [asyncpg.InternalClientError("cannot switch to state 15")]

    async def prepare(_: Connection) -> None:
        if hang_ups:
            raise hang_ups.pop()

    line = Line(connecting(book_database.app_url, "khata"), prepare)
    answer = await until_answered(lambda: line.run(lambda db: db.fetchval("select 1")))
    await line.close()
    assert (answer, hang_ups) == (1, [])
