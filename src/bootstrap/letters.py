"""The worker's rounds of letters: written, handed over, tried again; given up after a day."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from src.bootstrap.letter_words import NotYetError, words_of
from src.bootstrap.parts import Parts
from src.bootstrap.troubles import WAITING
from src.events.letter import Letter, Outcome
from src.http.mail.mailer import MailRefusedError, MailUnavailableError
from src.http.mail.message import written
from src.telemetry import logger, places

AT_ONCE_MAX = 6
"""Connections to the mail server at the same time."""
LETTERS_PER_ROUND = 12
"""However slowly they are taken, a round is over well before the lease of its letters."""
FIRST_PAUSE = timedelta(seconds=5)
"""How long a letter rests that nobody took; twice as long after each further try."""
LONGEST_PAUSE = timedelta(minutes=30)
TRIED_FOR = timedelta(hours=24)
"""Afterwards nobody waits for it any more, and its secret has expired."""

log = logger("letters")


async def send_letters(parts: Parts, clock: Callable[[], datetime]) -> None:
    """Send all that is due, a round at a time."""
    while await send_some(parts, clock()) == LETTERS_PER_ROUND:
        pass


async def send_some(parts: Parts, at: datetime) -> int:
    """Send the longest due; return how many letters were taken."""
    letters = await parts.letterbox.take(at, LETTERS_PER_ROUND)
    turns = asyncio.Semaphore(AT_ONCE_MAX)

    async def send(letter: Letter) -> None:
        async with turns:
            await _send_or_rest(parts, letter, at)

    done = await asyncio.gather(*(send(letter) for letter in letters), return_exceptions=True)
    for error in done:
        if isinstance(error, BaseException):
            raise error  # Its lease ends by itself, and another round sends it.
    return len(letters)


async def _send_or_rest(parts: Parts, letter: Letter, at: datetime) -> None:
    """Send one letter; one that cannot be sent rests, and stops no other."""
    try:
        outcome = await _send(parts, letter, at)
    except WAITING:
        raise
    except MailRefusedError as why:
        _tell_end(letter, "a letter is refused", why.reason)
        outcome = Outcome.REFUSED
    except MailUnavailableError as why:
        await _rest(parts, letter, at, why.reason)
        return
    except NotYetError:
        await _rest(parts, letter, at, "the lists are behind")
        return
    except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the others go on
        log.warning("a letter fails", **_named(letter), places=places(error))
        await _rest(parts, letter, at, type(error).__name__)
        return
    await parts.letterbox.remove(letter, outcome)


async def _send(parts: Parts, letter: Letter, at: datetime) -> Outcome:
    email = parts.letterbox.address(letter)
    words = await words_of(parts, letter, email, at)
    if words is None:
        return Outcome.NOBODY
    await parts.mailer.hand_over(written(letter, email, words, parts.settings.mail))
    log.info("a letter is sent", **_named(letter))
    return Outcome.SENT


async def _rest(parts: Parts, letter: Letter, at: datetime, reason: str) -> None:
    pause = min(FIRST_PAUSE * 2 ** min(letter.tries, 20), LONGEST_PAUSE)
    if at + pause >= letter.asked_at + TRIED_FOR:
        _tell_end(letter, "a letter is given up", reason)
        await parts.letterbox.remove(letter, Outcome.GIVEN_UP)
        return
    log.info("a letter rests", **_named(letter), reason=reason, seconds=pause.total_seconds())
    await parts.letterbox.put_back(letter, at + pause)


def _tell_end(letter: Letter, event: str, reason: str) -> None:
    log.warning(event, **_named(letter), reason=reason)


def _named(letter: Letter) -> dict[str, str]:
    """Never the address, and nothing that a person could be found by."""
    return {"letter_id": str(letter.letter_id), "kind": letter.kind.value}
