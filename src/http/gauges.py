"""The gauges of /metrics: how the shop stands, asked when somebody looks, each with its sentence.

No label says whose anything is. A page never fails because a figure is not to
be had: then that figure is absent, and `khata_database_up` says why.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator

from msgspec import Struct

from src.events.notary_rows import NotaryHealth
from src.events.outbox_publisher import Standing
from src.events.ports import DatabaseUnavailableError
from src.http.inquiry_gauges import of_inquiries
from src.http.letter_gauges import of_letters
from src.http.standing_gauges import of_cases, of_sessions, of_upkeep
from src.projections.lag import Lag
from src.queries.figures import COUNTED_MAX, ShopFigures, Waiting
from src.queries.old_snapshots import SnapshotsHeld
from src.telemetry import Gauge, gauges_page, logger, places

TIMEOUT_SECONDS = 3.0
"""For everything that is asked; a watcher gives up after ten seconds or so."""

log = logger("figures")


class Asking(Struct, frozen=True, kw_only=True):
    """How the figures are asked for."""

    shop: Callable[[], Awaitable[ShopFigures]]
    outbox: Callable[[], Awaitable[Standing | None]]
    """None while Redis is away, and where there is no outbox."""


async def gauges(asking: Asking) -> bytes:
    """Ask now, and return the gauges in Prometheus' text format."""
    shop, outbox, is_up = None, None, True
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            shop = await asking.shop()
            outbox = await asking.outbox()
    except (DatabaseUnavailableError, TimeoutError):
        is_up = False
    except Exception as error:  # noqa: BLE001 - the other figures are to be had all the same
        log.warning("figures are missing", error=type(error).__name__, places=places(error))
    return gauges_page([*_database(is_up=is_up), *_of_shop(shop), *_of_outbox(outbox)])


def _database(*, is_up: bool) -> Iterator[Gauge]:
    yield Gauge("khata_database_up", "Whether the database answered in time (1) or not (0).", is_up)


def _of_shop(shop: ShopFigures | None) -> Iterator[Gauge]:
    if shop is not None:
        yield from _of_book(shop.notary)
        for each in shop.read_models:
            yield from _of_read_model(each, shop.behind_seconds[each.name])
        yield from _of_waiting(shop.waiting)
        yield from of_cases(shop.open_cases_by_kind)
        yield from of_sessions(shop.open_sessions_by_state)
        yield from of_upkeep(shop.upkeep)
        yield from of_inquiries(shop.inquiries)
        yield from of_letters(shop.letters)
        yield from _of_snapshots(shop.snapshots)


def _of_book(notary: NotaryHealth) -> Iterator[Gauge]:
    yield Gauge("khata_book_head_position", "Position of the book's last fact.", notary.head)
    yield Gauge(
        "khata_notary_signed_position",
        "Last position under a signed checkpoint; 0 for none.",
        notary.size,
    )
    yield Gauge(
        "khata_notary_stopped",
        "Whether the notary has met something that it will not sign (1).",
        notary.stopped_at is not None,
    )


def _of_read_model(lag: Lag, behind_seconds: float) -> Iterator[Gauge]:
    label = {"read_model": lag.name}
    yield Gauge(
        "khata_read_model_position",
        "Position up to which a read model has seen the book.",
        lag.position,
        label,
    )
    yield Gauge(
        "khata_read_model_behind_events",
        "Facts that a read model has not seen yet.",
        lag.behind,
        label,
    )
    yield Gauge(
        "khata_read_model_behind_seconds",
        "Age of the first fact that a read model has not seen; 0 for none.",
        behind_seconds,
        label,
    )
    yield Gauge(
        "khata_read_model_stopped",
        "Whether a read model has met a fact that it cannot take (1).",
        lag.stopped_at is not None,
        label,
    )


def _of_waiting(waiting: Waiting) -> Iterator[Gauge]:
    yield Gauge(
        "khata_open_cases",
        f"Cases that wait for a person, counted up to {COUNTED_MAX}.",
        waiting.open_cases,
    )
    yield Gauge(
        "khata_oldest_open_case_seconds",
        "Age of the oldest open case; 0 for none.",
        waiting.oldest_case_seconds,
    )
    yield from _of_deliveries(waiting)
    yield Gauge(
        "khata_open_refunds",
        f"Refunds that are asked for and not ended, counted up to {COUNTED_MAX}.",
        waiting.open_refunds,
    )
    yield Gauge(
        "khata_oldest_open_refund_seconds",
        "Age of the oldest refund that has not ended; 0 for none.",
        waiting.oldest_refund_seconds,
    )


def _of_deliveries(waiting: Waiting) -> Iterator[Gauge]:
    yield Gauge(
        "khata_unsettled_deliveries",
        f"Webhook deliveries stored and not yet settled, counted up to {COUNTED_MAX}.",
        waiting.unsettled_deliveries,
    )
    yield Gauge(
        "khata_oldest_unsettled_delivery_seconds",
        "Age of the oldest webhook delivery that is not yet settled; 0 for none.",
        waiting.oldest_unsettled_seconds,
    )
    parked = {"ours": waiting.parked_of_ours, "foreign": waiting.parked_of_others}
    for money, deliveries in parked.items():
        yield Gauge(
            "khata_parked_deliveries",
            "Webhook deliveries put aside, by whether they are about a Razorpay order of this "
            f"book (ours) or not (foreign); the newest {COUNTED_MAX} are counted.",
            deliveries,
            {"money": money},
        )


def _of_snapshots(snapshots: SnapshotsHeld) -> Iterator[Gauge]:
    yield Gauge(
        "khata_oldest_snapshot_seconds",
        "Age of the transaction that holds the oldest snapshot of this database, of those whose "
        "age may be seen; 0 for none. An old one slows down every write.",
        snapshots.oldest_seconds,
    )
    yield Gauge(
        "khata_snapshots_of_unknown_age",
        "Snapshots of other roles, whose age is for members of pg_read_all_stats to see.",
        snapshots.unknown,
    )


def _of_outbox(outbox: Standing | None) -> Iterator[Gauge]:
    if outbox is None:
        return
    yield Gauge(
        "khata_outbox_position",
        "Position of the last fact in the outbox in Redis; 0 for none.",
        outbox.position,
    )
    yield Gauge(
        "khata_outbox_behind_events", "Facts that the outbox does not have yet.", outbox.behind
    )
    yield Gauge(
        "khata_outbox_stopped",
        "Whether the outbox in Redis is not of this book, and nothing is added to it (1).",
        outbox.trouble is not None,
    )
