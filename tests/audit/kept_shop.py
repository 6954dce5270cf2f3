"""A shop that sold for a while, with everything that is kept beside its book, and a superuser."""

import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from msgspec import Struct

from src.commands.decisions.orders import cancel_order, fulfil_order
from src.commands.rejections import Rejection
from src.commands.view import Decide, Fact
from src.events.capture import CaptureMode
from src.events.case import CaseKind, CaseOpened, CaseResolved
from src.events.catalogue import fold_of
from src.events.codec import recorded
from src.events.connection import Connection, connecting
from src.events.identifiers import MAILBOX, WEBHOOK, Stream, order_of, stream
from src.events.ledger import PostgresBook, open_book
from src.events.mailbox import AccountOpened, GuestsClaimed, GuestSeen
from src.events.snapshots import PostgresSnapshots
from src.events.webhook import WebhookHandled, WebhookParked, WebhookReceived
from src.projections.runner import Runner
from src.queries.audit_pool import open_audit_pool
from src.queries.read_pool import ReadPool
from src.queries.replaying import ReplayReport, replay_streams
from src.queries.stream_range import WHOLE, Range
from tests.databases import BookDatabase, connected
from tests.factories import CUP, EXPIRES_AT, NOW, PIN, TEA, coupon, inr, sealed, shop
from tests.factories import TEN_PERCENT as TEN
from tests.processes import Process, cause
from tests.purchases import Purchase

BOOK = 1
UNITS = 10_000
LIVES = (
    *("paid", "paid", "paid", "failed", "late", "cancelled", "expired", "open", "begun", "wrong"),
    *("refunded", "disputed", "secured", "sent", "called off"),
)


class KeptShop(Struct, frozen=True, kw_only=True):
    """One book, its read models and snapshots."""

    database: BookDatabase
    book: PostgresBook
    db: Connection
    pool: ReadPool
    process: Process
    runner: Runner

    async def open(self) -> None:
        await self.process.write("opening", *shop(units=UNITS), coupon("TEN", TEN))
        for box in ("a", "b", "c"):
            await self.process.write(f"claim {box}", *_claimed(f"box-{box}"))

    async def sell(self, names: Sequence[str]) -> None:
        """Let guests buy, each in another way, and Razorpay tell us of it."""
        for n, name in enumerate(names):
            await self._live(_purchase(name), LIVES[n % len(LIVES)])
            await self.process.write(f"news of {name}", *_delivery(name, n))

    async def _live(self, one: Purchase, life: str) -> None:
        await self.process.write(f"cart {one.name}", *one.filled())
        await self._do(f"{one.name} starts", one.start())
        if life == "begun":
            return
        await self._do(f"{one.name} asks", one.request())
        mode = CaptureMode.MANUAL if life == "secured" else CaptureMode.AUTOMATIC
        await self._do(f"{one.name} has an order", one.record(capture=mode))
        for step in _ending(one, life):
            await self._do(f"{one.name} {life} {random.random()}", step)

    async def _do(self, name: str, decide: Decide) -> None:
        try:
            await self.process.ledger.transact(cause(name), decide)
        except Rejection:
            return  # somebody was faster; whatever was refused is not in the book

    async def feed(self) -> None:
        await self.runner.catch_up()

    async def keep(self, name: str, version: int) -> None:
        """Keep a snapshot of a stream as it was at a version."""
        events = await self.book.read_stream(Stream(name), up_to=version)
        fold = fold_of(Stream(name))
        state = fold.nothing_yet
        for event in events:
            state = fold.evolve(state, recorded(event).event)
        await self.offer(name, version, state)

    async def offer(self, name: str, version: int, state: object) -> None:
        snapshots = PostgresSnapshots(self.database.app_url)
        snapshots.offer(Stream(name), version, state)
        await snapshots.close()

    async def tamper(self, *statements: str) -> None:
        """Change anything as a superuser can, with every trigger asleep."""

        async def work(db: Connection) -> None:
            await db.execute("alter table khata.events disable trigger append_only")
            for statement in statements:
                await db.execute(statement)
            await db.execute("alter table khata.events enable always trigger append_only")

        await connected(self.database.superuser_url, work)

    async def replay(self, within: Range = WHOLE) -> ReplayReport:
        return await replay_streams(self.pool, BOOK, within=within)

    async def position(self, name: str, version: int) -> int:
        """Where a version of a stream stands."""
        [event] = await self.book.read_stream(Stream(name), after=version - 1, up_to=version)
        return event.position

    async def length(self, name: str) -> int:
        return len(await self.book.read_stream(Stream(name)))


@asynccontextmanager
async def kept_shop(database: BookDatabase) -> AsyncIterator[KeptShop]:
    """Open a shop that has listed its products, and sold nothing."""
    connect = connecting(database.app_url, "khata test")
    book, pool = await open_book(database.app_url), await open_audit_pool(database.app_url)
    runner = Runner(book, connect, BOOK)
    opened = KeptShop(
        database=database,
        book=book,
        db=await connect(),
        pool=pool,
        process=Process(book),
        runner=runner,
    )
    await opened.open()
    yield opened
    await opened.db.close()
    await runner.close()
    await pool.close()
    await book.close()


def _purchase(name: str) -> Purchase:
    products = random.sample([TEA, CUP, PIN], random.randint(1, 3))
    wants = tuple((each, random.randint(2, 5)) for each in products)
    code = random.choice([None, "TEN"])
    return Purchase(name=name, cart=name, wants=wants, coupon=code, email=f"{name}@example.in")


def _ending(one: Purchase, life: str) -> list[Decide]:
    captured = one.report("captured")
    endings: dict[str, list[Decide]] = {
        "paid": [one.report("authorized"), captured],
        "failed": [one.report("failed")],
        "late": [one.report("failed", method=None), captured],
        "cancelled": [one.cancel(NOW)],
        "expired": [one.expire(EXPIRES_AT)],
        "refunded": [captured, one.refund("pending"), one.refund("processed")],
        "disputed": [captured, one.dispute("open"), one.dispute("lost")],
        "sent": [captured, _sent(one, "P-2"), _sent(one, "P-1")],
        "called off": [captured, _called_off(one)],
        "secured": [one.report("authorized")],
        "wrong": [one.report("captured", amount=inr(7))],
    }
    return endings.get(life, [])


def _sent(one: Purchase, reference: str) -> Decide:
    order_id, _ = order_of(one.session)
    return lambda view: fulfil_order(view, order_id, reference)


def _called_off(one: Purchase) -> Decide:
    order_id, _ = order_of(one.session)
    return lambda view: cancel_order(view, order_id, "sold twice")


def _claimed(box: str) -> list[Fact]:
    """Two guests of one mailbox, and the account that proved to be both."""
    guests = (f"{box}-guest-1", f"{box}-guest-2")
    facts: list[Struct] = [GuestSeen(customer_id=guest) for guest in guests]
    facts.append(AccountOpened(customer_id=f"{box}-account"))
    facts.append(GuestsClaimed(customer_id=f"{box}-account", guests=guests))
    return [(stream(MAILBOX, box), fact) for fact in facts]


def _delivery(name: str, number: int) -> list[Fact]:
    """A delivery that was handled, parked, replayed, or a case."""
    webhook = stream(WEBHOOK, name)
    came = WebhookReceived(
        provider="razorpay",
        event_id=f"evt_{name}",
        body=sealed("body"),
        sha256="ab" * 32,
        signature="cd" * 32,
        secret_index=0,
    )
    about = f"order_{name}"
    parked = WebhookParked(name="payment.captured", razorpay_order_id=about, reason="unknown")
    done = WebhookHandled(name="payment.captured", razorpay_order_id=about, outcome="applied")
    opened = CaseOpened(case_id=f"case_{name}", kind=CaseKind.WEBHOOK_STUCK, reason="stuck")
    closed = CaseResolved(case_id=f"case_{name}", note="looked at")
    lives: list[list[Struct]] = [
        [],
        [done],
        [parked],
        [parked, done],
        [done, parked],
        [opened, parked],
        [opened, done, closed],
    ]
    return [(webhook, came), *((webhook, fact) for fact in lives[number % len(lives)])]
