"""The parts that every process has: book, keys, Redis, Razorpay, and the commands on them."""

from contextlib import AsyncExitStack

from msgspec import Struct
from msgspec.structs import replace
from prometheus_client import CollectorRegistry

from src.bootstrap.moments import monotonic, new_id, now, token_bytes, token_text
from src.bootstrap.reading_deliveries import read_delivery
from src.commands.group_commit import GroupCommit
from src.commands.payment_intents import PaymentIntents
from src.commands.people import People
from src.commands.provider_news import ProviderNews
from src.commands.states import States
from src.commands.transact import Ledger
from src.commands.webhook_inbox import WebhookInbox
from src.commands.write_figures import PrometheusWriteFigures
from src.events.book_key import master_keys_of
from src.events.channels import Channels
from src.events.connection import connecting
from src.events.inquiry_rows import InquiryRows
from src.events.key_destruction import KeyDestruction
from src.events.key_ring import PostgresKeyRing, open_key_ring
from src.events.leases import RedisLeases
from src.events.ledger import PostgresBook, open_book
from src.events.letter_rows import LetterRows
from src.events.letterbox import Letterbox
from src.events.reactions import Bookmarks
from src.events.redis_link import RedisLink
from src.events.session_notices import SessionNotices
from src.events.session_snapshots import SessionSnapshots
from src.events.session_stream import SessionStream
from src.events.snapshots import PostgresSnapshots
from src.events.spare_keys import SpareKeys
from src.events.wake import Wake
from src.http.family_rows import FamilyRows
from src.http.idempotency_rows import IdempotencyRows, edge_lines
from src.http.mail.mailer import Mailer
from src.http.mail.outbox import OutboxFolder
from src.http.mail.settings import MailSettings
from src.http.mail.smtp import SmtpMailer
from src.http.razorpay.client import RazorpayGateway
from src.http.razorpay.provider_figures import ProviderFigures
from src.http.snapshots import SnapshotKeeper
from src.projections.catalogue import ANALYSTS, SERVING
from src.projections.runner import ANALYSTS_PACE_SECONDS, FEEDING_ANALYSTS, Runner
from src.projections.tables import prepare
from src.projections.wall_clock import set_to
from src.queries.analytics.pool import open_analytics_pool
from src.queries.read_pool import ReadPool, open_read_pool
from src.settings import Settings

BOOK = 1
"""The default installation has one book."""
CURRENCY = "INR"
"""What carts are priced in."""


class Parts(Struct, frozen=True, kw_only=True):
    """Everything that was opened."""

    settings: Settings
    closing: AsyncExitStack
    book: PostgresBook
    keys: PostgresKeyRing
    destruction: KeyDestruction
    bookmarks: Bookmarks
    inquiries: InquiryRows
    answers: IdempotencyRows
    families: FamilyRows
    letterbox: Letterbox
    mailer: Mailer
    reads: ReadPool
    analytics: ReadPool
    redis: RedisLink
    channels: Channels
    wake: Wake
    session_stream: SessionStream
    session_notices: SessionNotices
    gateway: RazorpayGateway
    ledger: Ledger
    people: People
    intents: PaymentIntents
    news: ProviderNews
    inbox: WebhookInbox
    snapshots: SnapshotKeeper
    runner: Runner
    """Feeds what clients wait for."""
    analysts_runner: Runner
    registry: CollectorRegistry
    """The figures of this process."""

    async def close(self) -> None:
        """Finish what was wished for, then let go of everything."""
        await self.ledger.finish()
        await self.closing.aclose()


async def open_parts(settings: Settings) -> Parts:
    """Open everything; raises DatabaseUnavailableError when the book cannot be reached."""
    async with AsyncExitStack() as opening:
        registry = CollectorRegistry()
        outside = await _outside(settings, opening, registry)
        parts = await _joined(settings, outside, opening, registry)
        return replace(parts, closing=opening.pop_all())


class Outside(Struct, frozen=True, kw_only=True):
    """What lies outside this process."""

    book: PostgresBook
    keys: PostgresKeyRing
    reads: ReadPool
    analytics: ReadPool
    redis: RedisLink
    gateway: RazorpayGateway


async def _outside(
    settings: Settings, opening: AsyncExitStack, registry: CollectorRegistry
) -> Outside:
    await _prepare_read_models(settings)
    book = await open_book(settings.app_url, BOOK)
    opening.push_async_callback(book.close)
    master = await master_keys_of(settings.app_url, settings.master_key_file, token_bytes, BOOK)
    keys = await open_key_ring(settings.app_url, master, token_bytes, monotonic, BOOK)
    opening.push_async_callback(keys.close)
    reads = await open_read_pool(settings.app_url, tx_seconds=settings.read_tx_seconds)
    opening.push_async_callback(reads.close)
    analytics = await open_analytics_pool(settings.read_url, settings.read_tx_seconds)
    opening.push_async_callback(analytics.close)
    redis = RedisLink(settings.cache_url)
    opening.push_async_callback(redis.close)
    gateway = RazorpayGateway(settings.razorpay, figures=ProviderFigures(registry))
    opening.callback(gateway.close)
    return Outside(
        book=book,
        keys=keys,
        reads=reads,
        analytics=analytics,
        redis=redis,
        gateway=gateway,
    )


async def _prepare_read_models(settings: Settings) -> None:
    """Make the tables of read models that are new, so that questions find them, empty or not."""
    connection = await connecting(settings.app_url, "khata read models")()
    try:
        await prepare(connection, BOOK)
        await set_to(connection, BOOK, settings.time_zone)
    finally:
        await connection.close()


async def _joined(
    settings: Settings, outside: Outside, opening: AsyncExitStack, registry: CollectorRegistry
) -> Parts:
    book, keys, redis = outside.book, outside.keys, outside.redis
    channels = Channels(redis)
    wake = Wake(redis, channels, BOOK)
    opening.push_async_callback(wake.close)
    bookmarks, inquiries, answers, families = _beside_the_book(settings, opening)
    spares = SpareKeys(keys, new_id)
    opening.push_async_callback(spares.close)
    kept = PostgresSnapshots(settings.app_url, BOOK)
    opening.push_async_callback(kept.close)
    ledger = _ledger(book, kept, wake, registry)
    snapshots = SnapshotKeeper(ledger, SessionSnapshots(redis), outside.gateway.key_id, now)
    runner, analysts_runner = _runners(settings, book)
    opening.push_async_callback(runner.close)
    opening.push_async_callback(analysts_runner.close)
    return Parts(
        settings=settings,
        closing=opening,
        book=book,
        keys=keys,
        destruction=KeyDestruction(keys, redis, channels, BOOK),
        bookmarks=bookmarks,
        inquiries=inquiries,
        answers=answers,
        families=families,
        letterbox=await _letterbox(settings, keys, opening),
        mailer=mailer_of(settings.mail),
        reads=outside.reads,
        analytics=outside.analytics,
        redis=redis,
        channels=channels,
        wake=wake,
        session_stream=SessionStream(redis, BOOK),
        session_notices=SessionNotices(channels, BOOK),
        gateway=outside.gateway,
        ledger=ledger,
        people=await _people(keys),
        intents=PaymentIntents(ledger, outside.gateway, RedisLeases(redis, token_text)),
        news=ProviderNews(ledger, outside.gateway),
        inbox=WebhookInbox(ledger, keys, read_delivery, new_id, spares.take),
        snapshots=snapshots,
        runner=runner,
        analysts_runner=analysts_runner,
        registry=registry,
    )


def _runners(settings: Settings, book: PostgresBook) -> tuple[Runner, Runner]:
    """Feed what clients wait for, and apart from it what analysts ask."""
    connect = connecting(settings.app_url, "khata projections")
    analysts = Runner(
        book,
        connect,
        BOOK,
        ANALYSTS,
        feeding=FEEDING_ANALYSTS,
        pace_seconds=ANALYSTS_PACE_SECONDS,
    )
    return Runner(book, connect, BOOK, SERVING), analysts


def _beside_the_book(
    settings: Settings, opening: AsyncExitStack
) -> tuple[Bookmarks, InquiryRows, IdempotencyRows, FamilyRows]:
    bookmarks = Bookmarks(settings.app_url, BOOK)
    opening.push_async_callback(bookmarks.close)
    inquiries = InquiryRows(settings.app_url, BOOK)
    opening.push_async_callback(inquiries.close)
    answers = IdempotencyRows(edge_lines(settings.app_url), BOOK)
    opening.push_async_callback(answers.close)
    families = FamilyRows(settings.app_url, BOOK)
    opening.push_async_callback(families.close)
    return bookmarks, inquiries, answers, families


async def _letterbox(
    settings: Settings, keys: PostgresKeyRing, opening: AsyncExitStack
) -> Letterbox:
    seal, proofs = (
        await keys.installation_secret("letters"),
        await keys.installation_secret("proofs"),
    )
    letterbox = Letterbox(LetterRows(settings.app_url, BOOK), seal, proofs, token_bytes)
    opening.push_async_callback(letterbox.close)
    return letterbox


def mailer_of(mail: MailSettings) -> Mailer:
    """Return what hands letters over: the mail server, or a folder where there is none."""
    return OutboxFolder(mail.outbox) if mail.server is None else SmtpMailer(mail.server)


def _ledger(
    book: PostgresBook, kept: PostgresSnapshots, wake: Wake, registry: CollectorRegistry
) -> Ledger:
    states = States(offer=kept.offer)
    figures = PrometheusWriteFigures(registry, monotonic)
    return Ledger(book, states, GroupCommit(book, states, wake.announce, figures), kept)


async def _people(keys: PostgresKeyRing) -> People:
    mailbox = await keys.installation_secret("mailbox")
    return People(keys, mailbox, await keys.installation_secret("wish"))
