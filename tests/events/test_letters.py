"""Letters that wait: memory and PostgreSQL keep the same promises."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from src.events.connection import Connection
from src.events.identifiers import mailbox_id
from src.events.letter import Letter, LetterKind, LetterStore, Outcome
from src.events.letter_rows import LEASE, LetterRows
from src.events.letterbox import Letterbox, LetterboxFullError
from src.events.sealing import BrokenBoxError
from src.queries.letters import letters
from tests.databases import BookDatabase, connected
from tests.memory_letters import MemoryLetters

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MakeStore = Callable[[int], LetterStore]


@pytest.fixture(params=["memory", "rows"])
def url(request: pytest.FixtureRequest) -> str | None:
    """Where the rows are; None for memory."""
    if request.param == "memory":
        return None
    database: BookDatabase = request.getfixturevalue("book_database")
    return database.app_url


@pytest.fixture
async def make(url: str | None) -> AsyncIterator[MakeStore]:
    """Makes a store with room for so many letters."""
    opened: list[LetterStore] = []

    def made(room: int) -> LetterStore:
        opened.append(MemoryLetters(room) if url is None else LetterRows(url, waiting_max=room))
        return opened[-1]

    yield made
    for store in opened:
        await store.close()


def letter(
    mailbox: str = "a" * 40, kind: LetterKind = LetterKind.CLAIM, minute: int = 0, about: str = ""
) -> Letter:
    return Letter(
        letter_id=uuid4(),
        kind=kind,
        mailbox=mailbox,
        about=about,
        address=b"sealed",
        asked_at=NOON + timedelta(minutes=minute),
    )


def ids(found: Sequence[Letter]) -> list[UUID]:
    return [each.letter_id for each in found]


async def test_what_is_due_is_taken_once_for_a_lease_and_then_again(make: MakeStore) -> None:
    store, asked = make(10), letter()
    assert await store.add(asked)
    assert await store.take(NOON - timedelta(seconds=1), 5) == []
    assert await store.take(NOON, 5) == [asked]
    assert await store.take(NOON + LEASE - timedelta(seconds=1), 5) == []
    (again,) = await store.take(NOON + LEASE, 5)
    assert (again.letter_id, again.tries) == (asked.letter_id, 1)


async def test_the_longest_due_are_taken_first_and_no_more_than_wanted(make: MakeStore) -> None:
    store = make(10)
    asked = [letter(mailbox=f"{n}" * 40, minute=n) for n in range(5)]
    for each in reversed(asked):
        await store.add(each)
    assert ids(await store.take(NOON + timedelta(minutes=9), 3)) == ids(asked[:3])
    assert ids(await store.take(NOON + timedelta(minutes=9), 3)) == ids(asked[3:])


async def test_of_many_workers_at_once_each_takes_letters_of_its_own(make: MakeStore) -> None:
    store = make(100)
    for n in range(30):
        await store.add(letter(mailbox=f"{n:040}"))
    taken = await asyncio.gather(*(store.take(NOON, 4) for _ in range(10)))
    found = [each.letter_id for some in taken for each in some]
    assert len(found) == len(set(found)) == 30


async def test_the_same_letter_waits_once_however_often_it_is_asked_for(make: MakeStore) -> None:
    store, first = make(10), letter()
    for each in (first, letter(), letter(minute=1)):
        assert await store.add(each)
    other_kind, other_order = letter(kind=LetterKind.RESET), letter(about="AAAAA-BBBBB")
    for each in (other_kind, other_order, letter(mailbox="b" * 40)):
        assert await store.add(each)
    found = await store.take(NOON + timedelta(minutes=5), 10)
    assert len(found) == 4
    assert first in found


async def test_there_is_room_for_so_many_and_no_more_until_one_is_gone(make: MakeStore) -> None:
    store, first = make(2), letter()
    assert await store.add(first)
    assert await store.add(letter(mailbox="b" * 40))
    assert not await store.add(letter(mailbox="c" * 40))
    await store.remove(first, Outcome.SENT)
    assert await store.add(letter(mailbox="c" * 40))


async def test_what_is_put_back_is_due_when_it_is_said_and_knows_what_was_offered(
    make: MakeStore,
) -> None:
    store, asked = make(10), letter()
    await store.add(asked)
    (taken,) = await store.take(NOON, 1)
    await store.note_offered(taken)
    later = NOON + timedelta(seconds=20)
    await store.put_back(taken, later)
    assert await store.take(later - timedelta(seconds=1), 1) == []
    (again,) = await store.take(later, 1)
    assert (again.is_offered, again.tries) == (True, 1)


async def test_a_letter_that_is_gone_can_be_asked_for_anew(make: MakeStore) -> None:
    store, asked = make(10), letter()
    await store.add(asked)
    await store.remove(asked, Outcome.SENT)
    await store.remove(asked, Outcome.SENT)
    await store.add(letter())
    assert len(await store.take(NOON, 10)) == 1


async def test_the_letters_of_a_mailbox_are_forgotten_and_nobody_elses(make: MakeStore) -> None:
    store, other = make(10), letter(mailbox="b" * 40)
    for each in (letter(), letter(kind=LetterKind.RESET), other):
        await store.add(each)
    await store.forget(["a" * 40, "c" * 40])
    assert await store.take(NOON, 10) == [other]


async def test_two_connections_never_hand_out_the_same_letter(book_database: BookDatabase) -> None:
    stores = [LetterRows(book_database.app_url) for _ in range(4)]
    for n in range(40):
        await stores[0].add(letter(mailbox=f"{n:040}"))
    taken = await asyncio.gather(*(store.take(NOON, 3) for store in stores * 8))
    found = [each.letter_id for some in taken for each in some]
    assert len(found) == len(set(found)) == 40
    for store in stores:
        await store.close()


async def test_watchers_see_what_waits_since_when_and_what_became_of_the_others(
    book_database: BookDatabase,
) -> None:
    store, sent = LetterRows(book_database.app_url), letter(kind=LetterKind.ORDER)

    async def ask(db: Connection) -> object:
        return await letters(db, 1, 100)

    none = await connected(book_database.app_url, ask)
    assert (none.waiting, none.oldest_seconds, none.outcomes) == (0, 0, {})
    for each in (sent, letter(), letter(mailbox="b" * 40)):
        await store.add(each)
    await store.remove(sent, Outcome.SENT)
    found = await connected(book_database.app_url, ask)
    assert found.waiting == 2
    assert found.oldest_seconds > 0
    assert found.outcomes == {(LetterKind.ORDER, Outcome.SENT): 1}
    await store.close()


def box(store: LetterStore, seal: bytes = b"s" * 32) -> Letterbox:
    return Letterbox(store, seal, b"p" * 32, bytes)


async def test_an_address_is_kept_sealed_and_opens_for_this_letter_alone() -> None:
    store = MemoryLetters()
    letterbox, email = box(store), "asha@example.in"
    for n in range(2):
        await letterbox.ask(uuid4(), LetterKind.CLAIM, email, mailbox=f"{n}" * 40, asked_at=NOON)
    one, other = await letterbox.take(NOON, 5)
    assert email.encode() not in one.address
    assert letterbox.address(one) == email
    swapped = Letter(
        letter_id=one.letter_id,
        kind=one.kind,
        mailbox=one.mailbox,
        about="",
        address=other.address,
        asked_at=NOON,
    )
    with pytest.raises(BrokenBoxError):
        letterbox.address(swapped)
    with pytest.raises(BrokenBoxError):
        box(store, b"t" * 32).address(one)


async def test_a_letters_secret_is_the_same_at_every_try_and_no_other_letters() -> None:
    store, one, other = MemoryLetters(), letter(), letter()
    assert box(store).secret(one) == box(store).secret(one)
    assert box(store).secret(one) != box(store).secret(other)
    assert len(box(store).secret(one)) == 43


async def test_a_full_letterbox_says_so() -> None:
    letterbox = box(MemoryLetters(waiting_max=0))
    with pytest.raises(LetterboxFullError):
        await letterbox.ask(
            uuid4(), LetterKind.RESET, "a@example.in", mailbox="a" * 40, asked_at=NOON
        )


@pytest.mark.parametrize(
    ("typed", "known"),
    [("\u212aumar@Example.in", "kumar@example.in"), ("\u212bsa@example.in", "\u00e5sa@example.in")],
)
async def test_a_letter_goes_to_the_spelling_that_the_mailbox_is_known_by(
    typed: str, known: str
) -> None:
    """A Kelvin sign is no k for every mail server: its mailbox may be somebody else's."""
    assert mailbox_id(typed, b"key") == mailbox_id(known, b"key")
    letterbox = Letterbox(MemoryLetters(10), bytes(32), bytes(32), bytes)
    await letterbox.ask(uuid4(), LetterKind.CLAIM, typed, mailbox="a" * 40, asked_at=NOON)
    (waiting,) = await letterbox.take(NOON, 5)
    assert letterbox.address(waiting) == known
