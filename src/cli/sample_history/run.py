"""One run: an empty book, everybody who lives in it, and how far it has come."""

import asyncio
import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager

from src.bootstrap.moments import monotonic
from src.bootstrap.parts import BOOK
from src.bootstrap.reconciling import BOOKMARK
from src.cli.complaint import Complaint
from src.cli.sample_history.crowd import Crowd
from src.cli.sample_history.report import Made, money_of
from src.cli.sample_history.request import Request
from src.cli.sample_history.shop import SampleShop, open_shop
from src.cli.sample_history.staff import days_of_staff, open_the_shop
from src.events.ledger import open_book
from src.events.reactions import Bookmarks
from src.settings import Settings

TELL_SECONDS = 5.0
Tell = Callable[[str], None]


async def make(settings: Settings, request: Request, tell: Tell) -> Made:
    """Fill the book; raises Complaint when it is not empty."""
    await _check_empty(settings)
    with _asked_to_stop() as stop:
        began = monotonic()
        tell(f"about {request.orders:,} orders in {request.days} days; Ctrl-C stops it")
        watch = _Watch(request, stop, tell, began)
        async with open_shop(settings, request) as shop:
            await open_the_shop(shop)
            shop.timeline.begin(request.since, Crowd(shop).life())
            shop.timeline.begin(request.since, days_of_staff(shop))
            await shop.timeline.run(request.until, lambda: watch.goes_on(shop))
        seconds = monotonic() - began
        await _leave_razorpay_alone(settings, shop.book.position)
        ordered, refunded = await money_of(settings.app_url, BOOK)
    return Made(
        request=request,
        facts=shop.book.written,
        position=shop.book.position,
        seconds=seconds,
        refused=shop.timeline.refused,
        stopped=stop.is_set(),
        ordered_paise=ordered,
        refunded_paise=refunded,
    )


class _Watch:
    """Tells now and then how far it is."""

    def __init__(self, request: Request, stop: asyncio.Event, tell: Tell, began: float) -> None:
        self._request = request
        self._stop = stop
        self._tell = tell
        self._began = began
        self._told = began

    def goes_on(self, shop: SampleShop) -> bool:
        """Whether nobody asked us to stop."""
        now = monotonic()
        if now - self._told >= TELL_SECONDS:
            self._told = now
            orders = shop.book.written["OrderPlaced"]
            rate = orders / (now - self._began)
            self._tell(
                f"{shop.timeline.now:%Y-%m-%d}: {orders:,} of about {self._request.orders:,}"
                f" orders, {shop.book.position:,} facts, {rate:,.0f} orders/s"
            )
        return not self._stop.is_set()


@contextmanager
def _asked_to_stop() -> Generator[asyncio.Event]:
    """Ctrl-C lets the run end where it is, with everything written that was decided."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    try:
        yield stop
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


async def _check_empty(settings: Settings) -> None:
    book = await open_book(settings.app_url, BOOK)
    try:
        head = await book.head()
    finally:
        await book.close()
    if head:
        raise Complaint(
            f"khata sample needs an empty book; this one has {head:,} facts: use another"
            " KHATA_HOME. A sample that was stopped cannot go on either: it is made anew."
        )


async def _leave_razorpay_alone(settings: Settings, position: int) -> None:
    """See to it that no worker asks Razorpay about payments that it never had."""
    bookmarks = Bookmarks(settings.app_url, BOOK)
    try:
        await bookmarks.move(BOOKMARK, position)
    finally:
        await bookmarks.close()
