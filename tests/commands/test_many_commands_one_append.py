"""Group commit: what waits together is written together, and each gets its own answer."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence

import pytest

from src.commands import group_commit
from src.commands.decisions.cart import set_item
from src.commands.group_commit import BATCH_COMMANDS_MAX
from src.commands.rejections import InventoryUnavailable
from src.commands.view import Fact, View
from src.commands.wish import Busy, Held
from src.events.envelope import Appended, Entry, StoredEvent
from src.events.identifiers import CART, CHECKOUT, PRODUCT, STOCK, Stream, stream
from src.events.ports import OutcomeUnknownError, Reread
from src.events.stock import StockReceived
from tests.factories import CUP, EXPIRES_AT, NOW, TEA, listed, shop
from tests.memory import MemoryBook
from tests.processes import Process, WatchedBook, cause
from tests.purchases import Purchase

pytestmark = pytest.mark.anyio

UNITS, BUYERS = 20, 200
TEA_STOCK = stream(STOCK, TEA.sku)


def one_tea(name: str) -> Purchase:
    return Purchase(name=name, cart=name, wants=((TEA, 1),))


def received(quantity: int) -> Fact:
    return TEA_STOCK, StockReceived(sku=TEA.sku, quantity=quantity)


@pytest.fixture
def book() -> WatchedBook:
    return WatchedBook(MemoryBook())


@pytest.fixture
async def process(book: WatchedBook) -> Process:
    process = Process(book)
    await process.write("open", *shop())
    return process


async def start(process: Process, buyer: Purchase) -> Held | Exception:
    try:
        return await process.ledger.transact(cause(f"start {buyer.name}"), buyer.start())
    except Exception as refusal:  # noqa: BLE001 - what it was is what the tests look at
        return refusal


async def test_of_200_buyers_of_20_units_20_get_one_and_180_are_refused(
    book: WatchedBook, process: Process
) -> None:
    buyers = [one_tea(f"n{n}") for n in range(BUYERS)]
    await process.write("more", received(UNITS - 10))
    await process.write("carts", *(fact for buyer in buyers for fact in buyer.filled()))
    book.appends.clear()
    answers = await asyncio.gather(*(start(process, buyer) for buyer in buyers))
    assert Counter(type(answer) for answer in answers) == {
        Held: UNITS,
        InventoryUnavailable: BUYERS - UNITS,
    }
    assert (await process.state(TEA_STOCK)).reserved == UNITS
    assert len(book.appends) <= 10, "nobody is written alone"


async def test_what_waits_while_one_append_is_under_way_is_the_next_one(
    book: WatchedBook, process: Process
) -> None:
    book.appends.clear()
    book.open.clear()
    first = asyncio.create_task(process.write("first", received(1)))
    await book.waiting.wait()
    others = [asyncio.create_task(process.write(f"n{n}", received(1))) for n in range(300)]
    await asyncio.sleep(0)  # each task runs until it waits, and by then it has queued
    book.open.set()
    await asyncio.gather(first, *others)
    assert book.appends == [1, BATCH_COMMANDS_MAX, 300 - BATCH_COMMANDS_MAX]


async def test_a_state_that_another_process_moved_is_decided_again(
    book: WatchedBook, process: Process
) -> None:
    other = Process(book)
    assert (await other.state(TEA_STOCK)).received == 10
    await process.write("more", received(5))
    await other.write("also", received(7))
    assert (await other.state(TEA_STOCK)).received == 22


async def test_a_refusal_on_a_state_that_has_moved_is_not_believed(
    book: WatchedBook, process: Process
) -> None:
    late = Process(book)
    buyer = Purchase(wants=((TEA, 11),))
    await process.write("cart", *buyer.filled())
    assert isinstance(await start(late, buyer), InventoryUnavailable)
    await process.write("more", received(1))
    assert isinstance(await start(late, buyer), Held)


async def test_nothing_new_on_a_state_that_has_moved_is_not_believed(
    book: WatchedBook, process: Process
) -> None:
    buyer = one_tea("one")
    await process.write("cart", *buyer.filled())
    late = Process(book)
    await late.state(stream(CART, buyer.cart_id))

    def empty(view: View) -> list[Fact]:
        return set_item(view, buyer.cart_id, CUP.sku, 0, NOW)

    def two_cups(view: View) -> list[Fact]:
        return set_item(view, buyer.cart_id, CUP.sku, 2, NOW)

    await process.ledger.transact(cause("two cups"), two_cups)
    await late.ledger.transact(cause("no cups"), empty)
    cart = await process.state(stream(CART, buyer.cart_id))
    assert CUP.sku not in cart.contents.quantities


async def test_what_cannot_be_on_old_states_is_no_bug(book: WatchedBook, process: Process) -> None:
    """Two states of different moments may contradict each other; the book sorts it out."""
    one, two = one_tea("one"), Purchase(name="two", cart="one", wants=((TEA, 1),))
    await process.write("cart", *one.filled())
    await start(process, one)
    late = Process(book)
    await late.state(stream(CART, one.cart_id))  # locked, and stays so in the eyes of `late`
    await process.ledger.transact(cause("expire"), one.expire())
    await late.state(stream(CHECKOUT, one.session))  # ended
    answer = await start(late, two)
    assert isinstance(answer, Held), repr(answer)


async def test_a_stream_taken_for_new_that_is_not_is_corrected(
    book: WatchedBook, process: Process
) -> None:
    one = one_tea("one")
    await process.write("cart", *one.filled())
    first = await start(process, one)
    restarted = Process(book)
    again = await restarted.ledger.transact(
        cause("start one"), one.start(now=EXPIRES_AT), begins=[stream(CHECKOUT, one.session)]
    )
    assert isinstance(first, Held)
    assert again.position >= first.position
    assert await book.head() == first.position, "nothing was written twice"


async def test_a_command_sent_again_is_answered_and_the_state_is_that_of_the_book(
    book: WatchedBook, process: Process
) -> None:
    one = one_tea("one")
    await process.write("cart", *one.filled())
    cart, session = stream(CART, one.cart_id), stream(CHECKOUT, one.session)
    old = Process(book)
    for name in (cart, session, TEA_STOCK, stream(PRODUCT, TEA.sku)):
        await old.state(name)
    first = await start(process, one)
    later = one.start(now=NOW, expires_at=EXPIRES_AT.replace(hour=23))
    assert await old.ledger.transact(cause("start one"), later) == first
    seen = await old.ledger.glance(lambda view: view.checkout(one.session))
    assert seen == await process.state(session)


async def test_a_rule_with_a_bug_fails_alone(book: WatchedBook, process: Process) -> None:
    def broken(view: View) -> list[Fact]:
        raise ZeroDivisionError(view.stock(TEA.sku).received)

    def impossible(_view: View) -> list[Fact]:
        return listed(TEA, units=0)

    book.open.clear()
    answers = asyncio.gather(
        process.ledger.transact(cause("a"), broken),
        process.ledger.transact(cause("b"), impossible),
        process.write("c", received(1)),
        return_exceptions=True,
    )
    book.open.set()
    assert [type(each) for each in await answers] == [ZeroDivisionError, AssertionError, type(None)]
    assert (await process.state(TEA_STOCK)).received == 11


async def test_a_client_that_goes_away_does_not_disturb_its_batch(
    book: WatchedBook, process: Process
) -> None:
    book.open.clear()
    gone = asyncio.create_task(process.write("gone", received(1)))
    stays = asyncio.create_task(process.write("stays", received(1)))
    await book.waiting.wait()
    gone.cancel()
    book.open.set()
    await stays
    assert gone.cancelled()
    assert (await process.state(TEA_STOCK)).received == 12, "what was wished for is written"


async def test_a_full_queue_says_busy_and_nothing_happens(
    book: WatchedBook, process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_commit, "QUEUE_COMMANDS_MAX", 2)
    book.open.clear()
    first = asyncio.create_task(process.write("first", received(1)))
    await book.waiting.wait()
    waiting = [asyncio.create_task(process.write(f"n{n}", received(1))) for n in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Busy):
        await process.write("too many", received(100))
    book.open.set()
    await asyncio.gather(first, *waiting)
    assert (await process.state(TEA_STOCK)).received == 13


class Rivalry:
    """A process that is always too late: somebody else writes before each of its appends."""

    def __init__(self, watched: WatchedBook, shared: MemoryBook) -> None:
        self._rival, self._watched = Process(shared), watched
        self.process = Process(watched)

    async def begin(self) -> None:
        await self._rival.write("open", *shop())
        await self.process.state(TEA_STOCK)
        self._watched.before_append = self._somebody_is_faster

    async def _somebody_is_faster(self) -> None:
        tried = len(self._watched.appends), self._watched.holds
        await self._rival.write(f"rival {tried}", received(1))


async def test_a_command_that_was_refused_twice_is_decided_while_the_book_is_held() -> None:
    shared = MemoryBook()
    watched = WatchedBook(shared)
    rivalry = Rivalry(watched, shared)
    await rivalry.begin()
    await asyncio.gather(*(rivalry.process.write(f"n{n}", received(100)) for n in range(3)))
    assert (watched.appends, watched.holds) == ([3, 3], 1)
    assert (await rivalry.process.state(TEA_STOCK)).received == 10 + 2 + 300


class ForgetfulHold(WatchedBook):
    """Its held appends are lost, and what was decided is sent again when it is too late."""

    async def append_holding(
        self, decide: Callable[[Reread], Awaitable[Sequence[Entry]]]
    ) -> Appended:
        self.holds += 1

        async def nothing_new(_after: dict[Stream, int]) -> Sequence[StoredEvent]:
            return []

        return await self.append(await decide(nothing_new))


async def test_a_stream_that_never_stands_still_is_busy_after_so_many_attempts() -> None:
    shared = MemoryBook()
    watched = ForgetfulHold(shared)
    rivalry = Rivalry(watched, shared)
    await rivalry.begin()
    with pytest.raises(Busy, match="moved"):
        await rivalry.process.write("never", received(1))
    assert len(watched.appends) == group_commit.ATTEMPTS_MAX


async def test_a_process_that_knows_more_than_a_restored_book_forgets_it() -> None:
    lost, kept = MemoryBook(), MemoryBook()
    for book in (lost, kept):
        await Process(book).write("open", *shop())
    watched = WatchedBook(lost)
    process = Process(watched)
    await process.write("lost", received(5))
    watched.book = kept
    await asyncio.gather(*(process.write(f"n{n}", received(1)) for n in range(3)))
    assert (await process.state(TEA_STOCK)).received == 13
    assert watched.appends == [1, 3, 3]


async def test_what_was_decided_on_a_batch_that_moved_is_decided_again(
    book: WatchedBook, process: Process
) -> None:
    """The next batch is drafted while one is in flight, and counts on it."""
    other = Process(book)
    await other.state(TEA_STOCK)
    await process.state(TEA_STOCK)
    await other.write("rival", received(1_000))
    book.appends.clear()
    book.open.clear()
    first = asyncio.create_task(process.write("first", received(1)))
    await book.waiting.wait()
    others = [asyncio.create_task(process.write(f"n{n}", received(1))) for n in range(3)]
    await asyncio.sleep(0)  # each task runs until it waits, and by then it is drafted
    book.open.set()
    await asyncio.gather(first, *others)
    assert book.appends == [1, 4], "the one that moved and those that counted on it go together"
    assert (await process.state(TEA_STOCK)).received == 1_014


async def test_what_counts_on_a_batch_that_fails_is_decided_without_it(
    book: WatchedBook, process: Process
) -> None:
    book.open.clear()
    book.failure = OutcomeUnknownError("the cable was cut")
    first = asyncio.create_task(process.write("first", received(1)))
    await book.waiting.wait()
    second = asyncio.create_task(process.write("second", received(2)))
    await asyncio.sleep(0)  # as above

    async def mended() -> None:
        book.before_append, failure = None, book.failure
        book.failure = None
        raise failure or AssertionError("it fails once")

    book.before_append = mended
    book.open.set()
    with pytest.raises(OutcomeUnknownError):
        await first
    await second
    assert (await process.state(TEA_STOCK)).received == 12


async def test_a_book_that_fails_fails_everybody_who_waits_and_the_states_are_forgotten(
    book: WatchedBook, process: Process
) -> None:
    book.open.clear()
    book.failure = OutcomeUnknownError("the cable was cut")
    answers = asyncio.gather(
        *(process.write(f"n{n}", received(1)) for n in range(3)), return_exceptions=True
    )
    book.open.set()
    assert {type(answer) for answer in await answers} == {OutcomeUnknownError}
    assert process.states.get(TEA_STOCK) is None
    book.failure = None
    await process.write("afterwards", received(1))
    assert (await process.state(TEA_STOCK)).received == 11


async def test_whoever_publishes_hears_of_every_append_but_not_of_refusals(
    book: WatchedBook, process: Process
) -> None:
    process.published.clear()
    await process.write("more", received(1))
    assert process.published == [await book.head()]
    assert isinstance(await start(process, one_tea("nobody")), Exception)
    assert len(process.published) == 1


async def test_finishing_waits_for_everything_that_was_wished_for(
    book: WatchedBook, process: Process
) -> None:
    wishes = [asyncio.create_task(process.write(f"n{n}", received(1))) for n in range(3)]
    await asyncio.sleep(0)
    await process.ledger.finish()
    await asyncio.gather(*wishes)
    assert await book.head() == len(shop()) + 3
