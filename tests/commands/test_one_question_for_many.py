"""A question is asked once for everybody who waits, and nobody who goes away takes it along."""

import asyncio
import gc
from typing import Any

import pytest

from src.commands.shared_questions import SharedQuestions

pytestmark = pytest.mark.anyio
WAITERS = 3


class Oracle:
    """Answers when it is told to, and counts how often it was asked."""

    def __init__(self) -> None:
        self.questions: SharedQuestions[str, int] = SharedQuestions()
        self.asked = 0
        self.answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def ask(self) -> int:
        self.asked += 1
        return await self.answer

    async def waiters(self, *keys: str) -> list[asyncio.Task[int]]:
        """Tasks that wait for these answers by now."""
        tasks = [asyncio.create_task(self.questions.ask(key, self.ask)) for key in keys]
        await turns()
        return tasks


async def turns() -> None:
    """Let every task that can go on do so, and those that it wakes."""
    for _ in range(5):
        await asyncio.sleep(0)


async def ended(tasks: list[asyncio.Task[int]]) -> list[int | BaseException]:
    return await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
async def oracle() -> Oracle:
    return Oracle()


@pytest.fixture
async def complaints() -> list[str]:
    """What the loop complains of, such as failures that nobody has seen."""
    heard: list[str] = []

    def hear(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        heard.append(context["message"])

    asyncio.get_running_loop().set_exception_handler(hear)
    return heard


async def test_everybody_who_waits_has_the_answer_to_one_question(oracle: Oracle) -> None:
    waiting = await oracle.waiters("why", "why", "why")
    oracle.answer.set_result(42)
    assert await ended(waiting) == [42, 42, 42]
    assert oracle.asked == 1


async def test_another_question_is_another_matter(oracle: Oracle) -> None:
    waiting = await oracle.waiters("why", "when")
    oracle.answer.set_result(42)
    assert await ended(waiting) == [42, 42]
    assert oracle.asked == 2


async def test_what_was_answered_is_asked_anew(oracle: Oracle) -> None:
    oracle.answer.set_result(42)
    assert await oracle.questions.ask("why", oracle.ask) == 42
    assert await oracle.questions.ask("why", oracle.ask) == 42
    assert oracle.asked == 2


async def test_one_who_goes_away_takes_the_answer_from_nobody(oracle: Oracle) -> None:
    first, *others = await oracle.waiters("why", "why", "why")
    first.cancel()
    await turns()
    oracle.answer.set_result(42)
    assert first.cancelled()
    assert await ended(others) == [42, 42]


async def test_the_question_goes_on_when_all_have_gone_away(oracle: Oracle) -> None:
    for task in await oracle.waiters("why", "why"):
        task.cancel()
    late = await oracle.waiters("why")
    oracle.answer.set_result(42)
    assert await ended(late) == [42]
    assert oracle.asked == 1


async def test_a_failure_is_raised_in_everybody_who_waits(oracle: Oracle) -> None:
    waiting = await oracle.waiters("why", "why")
    why = LookupError("nobody knows")
    oracle.answer.set_exception(why)
    assert await ended(waiting) == [why, why]


@pytest.mark.parametrize("turns_after", range(3))
async def test_a_failure_that_nobody_waits_for_is_no_complaint(
    oracle: Oracle, complaints: list[str], turns_after: int
) -> None:
    await leave_failing(oracle, turns_after)
    await turns()
    gc.collect()  # A failure that nobody saw is complained of when it is thrown away.
    assert complaints == []


async def leave_failing(oracle: Oracle, turns_after: int) -> None:
    """Fail, and go away so many turns later; keep nothing of it."""
    (waiting,) = await oracle.waiters("why")
    oracle.answer.set_exception(LookupError("nobody knows"))
    for _ in range(turns_after):
        await asyncio.sleep(0)
    waiting.cancel()
    await ended([waiting])


async def test_a_question_that_is_cancelled_ends_for_everybody(oracle: Oracle) -> None:
    waiting = await oracle.waiters("why", "why")
    oracle.answer.cancel()
    await ended(waiting)
    assert all(task.cancelled() for task in waiting)


async def test_finishing_waits_for_failures_and_answers_alike(oracle: Oracle) -> None:
    waiting = await oracle.waiters("why", "when")
    finishing = asyncio.create_task(oracle.questions.finish(30.0))
    await turns()
    assert not finishing.done()
    oracle.answer.set_exception(LookupError("nobody knows"))
    await finishing
    assert all(isinstance(each, LookupError) for each in await ended(waiting))


async def test_with_nothing_under_way_all_is_finished() -> None:
    await SharedQuestions[str, int]().finish(30.0)


async def test_finishing_gives_up_what_takes_too_long(oracle: Oracle) -> None:
    waiting = await oracle.waiters("why", "when")
    await oracle.questions.finish(0.0)
    await ended(waiting)
    assert all(task.cancelled() for task in waiting)
