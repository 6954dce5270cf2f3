"""The API process: the shop's parts behind the HTTP edge."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import version
from zoneinfo import ZoneInfo

from src.bootstrap.catching_up import caught_up
from src.bootstrap.delivery_figures import DeliveryFigures
from src.bootstrap.erasing import erase_customer
from src.bootstrap.errands import ErrandsUnderWay
from src.bootstrap.gauges import asking_of
from src.bootstrap.lost_keys import lost_keys
from src.bootstrap.moments import new_id, now, token_bytes, unix_seconds
from src.bootstrap.notary import note_key_of
from src.bootstrap.outbox import outbox_standing
from src.bootstrap.parts import BOOK, CURRENCY, Parts, open_parts
from src.bootstrap.process_figures import ProcessFigures
from src.bootstrap.settling import Settling, settle
from src.http.app import Parts as EdgeParts
from src.http.app import build_app
from src.http.console.render import Console
from src.http.controllers.all import CONTROLLERS
from src.http.doors import Doors
from src.http.flood import Flood
from src.http.gauges import gauges
from src.http.idempotency import Idempotency
from src.http.middleware import Edge
from src.http.passwords import Passwords
from src.http.places import origin_of
from src.http.refusals import ReadModelBehind
from src.http.shop import Shop
from src.http.signing_keys import SigningKeys
from src.http.stopping import Stopping
from src.http.storefront.settings import Storefront
from src.http.tokens import Tokens
from src.projections.catalogue import PROJECTIONS, SERVING
from src.projections.lag import lag
from src.projections.projection import Projection
from src.queries.live import SessionFeeds
from src.queries.live_book import BookFeed
from src.queries.ownership import owns_the_book
from src.queries.page import Cursors
from src.queries.waiting import NotThereYet, wait_until
from src.settings import Settings
from src.telemetry import RequestFigures

ANALYTICS_PATH = "/analytics"
READ_MODEL_WAIT_SECONDS = 2.0
"""So long is a client kept waiting that asks for a position."""


@asynccontextmanager
async def open_api(settings: Settings, stopping: Stopping | None = None) -> AsyncGenerator[Edge]:
    """Open the shop and yield its ASGI application; everything acknowledged is finished after."""
    stopping = stopping or Stopping()
    parts = await open_parts(settings)
    errands = ErrandsUnderWay(parts)
    settling = Settling(parts, errands.soon, DeliveryFigures(parts.registry))
    flood = Flood(parts.redis, unix_seconds, settings.http.rate_per_second)
    listening = asyncio.create_task(parts.channels.listen())
    figures = ProcessFigures(parts.registry, settings.home, "api")
    try:
        async with figures.shared():
            yield await _app(parts, settling, errands, flood, stopping, figures)
    finally:
        await settling.finish()
        await errands.finish()
        await flood.finish()
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)  # it has a connection to close
        await parts.close()


async def _app(  # noqa: PLR0913, PLR0917  # what the process opened, each with its own end
    parts: Parts,
    settling: Settling,
    errands: ErrandsUnderWay,
    flood: Flood,
    stopping: Stopping,
    figures: RequestFigures,
) -> Edge:
    settings = parts.settings
    tokens = tokens_of(settings)
    shop = await _shop(parts, settling, errands, tokens, stopping)
    stopping.at_the_end(shop.feed.end)
    stopping.at_the_end(shop.book_feed.end)
    answers = await parts.keys.installation_secret("answers")
    return build_app(
        EdgeParts(
            settings=settings.http,
            version=version("khata"),
            controllers=CONTROLLERS,
            services={"shop": shop},
            tokens=tokens,
            idempotency=Idempotency(parts.answers, answers, token_bytes),
            flood=flood,
            figures=figures,
            gauges=partial(gauges, asking_of(parts)),
            wait_until=_reached_below(parts),
            new_id=new_id,
            storefront=storefront_of(settings),
            console=console_of(settings),
        )
    )


def storefront_of(settings: Settings) -> Storefront | None:
    """A demo shop is for invented money: with a live key there is none."""
    razorpay = settings.razorpay
    if razorpay.is_live:
        return None
    return Storefront(
        key_id=razorpay.key_id,
        checkout_script=razorpay.checkout_script,
        provider_url=razorpay.url,
    )


def console_of(settings: Settings) -> Console:
    """Return what draws the console, by the shop's clock."""
    public = () if settings.shop_url is None else (origin_of(settings.shop_url),)
    return Console(
        new_id,
        zone=ZoneInfo(settings.time_zone),
        https_only=settings.http.https_only,
        origins=frozenset(public),
    )


def tokens_of(settings: Settings) -> Tokens:
    """Return what signs and verifies this installation's tokens."""
    keys = SigningKeys(settings.signing_keys_dir)
    return Tokens(keys, settings.http.issuer, settings.http.audience, now)


def doors_of(parts: Parts) -> Doors:
    """Return what counts those who guess secrets."""
    http = parts.settings.http
    return Doors(parts.redis, now, http.door_email_per_minute, http.door_address_per_minute)


async def _shop(
    parts: Parts,
    settling: Settling,
    errands: ErrandsUnderWay,
    tokens: Tokens,
    stopping: Stopping,
) -> Shop:
    settings = parts.settings
    keys = parts.keys
    return Shop(
        ledger=parts.ledger,
        book=parts.book,
        book_id=BOOK,
        people=parts.people,
        intents=parts.intents,
        news=parts.news,
        inbox=parts.inbox,
        settle_soon=settling.soon,
        settle=partial(settle, parts),
        take_promised=errands.take_promised,
        carry_out_soon=errands.soon,
        erase=partial(erase_customer, parts),
        snapshots=parts.snapshots,
        feed=SessionFeeds(parts.book, parts.session_stream, parts.session_notices),
        book_feed=BookFeed(parts.book, parts.wake.follower),
        reads=parts.reads,
        analytics=parts.analytics,
        time_zone=settings.time_zone,
        reached=_reached(parts),
        caught_up=_caught_up(parts),
        stopping=stopping,
        lag=lambda: lag(parts.reads, parts.book, BOOK),
        redis_state=parts.redis.check,
        outbox=partial(outbox_standing, parts),
        lost_keys=partial(lost_keys, settings),
        owns_the_book=lambda: owns_the_book(parts.reads),
        notary_key=partial(note_key_of, settings),
        letterbox=parts.letterbox,
        cursors=Cursors(await keys.installation_secret("cursors")),
        tokens=tokens,
        families=parts.families,
        passwords=Passwords(),
        doors=doors_of(parts),
        guest_key=await keys.installation_secret("guests"),
        currency=CURRENCY,
        checkout_ttl=settings.checkout_ttl,
        key_id=settings.razorpay.key_id,
        key_secrets=settings.razorpay.key_secrets,
        webhook_secrets=settings.razorpay.webhook_secrets,
        clock=now,
        new_id=new_id,
    )


def _reached(parts: Parts) -> Callable[[int], Awaitable[None]]:
    async def reached(position: int) -> None:
        await _wait_until(parts, SERVING, position)

    return reached


def _reached_below(parts: Parts) -> Callable[[int, str], Awaitable[None]]:
    async def reached(position: int, path: str) -> None:
        # What analysts see is made from both: payments and stock are the shop's own.
        asked = PROJECTIONS if path.startswith(ANALYTICS_PATH) else SERVING
        await _wait_until(parts, asked, position)

    return reached


async def _wait_until(parts: Parts, projections: Sequence[Projection], position: int) -> None:
    try:
        await wait_until(
            parts.reads, BOOK, projections, position, timeout_seconds=READ_MODEL_WAIT_SECONDS
        )
    except NotThereYet as behind:
        raise ReadModelBehind from behind


def _caught_up(parts: Parts) -> Callable[[], Awaitable[None]]:
    async def look_again() -> None:
        # If not, the list is a moment old, as every list is.
        await caught_up(parts, SERVING, await parts.book.head())

    return look_again
