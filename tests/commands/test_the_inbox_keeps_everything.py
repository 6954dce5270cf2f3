"""From the bytes of a delivery to what it changed, with a crash or a replay at every step."""

import json
from uuid import UUID

import pytest

from src.commands.webhook_inbox import Delivery, News, Unreadable, WebhookInbox
from src.events.case import CaseKind
from src.events.checkout import Completed
from src.events.identifiers import WEBHOOK, named, stream
from src.events.webhook import Webhook, WebhookStatus
from tests.factories import shop
from tests.memory import MemoryBook, MemoryKeyRing
from tests.processes import Process
from tests.purchases import Purchase

pytestmark = pytest.mark.anyio
ONE = Purchase()
REQUEST = named("test", "request")


def read(body: bytes) -> News:
    """Read `{"order": …, "status": …}`; an order of null is money without one."""
    try:
        said = json.loads(body)
    except ValueError as error:
        raise Unreadable("This is not JSON.") from error
    if said["order"] is None:
        return News(name="payment.captured", about_money_without_order=True)
    report = ONE.said(said["status"], razorpay_order_id=said["order"])
    return News(
        name=f"payment.{said['status']}", razorpay_order_id=said["order"], reports=(report,)
    )


def delivery(body: object, event_id: str | None = "evt_1") -> Delivery:
    said = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Delivery(event_id=event_id, body=said, signature="ab", secret_index=0)


CAPTURED = delivery({"order": ONE.razorpay_order, "status": "captured"})
FAILED = delivery({"order": ONE.razorpay_order, "status": "failed"})


class Inbox:
    """One process with an inbox."""

    def __init__(self, book: MemoryBook, keys: MemoryKeyRing) -> None:
        self.process = Process(book)
        self._names = iter(range(1_000_000))
        self.inbox = WebhookInbox(self.process.ledger, keys, read, self._new_id)

    def _new_id(self) -> UUID:
        return named("inbox", str(id(self)), str(next(self._names)))

    async def webhook(self, name: str) -> Webhook:
        found: Webhook = await self.process.state(stream(WEBHOOK, name))
        return found


@pytest.fixture
def keys() -> MemoryKeyRing:
    return MemoryKeyRing()


@pytest.fixture
async def book() -> MemoryBook:
    book = MemoryBook()
    await Process(book).write("open", *shop(), *ONE.pending())
    return book


@pytest.fixture
def here(book: MemoryBook, keys: MemoryKeyRing) -> Inbox:
    return Inbox(book, keys)


async def test_a_delivery_is_on_disk_before_anybody_thinks(here: Inbox) -> None:
    name, held = await here.inbox.receive(CAPTURED, REQUEST)
    assert (await here.webhook(name)).status is WebhookStatus.RECEIVED
    assert held.position > 0
    assert await here.inbox.body_of(name) == CAPTURED.body


async def test_a_stored_delivery_is_settled_by_whoever_finds_it(
    here: Inbox, book: MemoryBook, keys: MemoryKeyRing
) -> None:
    name, _ = await here.inbox.receive(CAPTURED, REQUEST)
    after_the_crash = Inbox(book, keys)
    await after_the_crash.inbox.handle(name)
    assert (await after_the_crash.webhook(name)).status is WebhookStatus.HANDLED
    assert isinstance(await after_the_crash.process.state(ONE.checkout), Completed)


async def test_the_same_delivery_again_is_one_delivery_also_in_another_process(
    here: Inbox, book: MemoryBook, keys: MemoryKeyRing
) -> None:
    first = await here.inbox.receive(CAPTURED, REQUEST)
    head = await book.head()
    assert await Inbox(book, keys).inbox.receive(CAPTURED, REQUEST) == first
    assert (await here.inbox.receive(CAPTURED, REQUEST))[0] == first[0]
    assert await book.head() == head


async def test_the_same_id_with_other_bytes_is_kept_and_settled_under_its_own_name(
    here: Inbox,
) -> None:
    first, _ = await here.inbox.receive(FAILED, REQUEST)
    other, _ = await here.inbox.receive(CAPTURED, REQUEST)
    assert first != other
    await here.inbox.handle(other)
    alarm = await here.webhook(other)
    assert (alarm.status, len(alarm.open_cases)) == (WebhookStatus.HANDLED, 1)
    assert (await here.webhook(first)).status is WebhookStatus.RECEIVED
    assert await here.inbox.body_of(first) == FAILED.body


async def test_a_delivery_without_an_id_is_known_by_its_bytes(here: Inbox) -> None:
    name, _ = await here.inbox.receive(delivery(CAPTURED.body, None), REQUEST)
    again, _ = await here.inbox.receive(delivery(CAPTURED.body, None), REQUEST)
    other, _ = await here.inbox.receive(delivery(FAILED.body, None), REQUEST)
    assert name == again != other


async def test_everything_that_follows_names_the_fact_that_it_was_received(
    here: Inbox, book: MemoryBook, keys: MemoryKeyRing
) -> None:
    """Also when another process settles it, gives it up, or it came under a used name."""
    await here.inbox.receive(FAILED, REQUEST)
    foreign = delivery({"order": "order_of_another_shop", "status": "captured"}, None)
    for n, wish in enumerate((CAPTURED, foreign, delivery(b"{", "evt_2"))):
        name, _ = await here.inbox.receive(wish, REQUEST)
        before = await book.head()
        inbox = (here if n % 2 else Inbox(book, keys)).inbox
        await (inbox.give_up(name, "It is stuck.") if n == 2 else inbox.handle(name))
        received, *_ = await book.read_stream(stream(WEBHOOK, name))
        followed = await book.read_page(before, 100)
        assert followed
        assert {each.causation_id for each in followed} == {received.event_id}


async def test_replaying_a_handled_delivery_changes_nothing(here: Inbox, book: MemoryBook) -> None:
    name, _ = await here.inbox.receive(CAPTURED, REQUEST)
    await here.inbox.handle(name)
    head = await book.head()
    await here.inbox.handle(name)
    await here.inbox.handle(name, CAPTURED.body)
    assert await book.head() == head


@pytest.mark.parametrize("order", ["order_of_another_shop", None])
async def test_foreign_money_parks_the_delivery_without_an_alarm(
    here: Inbox, order: str | None
) -> None:
    name, _ = await here.inbox.receive(delivery({"order": order, "status": "captured"}), REQUEST)
    await here.inbox.handle(name)
    parked = await here.webhook(name)
    assert (parked.status, parked.open_cases) == (WebhookStatus.PARKED, frozenset())


async def test_what_cannot_be_read_is_parked_with_a_case(here: Inbox, book: MemoryBook) -> None:
    name, _ = await here.inbox.receive(delivery(b"{not json"), REQUEST)
    await here.inbox.handle(name)
    parked = await here.webhook(name)
    assert (parked.status, parked.parked_because) == (WebhookStatus.PARKED, "This is not JSON.")
    assert len(parked.open_cases) == 1
    last = (await book.read_page(await book.head() - 1, 1))[0]
    assert CaseKind.WEBHOOK_UNREADABLE.encode() in bytes(last.payload)


async def test_after_its_bytes_are_erased_a_delivery_says_so_and_keeps_its_verdict(
    here: Inbox, keys: MemoryKeyRing
) -> None:
    handled, _ = await here.inbox.receive(CAPTURED, REQUEST)
    await here.inbox.handle(handled)
    waiting, _ = await here.inbox.receive(
        delivery({"order": "x", "status": "failed"}, "e"), REQUEST
    )
    for name in (handled, waiting):
        received = (await here.webhook(name)).received
        assert received is not None
        await keys.destroy([received.body.key_id])
    for name in (handled, waiting):
        await here.inbox.handle(name)
    assert (await here.webhook(handled)).status is WebhookStatus.HANDLED
    assert (await here.webhook(waiting)).parked_because == "Its bytes were erased."


async def test_a_delivery_that_comes_again_after_its_bytes_were_erased_is_taken_again(
    here: Inbox, keys: MemoryKeyRing
) -> None:
    name, _ = await here.inbox.receive(CAPTURED, REQUEST)
    received = (await here.webhook(name)).received
    assert received is not None
    await keys.destroy([received.body.key_id])
    assert (await here.inbox.receive(CAPTURED, REQUEST))[0] == name
    assert (await here.webhook(name)).received == received


async def test_a_delivery_taken_for_new_here_and_stored_by_another_is_not_taken_for_erased(
    here: Inbox, book: MemoryBook, keys: MemoryKeyRing
) -> None:
    name, _ = await Inbox(book, keys).inbox.receive(CAPTURED, REQUEST)
    here.process.states.begin([stream(WEBHOOK, name)])  # as a receipt does that was then too busy
    await here.inbox.handle(name)
    assert (await here.webhook(name)).status is WebhookStatus.HANDLED
