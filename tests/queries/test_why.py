"""Why: each fact of an order leads to its command, its request, and the bytes that were signed."""

import hashlib
import hmac
import json
from collections.abc import Sequence
from uuid import UUID

import pytest
from msgspec.structs import replace

from src.events.codec import encode
from src.events.envelope import Cause, Entry, Expected, NewEvent, StoredEvent
from src.events.identifiers import (
    STOCK,
    WEBHOOK,
    event_id,
    named,
    stream,
)
from src.events.key_ring import PostgresKeyRing
from src.events.webhook import SETTLER, WebhookReceived
from src.http.razorpay.signatures import verify_webhook
from src.queries.evidence import Verified
from src.queries.why import (
    NEIGHBOURS,
    CameBy,
    Reason,
    Sources,
    Why,
    explained,
    why_of_order,
    why_of_stream,
)
from tests.http.test_back_office import bought_something
from tests.memory import MemoryBook, MemoryKeyRing
from tests.projections.facts import Fact, asked_for_money, begun, delivered, opening, paid
from tests.shop import ShopUnderTest, guest, shop

__all__ = ["shop"]

pytestmark = pytest.mark.anyio

SECRET = "the newest secret"
BODY = b'{"event":"payment.captured"}'
SIGNATURE = hmac.new(SECRET.encode(), BODY, "sha256").hexdigest()


def sources(shop: ShopUnderTest, secrets: Sequence[str] | None = None) -> Sources:
    known = shop.settings.razorpay.webhook_secrets if secrets is None else secrets
    return Sources(
        book=shop.parts.book,
        open_box=shop.parts.inbox.opened,
        verify=lambda raw, signature: verify_webhook(raw, signature, known) is not None,
    )


async def bought_by_webhook(shop: ShopUnderTest) -> str:
    """Buy something, let Razorpay tell us of the money, and return the order."""
    await shop.stocked("CHAI")
    cart, owner = await shop.guest_cart(CHAI=2)
    intended = await shop.sent("POST", "/orders", guest(cart_id=cart), owner)
    await shop.pay(intended["payment_intent"]["id"], deliver=True)
    path = f"/checkout/{intended['checkout_session_id']}"
    for _ in range(200):
        session = (await shop.client.get(path, headers=owner)).json()
        if session.get("order_id"):
            break
        await shop.work()
    found: str = session["order_id"]
    return found


async def whole(shop: ShopUnderTest, order_id: str) -> Why:
    why = await why_of_order(sources(shop), order_id)
    assert why is not None
    return why


def by_event(why: Why) -> dict[str, Reason]:
    return {each.event: each for each in why.events}


async def test_an_order_leads_to_the_exact_bytes_that_made_it(shop: ShopUnderTest) -> None:
    order = await bought_by_webhook(shop)
    why = await whole(shop, order)
    placed, captured = by_event(why)["OrderPlaced"], by_event(why)["PaymentCaptured"]
    assert placed.webhook_id == captured.webhook_id is not None
    assert placed.command_id == captured.command_id
    assert (placed.actor, placed.came_by) == (SETTLER, CameBy.WEBHOOK)
    [delivery] = [each for each in why.webhooks if each.webhook_id == placed.webhook_id]
    received, *_ = await shop.parts.book.read_stream(stream(WEBHOOK, delivery.webhook_id))
    fact = json.loads(bytes(received.payload))
    assert (delivery.position, delivery.fact_id) == (received.position, received.event_id)
    assert placed.causation_id == delivery.fact_id
    assert (delivery.received_at, delivery.request) == (
        received.recorded_at,
        received.correlation_id,
    )
    assert delivery.body is not None
    assert hashlib.sha256(delivery.body).hexdigest() == delivery.sha256 == fact["sha256"]
    secret = shop.settings.razorpay.webhook_secrets[delivery.secret_index]
    assert hmac.new(secret.encode(), delivery.body, "sha256").hexdigest() == delivery.signature
    assert (delivery.verified_again, delivery.verdict) == (Verified.YES, "applied")
    assert delivery.name == json.loads(delivery.body)["event"]
    assert delivery.sender_event_id == fact["event_id"]


async def test_what_a_client_did_leads_to_its_request_and_to_no_delivery(
    shop: ShopUnderTest,
) -> None:
    order = await bought_by_webhook(shop)
    why = await whole(shop, order)
    positions = [each.position for each in why.events]
    assert positions == sorted(positions)
    opened, asked = by_event(why)["CartOpened"], by_event(why)["PaymentIntentRequested"]
    created = by_event(why)["PaymentIntentCreated"]
    for reason in (opened, asked, created):
        assert reason.actor.startswith("guest")
        assert (reason.webhook_id, reason.came_by) == (None, None)
    assert opened.request != asked.request == created.request
    assert created.causation_id == asked.command_id
    assert asked.text.startswith("Addresses and shipping")
    assert set(asked.fact["contact"]) == {"key_id", "box"}


async def test_money_that_a_callback_brought_says_so_and_which_request(
    shop: ShopUnderTest,
) -> None:
    bought, _ = await bought_something(shop)
    why = await whole(shop, bought["order_id"])
    facts = by_event(why)
    callback = {facts[name].request for name in ("PaymentCaptured", "OrderPlaced", "CartOrdered")}
    assert callback == {facts["PaymentConfirmed"].request}
    assert callback != {facts["PaymentIntentCreated"].request}
    assert facts["PaymentCaptured"].came_by is CameBy.CALLBACK
    assert facts["PaymentCaptured"].actor.startswith("guest:")
    assert why.webhooks == []


async def test_after_its_key_was_destroyed_a_delivery_says_erased_and_keeps_the_verdict(
    shop: ShopUnderTest,
) -> None:
    before = await whole(shop, await bought_by_webhook(shop))
    [delivery] = before.webhooks[-1:]
    keys = shop.parts.keys
    assert isinstance(keys, PostgresKeyRing)
    await keys.destroy([await key_of_body(shop, delivery.webhook_id)])
    after = await whole(shop, before.events[-1].fact["order_id"])
    assert after.events == before.events
    assert after.webhooks[-1] == replace(delivery, body=None, verified_again=Verified.ERASED)


async def key_of_body(shop: ShopUnderTest, webhook: str) -> str:
    received, *_ = await shop.parts.book.read_stream(stream(WEBHOOK, webhook))
    key: str = json.loads(bytes(received.payload))["body"]["key_id"]
    return key


async def test_a_secret_that_was_taken_away_is_told_from_a_wrong_body(shop: ShopUnderTest) -> None:
    order = await bought_by_webhook(shop)
    configured = shop.settings.razorpay.webhook_secrets
    for secrets, expected in (
        (("another",), Verified.GONE),
        ((), Verified.GONE),
        (("another", *configured), Verified.YES),
    ):
        why = await why_of_order(sources(shop, secrets), order)
        assert why is not None
        assert {each.verified_again for each in why.webhooks} == {expected}

    async def other_bytes(_: WebhookReceived) -> bytes:
        return b"{}"

    why = await why_of_order(replace(sources(shop), open_box=other_bytes), order)
    assert why is not None
    assert {each.verified_again for each in why.webhooks} == {Verified.NO}


async def test_any_stream_can_be_asked(shop: ShopUnderTest) -> None:
    order = await bought_by_webhook(shop)
    placed = by_event(await whole(shop, order))["OrderPlaced"]
    parts = [part async for part in why_of_stream(sources(shop), stream(STOCK, "CHAI"))]
    reasons = [reason for part in parts for reason in part.events]
    assert [(each.event, each.webhook_id) for each in reasons] == [
        ("StockReceived", None),
        ("StockReserved", None),
        ("StockCommitted", placed.webhook_id),
    ]
    webhook = stream(WEBHOOK, str(placed.webhook_id))
    [own] = [part async for part in why_of_stream(sources(shop), webhook)]
    assert {each.webhook_id for each in own.events} == {placed.webhook_id}
    assert [each.event for each in own.events] == ["WebhookReceived", "WebhookHandled"]
    assert await why_of_order(sources(shop), "ord_none") is None


async def test_a_story_can_be_told_up_to_a_moment(shop: ShopUnderTest) -> None:
    order = await bought_by_webhook(shop)
    whole_story = await whole(shop, order)
    middle = whole_story.events[3].position
    part = await why_of_order(sources(shop), order, middle)
    assert part is not None
    assert part.events == whole_story.events[:4]


class OldBook:
    """A book of facts from before each named what caused it."""

    def __init__(self, book: MemoryBook) -> None:
        self.book, self.keys = book, MemoryKeyRing()
        self._versions: dict[str, int] = {}

    @property
    def sources(self) -> Sources:
        return Sources(
            book=self.book,
            open_box=lambda received: self.keys.open(received.body),
            verify=lambda raw, signature: verify_webhook(raw, signature, (SECRET,)) is not None,
        )

    async def write(
        self, facts: Sequence[Fact], actor: str, causation_id: UUID | None = None
    ) -> list[StoredEvent]:
        command = named("test", str(await self.book.head()))
        cause = Cause(
            command_id=command, correlation_id=command, causation_id=causation_id, actor=actor
        )
        before = dict(self._versions)
        events = [self._event(cause, n, fact) for n, fact in enumerate(facts)]
        expected = [Expected(stream(*name.split("-", 1)), before.get(name, 0)) for name, _ in facts]
        entry = Entry(cause=cause, expected=expected, events=events)
        await self.book.append([entry])
        return list(await self.book.read_page(await self.book.head() - len(facts), len(facts)))

    def _event(self, cause: Cause, n: int, fact: Fact) -> NewEvent:
        name, said = fact
        self._versions[name] = self._versions.get(name, 0) + 1
        return NewEvent(
            stream=stream(*name.split("-", 1)),
            version=self._versions[name],
            type=type(said).__name__,
            schema_version=1,
            event_id=event_id(cause.command_id, n),
            payload=encode(said),
        )

    async def delivery(self, name: str) -> tuple[Fact, Fact]:
        """Return the facts that a delivery came, and that it was settled."""
        (where, received), handled = delivered(name, "captured")
        assert isinstance(received, WebhookReceived)
        kept = replace(
            received,
            body=await self.keys.seal(where, BODY),
            sha256=hashlib.sha256(BODY).hexdigest(),
            signature=SIGNATURE,
        )
        return (where, kept), handled


async def opened_book(products: Sequence[int] = (0, 1), book: MemoryBook | None = None) -> OldBook:
    old = OldBook(book or MemoryBook())
    await old.write(opening(max(products) + 1), "staff:admin:asha")
    await old.write([*begun("a", products), *asked_for_money("a", products)], "guest:cart_a")
    return old


@pytest.mark.parametrize("products", [(0, 1), range(NEIGHBOURS + 5)], ids=["few", "many"])
async def test_facts_of_older_books_go_by_their_command(products: Sequence[int]) -> None:
    old = await opened_book(products)
    received, handled = await old.delivery("a")
    [stored] = await old.write([received], "razorpay")
    await old.write([*paid("a", products), handled], SETTLER)
    why = await why_of_order(old.sources, "ord_a")
    assert why is not None
    placed, locked = by_event(why)["OrderPlaced"], by_event(why)["CartLocked"]
    assert (placed.webhook_id, placed.causation_id) == ("captured-a", None)
    assert (locked.webhook_id, locked.actor) == (None, "guest:cart_a")
    [delivery] = why.webhooks
    assert (delivery.fact_id, delivery.body) == (stored.event_id, BODY)
    assert delivery.verified_again is Verified.YES


async def test_a_fact_that_names_another_cause_is_not_put_down_to_this_delivery() -> None:
    old = await opened_book()
    received, handled = await old.delivery("a")
    await old.write([received], "razorpay")
    other = named("test", "another fact")
    await old.write([*paid("a"), handled], SETTLER, causation_id=other)
    why = await why_of_order(old.sources, "ord_a")
    assert why is not None
    placed = by_event(why)["OrderPlaced"]
    assert (placed.webhook_id, placed.causation_id) == (None, other)
    assert placed.came_by is CameBy.WEBHOOK
    assert why.webhooks == []


async def test_money_that_a_worker_fetched_says_so_and_which_worker() -> None:
    old = await opened_book()
    received, handled = await old.delivery("b")
    await old.write(paid("a"), "khata:reconciler")
    await old.write([received, handled], "razorpay")
    why = await why_of_order(old.sources, "ord_a")
    assert why is not None
    placed = by_event(why)["OrderPlaced"]
    assert (placed.came_by, placed.actor) == (CameBy.POLL, "khata:reconciler")
    assert (placed.webhook_id, why.webhooks) == (None, [])


async def test_a_delivery_that_waits_is_not_settled_yet_and_one_put_aside_says_why(
    shop: ShopUnderTest,
) -> None:
    old = await opened_book()
    received, _ = await old.delivery("a")
    await old.write([received], "razorpay")
    [why] = [part async for part in why_of_stream(old.sources, stream(*received[0].split("-", 1)))]
    assert (why.webhooks[0].verdict, why.webhooks[0].name) == ("not settled yet", None)
    body = b'{"event": 5}'
    secret = shop.settings.razorpay.webhook_secrets[0]
    signed = hmac.new(secret.encode(), body, "sha256").hexdigest()
    headers = {"X-Razorpay-Signature": signed}
    answer = await shop.client.post("/webhooks/razorpay", content=body, headers=headers)
    name = stream(WEBHOOK, answer.json()["webhook_id"])
    await shop.parts.inbox.handle(answer.json()["webhook_id"])
    [why] = [part async for part in why_of_stream(sources(shop), name)]
    assert why.webhooks[0].verdict.startswith("parked: ")


class CountedBook(MemoryBook):
    """A book that remembers how many positions were asked for at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.pages: list[int] = []

    async def read_page(
        self, after: int, length: int, *, without: Sequence[str] = ()
    ) -> Sequence[StoredEvent]:
        self.pages.append(length)
        return await super().read_page(after, length, without=without)


async def test_it_reads_little_however_long_the_book_is() -> None:
    book = CountedBook()
    old = await opened_book(book=book)
    received, handled = await old.delivery("a")
    await old.write([received], "razorpay")
    await old.write([*paid("a"), handled], SETTLER)
    book.pages.clear()
    why = await why_of_order(old.sources, "ord_a")
    assert why is not None
    assert by_event(why)["OrderPlaced"].webhook_id == "captured-a"
    assert book.pages == [NEIGHBOURS]
    assert await explained(old.sources, []) == Why(events=[], webhooks=[])
