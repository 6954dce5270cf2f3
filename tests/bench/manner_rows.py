"""The rows of `manners`: one request each in its own manner, or one call of a part alone."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from pytest import MonkeyPatch  # noqa: PT013 - nothing else of it is needed here

from src.events.redis_link import RedisLink
from src.http.asgi import Headers, Message
from src.http.doors import Doors
from src.http.flood import ADDRESS, IDENTITY, Flood
from src.http.idempotency_rows import IdempotencyRows, edge_lines
from src.http.settings import HttpSettings
from src.trace_spans import OtelSpans
from src.tracing import collect
from tests.asgi import posted
from tests.bench.store.place import Place
from tests.http.tiny import Shop

ROUNDS, REQUESTS = 9, 400
PLAIN = "no manners: nobody calls, nothing is counted"
PER_SECOND = 1_000
"""The usual flood limit. Its clock goes on by a second before it is reached, so that every
portion that would be told to Redis is told, and nothing is refused."""
NO_LIMIT = 10_000
"""So wide are the measured doors."""
BODY = b'{"quantity": 1}'

Once = Callable[[], Awaitable[None]]
"""One request, or one call of a part."""
Row = Callable[[Place], Awaitable[Once]]


async def plain(place: Place) -> Once:
    """Ask without any manner."""
    return _asking(_shop(place))


async def logged(place: Place) -> Once:
    """Write the line in the log as well."""
    return _asking(_shop(place, access_log=True))


async def first_token(place: Place) -> Once:
    """Send another token each time."""
    shop = _shop(place)
    numbers = count()
    tokens = [_bearer(shop, f"s{next(numbers)}") for _ in range((ROUNDS + 2) * REQUESTS)]
    unused = iter(tokens)
    return _asking(shop, lambda: next(unused))


async def known_token(place: Place) -> Once:
    """Send the same token each time."""
    shop = _shop(place)
    token = _bearer(shop, "s1")
    return _asking(shop, lambda: token)


async def local_flood(place: Place) -> Once:
    """Count floods in this process alone."""
    return _asking(_shop(place, flood=Flood(None, _seconds(), PER_SECOND)))


async def shared_flood(place: Place) -> Once:
    """Count floods together with other processes."""
    return _asking(_shop(place, flood=Flood(_link(place), _seconds(), PER_SECOND)))


async def flood_alone(_: Place) -> Once:
    """Count as the edge does: by address, by identity, and say so."""
    return _counting(Flood(None, _seconds(), PER_SECOND))


async def shared_flood_alone(place: Place) -> Once:
    """Count the same together with other processes."""
    return _counting(Flood(_link(place), _seconds(), PER_SECOND))


async def shed(place: Place) -> Once:
    """Ask where there is no room."""
    return _asking(_shop(place, writes_at_once_max=0))


async def claimed(place: Place) -> Once:
    """Send another Idempotency-Key each time: a row is claimed, and its answer kept."""
    database = await place.database("claims")
    rows = IdempotencyRows(edge_lines(database.app_url), 1)
    place.closing.push_async_callback(rows.close)
    numbers = count()
    shop = Shop(_folder(place), rows, _settings(), flood=Flood(None, _seconds(), 0))
    return _asking(shop, lambda: [(b"idempotency-key", b"k%d" % next(numbers))])


async def local_door(place: Place) -> Once:
    """Pass a door that counts in this process alone."""
    dead = RedisLink("redis://127.0.0.1:1", open_seconds=3_600)
    place.closing.push_async_callback(dead.close)
    return _passing(dead)


async def shared_door(place: Place) -> Once:
    """Pass a door that counts for all processes."""
    return _passing(_link(place))


async def traced(place: Place) -> Once:
    """Make a span of each request."""
    return _traced(place, "1")


async def seldom_traced(place: Place) -> Once:
    """Make a span of one request in a hundred; the others have a trace that nobody collects."""
    return _traced(place, "0.01")


ROWS: dict[str, Row] = {
    PLAIN: plain,
    "its line in the log": logged,
    "traced, each of them": traced,
    "traced, one in a hundred": seldom_traced,
    "a token seen for the first time": first_token,
    "a token seen before": known_token,
    "flood limit, counted here": local_flood,
    "flood limit, shared through Redis": shared_flood,
    "a key of its own, claimed and kept": claimed,
    "no room: told to come back": shed,
    "alone: the flood limit, counted here": flood_alone,
    "alone: the flood limit, shared through Redis": shared_flood_alone,
    "alone: a door, counted here": local_door,
    "alone: a door, shared through Redis": shared_door,
}
"""What is measured; a row that is `alone` is no request, so nothing is taken from it."""
ALONE = "alone: "


def _shop(
    place: Place,
    *,
    access_log: bool = False,
    writes_at_once_max: int = 1,
    flood: Flood | None = None,
) -> Shop:
    settings = _settings(access_log=access_log, writes_at_once_max=writes_at_once_max)
    return Shop(_folder(place), settings=settings, flood=flood or Flood(None, _seconds(), 0))


def _traced(place: Place, share: str) -> Once:
    """Ask while spans are made and handed to an exporter that takes them at once."""
    sampled = {"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": share}
    with MonkeyPatch.context() as patch:
        for name, value in sampled.items():
            patch.setenv(name, value)
        spans = OtelSpans("bench", BatchSpanProcessor(_Gone()))
    place.closing.callback(spans.provider.shutdown)
    ask = _asking(_shop(place))

    async def once() -> None:
        collect(spans)
        await ask()
        collect(None)

    return once


class _Gone(SpanExporter):
    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        del spans
        return SpanExportResult.SUCCESS


def _settings(*, access_log: bool = False, writes_at_once_max: int = 1) -> HttpSettings:
    return HttpSettings(access_log=access_log, docs=False, writes_at_once_max=writes_at_once_max)


def _folder(place: Place) -> Path:
    return place.folder / "edge"


def _link(place: Place) -> RedisLink:
    link = RedisLink(place.engines.redis_url)
    place.closing.push_async_callback(link.close)
    return link


def _seconds() -> Callable[[], float]:
    """Twice a request is counted where somebody is named, which comes nowhere near the limit."""
    asked = count()
    return lambda: next(asked) // (PER_SECOND - 1)


def _bearer(shop: Shop, subject: str) -> Headers:
    token = shop.tokens.sign(["admin"], subject)
    return [(b"authorization", f"Bearer {token}".encode())]


def _counting(flood: Flood) -> Once:
    async def once() -> None:
        left = flood.take(ADDRESS, "address:192.0.2.2")
        flood.headers(left, flood.take(IDENTITY, "customer:c1"))

    return once


def _passing(link: RedisLink) -> Once:
    doors = Doors(link, lambda: datetime.now(UTC), NO_LIMIT, NO_LIMIT)
    numbers = count()

    async def once() -> None:
        number = next(numbers)
        await doors.pass_by("login", f"mailbox {number}", f"192.0.2.{number % 250}")

    return once


def _asking(shop: Shop, more: Callable[[], Headers] = list) -> Once:
    """Ask for the call that does nothing, with these headers beside what every client sends."""
    usual = [
        (b"host", b"shop"),
        (b"user-agent", b"bench"),
        (b"content-type", b"application/json"),
        (b"content-length", str(len(BODY)).encode()),
    ]

    async def once() -> None:
        scope = posted("/things/trivial", [*usual, *more()])
        await shop.app(scope, _received, _sent)

    return once


async def _received() -> Message:
    return {"type": "http.request", "body": BODY, "more_body": False}


async def _sent(message: Message) -> None:
    """Nobody reads it; but an answer that was not meant is not measured."""
    if message.get("status", 200) not in {200, 503}:
        raise AssertionError(message)
