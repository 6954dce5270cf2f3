"""What costs much is looked at once for all who ask meanwhile, and keeps nobody waiting."""

import asyncio

import pytest

from src.http.shared_answer import SharedAnswer

pytestmark = pytest.mark.anyio

FOR_EVER_SECONDS = 3_600.0


class Looking:
    """Counts the looks; each lasts until it is let go."""

    def __init__(self) -> None:
        self.looks = 0
        self.go = asyncio.Event()

    async def look(self) -> int:
        self.looks += 1
        await self.go.wait()
        return self.looks


def shared(
    looking: Looking, apart: float = 0, patience: float = FOR_EVER_SECONDS
) -> SharedAnswer[int]:
    return SharedAnswer(looking.look, apart_seconds=apart, timeout_seconds=patience)


async def test_a_crowd_costs_one_look_and_whoever_asks_later_hears_of_a_later_one() -> None:
    looking = Looking()
    answer = shared(looking)
    crowd = [asyncio.create_task(answer.get()) for _ in range(100)]
    await asyncio.sleep(0)
    looking.go.set()
    assert set(await asyncio.gather(*crowd)) == {1}
    assert await answer.get() == 2
    assert looking.looks == 2


async def test_whoever_asks_too_soon_waits_for_the_next_look_with_all_others() -> None:
    looking = Looking()
    looking.go.set()
    answer = shared(looking, apart=FOR_EVER_SECONDS, patience=2 * FOR_EVER_SECONDS)
    assert await answer.get() == 1
    crowd = [asyncio.create_task(answer.get()) for _ in range(100)]
    for _ in range(10):
        await asyncio.sleep(0)
    assert not any(each.done() for each in crowd)
    assert looking.looks == 1
    for each in crowd:
        each.cancel()
    await asyncio.gather(*crowd, return_exceptions=True)


async def test_a_look_that_hangs_is_waited_for_once_and_is_not_begun_again() -> None:
    looking = Looking()
    answer = shared(looking, patience=0)
    for _ in range(3):
        with pytest.raises(TimeoutError):
            await answer.get()
    await asyncio.sleep(0)
    assert looking.looks == 1


async def test_whoever_goes_away_takes_the_answer_from_nobody() -> None:
    looking = Looking()
    answer = shared(looking)
    first, second = asyncio.create_task(answer.get()), asyncio.create_task(answer.get())
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    looking.go.set()
    assert await second == 1


async def test_what_is_raised_is_raised_in_everybody_and_the_next_look_is_a_new_one() -> None:
    looks = 0

    async def broken() -> int:
        nonlocal looks
        looks += 1
        raise ValueError(looks)

    answer = SharedAnswer(broken, apart_seconds=0, timeout_seconds=FOR_EVER_SECONDS)
    asked = [answer.get(), answer.get()]
    assert [str(each) for each in await asyncio.gather(*asked, return_exceptions=True)] == ["1"] * 2
    with pytest.raises(ValueError, match="2"):
        await answer.get()
