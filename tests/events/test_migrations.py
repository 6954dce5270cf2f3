"""Migrations: once or often, one at a time or together, with one role or two."""

import asyncio

import pytest

from src.embedded import Engines
from src.events.envelope import Outcome
from src.events.ledger import open_book
from src.events.migrations import WrongEncodingError, migrate
from tests.databases import BookDatabase, as_superuser, connected, role_of
from tests.events.entries import entry

pytestmark = pytest.mark.anyio


async def appended(url: str, book: int = 1) -> Outcome:
    opened = await open_book(url, book)
    answer = await opened.append([entry("one", ("cart-1", 0, 1))])
    await opened.close()
    return answer.verdicts[0].outcome


async def test_migrating_again_changes_nothing(book_database: BookDatabase) -> None:
    assert await appended(book_database.app_url) is Outcome.WRITTEN
    await migrate(book_database.owner_url, role_of(book_database.app_url))
    assert await appended(book_database.app_url) is Outcome.ALREADY_WRITTEN


async def test_migrating_together_is_harmless(empty_database: BookDatabase) -> None:
    app = role_of(empty_database.app_url)
    await asyncio.gather(*(migrate(empty_database.owner_url, app, book) for book in (1, 1, 2, 3)))
    for book in (1, 2, 3):
        assert await appended(empty_database.app_url, book) is Outcome.WRITTEN


async def test_one_role_can_be_owner_and_application(empty_database: BookDatabase) -> None:
    await migrate(empty_database.owner_url, role_of(empty_database.owner_url))
    assert await appended(empty_database.owner_url) is Outcome.WRITTEN
    await connected(
        empty_database.owner_url, lambda owner: owner.execute("create table read.things (id int)")
    )


async def test_a_database_that_is_not_utf8_is_refused(engines: Engines) -> None:
    await as_superuser(
        engines,
        "create database latin owner khata_owner template template0 encoding latin1"
        " locale_provider libc locale 'C'",
    )
    latin = engines.owner_url.rpartition("/")[0] + "/latin"
    with pytest.raises(WrongEncodingError):
        await migrate(latin, "khata_app")
    await as_superuser(engines, "drop database latin with (force)")


async def test_no_column_is_generated_and_none_is_missing(book_database: BookDatabase) -> None:
    columns = await connected(
        book_database.app_url,
        lambda connection: connection.fetch(
            "select column_name::text, data_type::text from information_schema.columns"
            " where table_schema = 'khata' and table_name = 'events' and is_generated = 'NEVER'"
            " order by ordinal_position"
        ),
    )
    assert [tuple(column) for column in columns] == [
        ("book", "integer"),
        ("position", "bigint"),
        ("stream", "text"),
        ("version", "integer"),
        ("type", "text"),
        ("schema_version", "smallint"),
        ("event_id", "uuid"),
        ("recorded_at", "timestamp with time zone"),
        ("command_id", "uuid"),
        ("correlation_id", "uuid"),
        ("causation_id", "uuid"),
        ("actor", "text"),
        ("payload", "json"),
        ("leaf", "bytea"),
    ]
