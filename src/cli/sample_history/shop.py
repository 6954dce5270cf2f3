"""The shop of a sample: the commands of production, on a simulated clock and a backdated book."""

from collections.abc import AsyncGenerator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import tzinfo
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from src.bootstrap.moments import monotonic, token_bytes, token_text
from src.bootstrap.parts import BOOK
from src.bootstrap.reading_deliveries import read_delivery
from src.cli.sample_history.acquirer import NoLease, SampleAcquirer
from src.cli.sample_history.backdated_book import BackdatedBook, open_owner_connection
from src.cli.sample_history.chance import Ids
from src.cli.sample_history.deliveries import Bank
from src.cli.sample_history.goods import Goods
from src.cli.sample_history.keys_ahead import KeysAhead
from src.cli.sample_history.request import Request
from src.cli.sample_history.timeline import Timeline
from src.commands.errands import Errands
from src.commands.group_commit import GroupCommit
from src.commands.payment_intents import PaymentIntents
from src.commands.people import People
from src.commands.states import States
from src.commands.transact import Ledger
from src.commands.view import Decide
from src.commands.webhook_inbox import WebhookInbox
from src.commands.wish import Held
from src.events.actors import staff_actor
from src.events.book_key import master_keys_of
from src.events.envelope import Cause
from src.events.identifiers import Stream
from src.events.key_ring import PostgresKeyRing, open_key_ring
from src.events.ledger import open_book
from src.http.passwords import Passwords
from src.settings import Settings

STREAMS_MAX = 60_000
"""States at hand: those of some days, so that hardly any is read again."""
SAMPLE = "khata:sample"
WORKER = "khata:worker"
STAFF = staff_actor("operator", "khata-sample")


class NoSnapshots:
    """No state is kept outside this process: it might be ahead of a book that a crash cut off."""

    async def find(self, stream: Stream) -> tuple[int, object] | None:  # noqa: ARG002 - the port's question
        """There is none."""
        return None

    def offer(self, stream: Stream, version: int, state: object) -> None:
        """Keep nothing."""


class SampleShop(Struct, frozen=True, kw_only=True):
    """Everything that lives here acts through this."""

    request: Request
    zone: tzinfo
    timeline: Timeline
    ids: Ids
    settings: Settings
    book: BackdatedBook
    ledger: Ledger
    people: People
    intents: PaymentIntents
    errands: Errands
    bank: Bank
    goods: Goods
    password: str
    """The hash that all accounts share; nobody knows what it is of."""

    async def do(
        self,
        actor: str,
        decide: Decide,
        *,
        needs: Iterable[Stream] = (),
        begins: Iterable[Stream] = (),
    ) -> Held:
        """Let somebody do one thing."""
        return await self.ledger.transact(self.cause(actor), decide, needs=needs, begins=begins)

    def cause(self, actor: str) -> Cause:
        """Return a request of somebody's."""
        command: UUID = self.ids.new()
        return Cause(command_id=command, correlation_id=command, actor=actor)


@asynccontextmanager
async def open_shop(settings: Settings, request: Request) -> AsyncGenerator[SampleShop, None]:
    """Open it on an empty book; all that was decided is written when it closes."""
    async with AsyncExitStack() as closing:
        timeline = Timeline(request.since)
        closing.push_async_callback(timeline.close)
        ids = Ids(timeline.clock, request.seed, "ids")
        master = await master_keys_of(settings.app_url, settings.master_key_file, token_bytes, BOOK)
        keys = await open_key_ring(settings.app_url, master, token_bytes, monotonic, BOOK)
        closing.push_async_callback(keys.close)
        reading = await open_book(settings.app_url, BOOK)
        closing.push_async_callback(reading.close)
        connection = await open_owner_connection(settings.owner_url)
        closing.push_async_callback(connection.close)
        book = BackdatedBook(connection, reading, timeline.clock, BOOK)
        closing.push_async_callback(book.close)
        states = States(STREAMS_MAX)
        ledger = Ledger(book, states, GroupCommit(book, states), NoSnapshots())
        yield await _shop(settings, request, timeline, ids, keys, book, ledger)
        await ledger.finish()
        await book.flush()


async def _shop(  # noqa: PLR0913, PLR0917 - what was opened
    settings: Settings,
    request: Request,
    timeline: Timeline,
    ids: Ids,
    keys: PostgresKeyRing,
    book: BackdatedBook,
    ledger: Ledger,
) -> SampleShop:
    acquirer = SampleAcquirer(request.seed, settings.razorpay.key_id)
    ahead = KeysAhead(keys, Ids(timeline.clock, request.seed, "keys"))
    inbox = WebhookInbox(ledger, keys, read_delivery, ids.new, ahead.take)
    secrets = settings.razorpay.webhook_secrets or (token_text(),)
    mailbox = await keys.installation_secret("mailbox")
    return SampleShop(
        request=request,
        zone=ZoneInfo(settings.time_zone),
        timeline=timeline,
        ids=ids,
        settings=settings,
        book=book,
        ledger=ledger,
        people=People(keys, mailbox, await keys.installation_secret("wish")),
        intents=PaymentIntents(ledger, acquirer, NoLease()),
        errands=Errands(ledger, acquirer, ids.new),
        bank=Bank(acquirer, inbox, secrets, ids, ahead),
        goods=Goods(request.seed),
        password=await Passwords().hash(token_text()),
    )
