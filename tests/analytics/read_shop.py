"""A shop in which much has happened, and the way in for its analysts: the role `khata_read`."""

import asyncio
import random
from urllib.parse import urlsplit, urlunsplit

import pytest
from msgspec import Struct

from src.embedded import Engines
from src.events.connection import Connection, connecting
from src.events.identifiers import MAILBOX as MAILBOXES
from src.events.identifiers import STOCK, stream
from src.events.ledger import open_book
from src.events.mailbox import GuestsClaimed
from src.events.stock import StockReceived
from src.projections.tables import prepare
from tests.analytics.purchases import Bought, purchase
from tests.databases import BookDatabase, connected
from tests.projections.busy import keep_busy
from tests.projections.facts import MAILBOX, Fact, bought
from tests.projections.shop import BOOK, Shop

STORIES = 30
STORIES_SEED = 6
"""Always the same stories: every question has something to answer, whatever the chance is."""


_LEFT_ALONE: Fact = (stream(STOCK, "BOX"), StockReceived(sku="BOX", quantity=5))
"""On a shelf, and nobody wants it."""


class ReadShop(Struct, frozen=True):
    """A shop's database, as analysts reach it and as those who check on them do."""

    read_url: str
    superuser_url: str


@pytest.fixture(scope="module")
def busy_shop(shared_database: BookDatabase, engines: Engines) -> ReadShop:
    """A shop of every kind of fact, its views up to date."""
    asyncio.run(connected(shared_database.app_url, lambda db: _fill(shared_database.app_url, db)))
    return read_shop(shared_database, engines)


@pytest.fixture
def new_shop(book_database: BookDatabase, engines: Engines) -> ReadShop:
    """A shop in which nothing has happened yet."""
    asyncio.run(connected(book_database.app_url, lambda db: prepare(db, BOOK)))
    return read_shop(book_database, engines)


def read_shop(database: BookDatabase, engines: Engines) -> ReadShop:
    """Return the analysts' address of a database on these engines."""
    name = urlsplit(database.app_url).path
    read_url = urlunsplit(urlsplit(engines.read_url)._replace(path=name))
    return ReadShop(read_url=read_url, superuser_url=database.superuser_url)


async def _fill(url: str, db: Connection) -> None:
    random.seed(STORIES_SEED)
    book = await open_book(url, BOOK)
    shop = Shop(url, book, db, connecting(url, "khata test"))
    await keep_busy(shop, STORIES)
    await shop.write([*_who_came_back(), _LEFT_ALONE])
    await shop.write(purchase("couponed", Bought({"TEA": 2, "CUP": 1}, percent_off=10)))
    await shop.write(purchase("given", Bought({"PIN": 3}, percent_off=100, shipping=0)))
    runner = shop.runner()
    await runner.catch_up()
    await runner.close()
    await book.close()


def _who_came_back() -> list[Fact]:
    """Somebody buys twice as a guest, and proves the mailbox."""
    guests = ("cus_once", "cus_again")
    claimed = GuestsClaimed(customer_id="cus_account", guests=guests)
    return [*bought("once"), *bought("again"), (stream(MAILBOXES, MAILBOX), claimed)]
