"""`khata reconcile`: a day of money at Razorpay and in the book, and each thing that differs."""

import asyncio
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from src.bootstrap import now, open_parts
from src.bootstrap.asking import Progress
from src.bootstrap.day import compare
from src.bootstrap.day_differences import Difference, DifferenceKind
from src.bootstrap.day_sides import Compared, Day, Sum, Sums
from src.bootstrap.mending import mend
from src.cli.complaint import Complaint
from src.cli.engines_here import with_engines
from src.cli.printing import put_all, put_line
from src.commands.gateway import GatewayError
from src.events.money import Money
from src.queries.amounts import written
from src.settings import Settings

MISUSED = 2
UNANSWERED = 3
"""Nothing is known: Razorpay gave no answer."""


class Request(Struct, frozen=True, kw_only=True):
    """What was asked for."""

    day: str | None = None
    """Like 2026-08-28; None is yesterday."""
    zone: str = "UTC"
    as_json: bool = False
    mending: bool = False


def reconcile_day(settings: Settings, request: Request) -> int:
    """Compare a day and say what differs; returns 1 when something does."""
    zone = _zone(request.zone)
    wanted = _day(request.day, zone)
    with with_engines(settings) as addressed:
        try:
            compared = asyncio.run(_compared(addressed, _span(wanted, zone), request))
        except GatewayError as why:
            text = f"Razorpay gave no answer, so nothing is known: {why}. Try again later."
            raise Complaint(text, exit_code=UNANSWERED) from why
    if request.as_json:
        put_line(_document(wanted, request.zone, compared))
    else:
        for line in _lines(wanted, request.zone, compared):
            put_line(line)
    put_all()
    return 1 if compared.differences else 0


async def _compared(settings: Settings, day: Day, request: Request) -> Compared:
    parts = await open_parts(settings)
    try:
        with _progress() as progress:
            compared = await compare(parts, day, progress)
            if compared.differences and request.mending:
                await mend(parts, compared.differences, progress)
                compared = await compare(parts, day, progress)
        return compared
    finally:
        await parts.close()


def _zone(name: str) -> tzinfo:
    try:
        return UTC if name == "UTC" else ZoneInfo(name)
    except (KeyError, ValueError, OSError) as unknown:
        text = "--zone must be the name of a time zone, like Asia/Kolkata."
        raise Complaint(text, exit_code=MISUSED) from unknown


def _day(text: str | None, zone: tzinfo) -> date:
    today = now().astimezone(zone).date()
    if text is None:
        return today - timedelta(days=1)
    try:
        wanted = date.fromisoformat(text)
    except ValueError as wrong:
        raise Complaint("--day must be a day like 2026-08-28.", exit_code=MISUSED) from wrong
    if wanted > today:
        raise Complaint("--day has not come yet.", exit_code=MISUSED)
    return wanted


def _span(wanted: date, zone: tzinfo) -> Day:
    since = datetime.combine(wanted, time.min, zone)
    return Day(since=since, until=datetime.combine(wanted + timedelta(days=1), time.min, zone))


def _document(wanted: date, zone: str, compared: Compared) -> str:
    told = {
        "day": wanted.isoformat(),
        "zone": zone,
        "equal": not compared.differences,
        "razorpay": compared.at_razorpay,
        "book": compared.in_book,
        "foreign": compared.foreign,
        "differences": compared.differences,
    }
    return msgspec.json.encode(told, order="sorted").decode()


def _lines(wanted: date, zone: str, compared: Compared) -> Iterator[str]:
    yield f"{wanted} ({zone})"
    for side, sums in (("at Razorpay", compared.at_razorpay), ("in the book", compared.in_book)):
        yield f"  {side}: {_sums(sums)}"
    if compared.foreign:
        yield f"  not this shop's, and left alone: {_sums(compared.foreign)}"
    for each in compared.differences:
        yield _difference(each)
    count = len(compared.differences)
    yield f"{count} difference{'' if count == 1 else 's'}" if count else "both sides are equal"


def _sums(sums: Sums) -> str:
    return "; ".join(_sum(currency, each) for currency, each in sorted(sums.items())) or "nothing"


def _sum(currency: str, each: Sum) -> str:
    came = f"{_count(each.payments, 'payment')}, {written(Money(each.captured, currency))}"
    back = f"{_count(each.refunds, 'refund')}, {written(Money(each.refunded, currency))}"
    return f"{came}; {back}" if each.refunds else came


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _difference(each: Difference) -> str:
    payment = f"payment {each.razorpay_payment_id} of {each.razorpay_order_id}"
    what = f"refund {each.razorpay_refund_id or each.refund_id} of {payment}"
    return f"{what if each.kind.is_about_refund else payment}: {_sides(each)}"


def _sides(each: Difference) -> str:
    there = each.at_razorpay and f"{each.at_razorpay.status} {written(each.at_razorpay.amount)}"
    here = each.in_book and f"{each.in_book.status} {written(each.in_book.amount)}"
    match each.kind:
        case DifferenceKind.PAYMENT_MISSING | DifferenceKind.REFUND_MISSING:
            return f"{there} at Razorpay, not in the book"
        case DifferenceKind.PAYMENT_UNKNOWN | DifferenceKind.REFUND_UNKNOWN:
            return f"{here} in the book, unknown at Razorpay"
        case _:
            return f"{there} at Razorpay, {here} in the book"


@contextmanager
def _progress() -> Generator[Progress]:
    """Show how far it is, if a person is watching."""
    if not sys.stderr.isatty():
        yield lambda _what, _done, _total: None
        return
    from rich.console import Console  # noqa: PLC0415 - only where a person is watching
    from rich.status import Status  # noqa: PLC0415 - the same

    with Status("asking for the day's lists", console=Console(stderr=True)) as shown:
        yield lambda what, done, total: shown.update(f"{what}: {done:,} of {total:,}")
