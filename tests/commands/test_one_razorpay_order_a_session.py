"""Record the wish, ask Razorpay, record the answer: whatever dies between, one Razorpay order."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from src.commands.gateway import GatewayRefusedError, GatewayUnavailableError, PaymentStatus
from src.commands.payment_intents import Intended, PaymentIntents, ProviderUnavailable
from src.commands.provider_news import ProviderNews
from src.commands.rejections import NotPossibleNow, SessionExpired
from src.commands.view import View
from src.events.checkout import AwaitingPayment, Completed, IntentRequested
from src.events.payment import PaymentOrderOpened
from tests.factories import EXPIRES_AT, NOW, shop
from tests.gateway import MemoryGateway
from tests.memory import MemoryBook
from tests.processes import Process, WatchedBook, cause
from tests.purchases import Purchase

pytestmark = pytest.mark.anyio
ONE = Purchase()


class NoLock:
    """A lease that everybody gets; correctness does not need one."""

    @asynccontextmanager
    async def hold(self, cart_id: str) -> AsyncGenerator[bool]:
        assert cart_id
        yield True


@pytest.fixture
def gateway() -> MemoryGateway:
    return MemoryGateway()


@pytest.fixture
async def book() -> WatchedBook:
    book = WatchedBook(MemoryBook(lambda: NOW))
    await Process(book).write("open", *shop(), *ONE.filled(), *ONE.begun())
    return book


class Till:
    """One process that makes intents."""

    def __init__(self, book: WatchedBook, gateway: MemoryGateway) -> None:
        self.process = Process(book)
        self.intents = PaymentIntents(self.process.ledger, gateway, NoLock())
        self.news = ProviderNews(self.process.ledger, gateway)

    async def create(self, name: str = "intent") -> Intended:
        return await self.intents.create(cause(name), ONE.command())

    async def checkout(self) -> object:
        return await self.process.state(ONE.checkout)


async def opened(book: WatchedBook) -> int:
    kinds = [row.type for row in await book.read_page(0, 1_000)]
    return kinds.count(PaymentOrderOpened.__name__)


async def test_an_intent_brings_the_session_to_payment_pending(
    book: WatchedBook, gateway: MemoryGateway
) -> None:
    till = Till(book, gateway)
    await till.create()
    assert isinstance(await till.checkout(), AwaitingPayment)
    assert gateway.asked == ["create"]
    await till.create("again")
    assert gateway.asked == ["create"]


async def test_many_requests_at_once_ask_once(book: WatchedBook, gateway: MemoryGateway) -> None:
    till = Till(book, gateway)
    await asyncio.gather(*(till.create(f"n{n}") for n in range(20)))
    assert gateway.asked == ["create"]


async def test_two_processes_at_once_make_one_razorpay_order(
    book: WatchedBook, gateway: MemoryGateway
) -> None:
    tills = [Till(book, gateway) for _ in range(4)]
    await asyncio.gather(*(till.create(f"n{n}") for n, till in enumerate(tills)))
    assert (len(gateway.orders), await opened(book)) == (1, 1)


@pytest.mark.parametrize("away", ["down", "dropped"])
async def test_while_razorpay_is_away_the_session_waits_and_a_retry_works(
    book: WatchedBook, gateway: MemoryGateway, away: str
) -> None:
    till = Till(book, gateway)
    setattr(gateway, away, 1)
    with pytest.raises(ProviderUnavailable) as unavailable:
        await till.create()
    assert unavailable.value.checkout_session_id == ONE.session
    assert unavailable.value.expires_at == EXPIRES_AT
    assert isinstance(await till.checkout(), IntentRequested), "with its stock"
    await till.create("retry")
    assert gateway.asked == ["create", "find"] + ["create"] * (away == "down")
    assert (len(gateway.orders), await opened(book)) == (1, 1)


async def test_after_a_crash_between_asking_and_recording_the_order_is_found(
    book: WatchedBook, gateway: MemoryGateway
) -> None:
    dying = Till(book, gateway)
    await dying.process.ledger.transact(cause("intent"), ONE.request())
    lost = await gateway.create_order(ONE.session, ONE.due)
    restarted = Till(book, gateway)
    await restarted.create()
    assert gateway.asked == ["create", "find"]
    found = await restarted.checkout()
    assert isinstance(found, AwaitingPayment)
    assert found.razorpay_order_id == lost.razorpay_order_id


async def test_a_client_that_goes_away_does_not_stop_the_question(
    book: WatchedBook, gateway: MemoryGateway
) -> None:
    till = Till(book, gateway)
    book.open.clear()
    gone = asyncio.create_task(till.create("gone"))
    stays = asyncio.create_task(till.create("stays"))
    await book.waiting.wait()
    gone.cancel()
    book.open.set()
    await stays
    assert (gone.cancelled(), len(gateway.orders)) == (True, 1)


async def test_an_order_for_another_amount_is_never_taken_for_ours(
    book: WatchedBook, gateway: MemoryGateway
) -> None:
    till = Till(book, gateway)
    await till.process.ledger.transact(cause("intent"), ONE.request())
    await gateway.create_order(ONE.session, ONE.due + ONE.due)
    with pytest.raises(ProviderUnavailable, match="another amount"):
        await till.create()
    assert await opened(book) == 0


async def test_what_an_interrupted_request_left_at_razorpay_is_recorded_without_a_client(
    book: WatchedBook, gateway: MemoryGateway
) -> None:
    till = Till(book, gateway)
    await till.process.ledger.transact(cause("intent"), ONE.request())
    assert await till.intents.recover(cause("early"), ONE.session) is None
    await gateway.create_order(ONE.session, ONE.due)
    assert await till.intents.recover(cause("found"), ONE.session) is not None
    assert isinstance(await till.checkout(), AwaitingPayment)
    assert await till.intents.recover(cause("again"), ONE.session) is None
    assert gateway.asked == ["find", "create", "find"]
    assert await opened(book) == 1


async def test_an_order_for_another_amount_is_not_recorded_without_a_client_either(
    book: WatchedBook, gateway: MemoryGateway
) -> None:
    till = Till(book, gateway)
    await till.process.ledger.transact(cause("intent"), ONE.request())
    await gateway.create_order(ONE.session, ONE.due + ONE.due)
    with pytest.raises(GatewayRefusedError, match="another amount"):
        await till.intents.recover(cause("found"), ONE.session)
    assert await opened(book) == 0


async def test_money_on_an_intent_that_was_recorded_after_the_cancel_is_late_money(
    book: WatchedBook, gateway: MemoryGateway
) -> None:
    till, other = Till(book, gateway), Process(book)
    gateway.dropped = 1
    with pytest.raises(ProviderUnavailable):
        await till.create()
    [order] = gateway.orders
    await other.ledger.transact(cause("cancel"), ONE.cancel())
    with pytest.raises(NotPossibleNow):
        await till.create("retry")
    await other.ledger.transact(cause("record"), ONE.record(order.razorpay_order_id))
    gateway.pay(order, PaymentStatus.FAILED)
    gateway.pay(gateway.orders[0], PaymentStatus.CAPTURED)
    await till.news.ask(cause("poll"), order.razorpay_order_id)
    assert isinstance(await till.checkout(), Completed)


async def test_an_overdue_session_expires_instead(
    book: WatchedBook, gateway: MemoryGateway
) -> None:
    till = Till(book, gateway)
    with pytest.raises(SessionExpired):
        await till.intents.create(cause("late"), ONE.command(now=EXPIRES_AT))
    assert gateway.asked == []


async def test_no_answer_about_payments_changes_nothing(
    book: WatchedBook, gateway: MemoryGateway
) -> None:
    till = Till(book, gateway)
    await till.create()
    head = await book.head()
    gateway.down = 1
    with pytest.raises(GatewayUnavailableError):
        await till.news.ask(cause("poll"), gateway.orders[0].razorpay_order_id)
    assert await book.head() == head


async def test_looking_sees_what_others_wrote_with_one_round_trip(
    book: WatchedBook, gateway: MemoryGateway
) -> None:
    def states(view: View) -> list[object]:
        return [view.checkout(ONE.session), view.cart(ONE.cart_id)]

    reader, till = Process(book), Till(book, gateway)
    await reader.ledger.look(states)
    await till.create()
    before = book.reads
    [checkout, _] = await reader.ledger.look(states)
    assert isinstance(checkout, AwaitingPayment)
    assert book.reads == before + 1
