"""A fresh, migrated database for each test, copied from a template on the throw-away engines.

A test takes the fixture `book_database` and connects with `app_url`, as the
application does, or with `owner_url`, as migrations do. Copying its files takes 30 ms;
writing it all to the log, as PostgreSQL would, ten times that.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from msgspec import Struct

from src.embedded import Engines
from src.events.connection import Connection, connecting
from src.events.migrations import migrate
from src.projections.tables import prepare

TEMPLATE, UNREAD_TEMPLATE = "khata_template", "khata_unread"
BOOK = 1
unread = pytest.mark.parametrize("book_database", [UNREAD_TEMPLATE], indirect=True)
"""For a test of a book whose read models nobody has begun."""
_numbers = count(1)


class BookDatabase(Struct, frozen=True):
    """One database, as the application, the owner and the superuser reach it."""

    app_url: str
    owner_url: str
    superuser_url: str


@pytest.fixture(scope="session")
def book_template(engines: Engines) -> BookDatabase:
    """The database that all others are copied from: migrated, and never connected to again."""
    template, bare = on_engines(engines, TEMPLATE), on_engines(engines, UNREAD_TEMPLATE)
    asyncio.run(_create(engines, UNREAD_TEMPLATE))
    asyncio.run(migrate(bare.owner_url, role_of(bare.app_url)))
    asyncio.run(_create(engines, TEMPLATE, f"template {UNREAD_TEMPLATE}"))
    asyncio.run(connected(template.app_url, lambda connection: prepare(connection, BOOK)))
    return template


@pytest.fixture
def book_database(
    request: pytest.FixtureRequest, engines: Engines, book_template: BookDatabase
) -> Iterator[BookDatabase]:
    """A migrated database for this test alone."""
    assert book_template.app_url.endswith(TEMPLATE)
    with copied_database(engines, getattr(request, "param", TEMPLATE)) as database:
        yield database


@pytest.fixture(scope="module")
def shared_database(engines: Engines, book_template: BookDatabase) -> Iterator[BookDatabase]:
    """A migrated database for all tests of a file."""
    assert book_template.app_url.endswith(TEMPLATE)
    with copied_database(engines) as database:
        yield database


@contextmanager
def copied_database(engines: Engines, template: str = TEMPLATE) -> Iterator[BookDatabase]:
    """Copy a template, which must be there; drop the copy afterwards. Not from a running loop."""
    name = f"khata_test_{next(_numbers)}"
    asyncio.run(_create(engines, name, f"template {template} strategy file_copy"))
    yield on_engines(engines, name)
    asyncio.run(as_superuser(engines, f"drop database {name} with (force)"))


@pytest.fixture
def empty_database(engines: Engines) -> Iterator[BookDatabase]:
    """A database of this test alone, which nobody has migrated."""
    name = f"khata_empty_{next(_numbers)}"
    asyncio.run(_create(engines, name))
    yield on_engines(engines, name)
    asyncio.run(as_superuser(engines, f"drop database {name} with (force)"))


async def connected(url: str, work: Callable[[Connection], Awaitable[Any]]) -> Any:  # noqa: ANN401  # whatever the work returns
    """Work on a connection of its own, closed afterwards."""
    connection = await connecting(url, "khata tests")()
    try:
        return await work(connection)
    finally:
        await connection.close()


async def as_superuser(engines: Engines, statement: str) -> None:
    """Run one statement beside all databases."""
    await connected(engines.superuser_url, lambda connection: connection.execute(statement))


def role_of(url: str) -> str:
    """Return the role that an address signs in as."""
    role = urlsplit(url).username
    assert role is not None
    return role


async def _create(engines: Engines, name: str, options: str = "") -> None:
    owner = role_of(engines.owner_url)
    await as_superuser(engines, f"create database {name} owner {owner} {options}")


def on_engines(engines: Engines, name: str) -> BookDatabase:
    """Return how a database on these engines is reached, whether it is there or not."""
    return BookDatabase(
        app_url=_with_database(engines.app_url, name),
        owner_url=_with_database(engines.owner_url, name),
        superuser_url=_with_database(engines.superuser_url, name),
    )


def _with_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
