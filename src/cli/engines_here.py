"""The engines that a command works on: the given ones, the running ones, or its own."""

import asyncio
import getpass
from collections.abc import Generator
from contextlib import contextmanager
from urllib.parse import unquote, urlsplit

from msgspec.structs import replace

from src.embedded import Engines, EnginesSettings, find_running, start_engines
from src.settings import Settings


@contextmanager
def with_engines(settings: Settings, *, migrating: bool = True) -> Generator[Settings]:
    """Yield the settings with every address known; what we start here, we stop."""
    needed = needed_engines(settings)
    if needed is None:
        yield settings
        return
    running = find_running(settings.home)
    with running or start_engines(needed) as engines:
        addressed = addressed_by(settings, engines)
        if running is None and migrating:
            migrate_book(addressed)
        yield addressed


@contextmanager
def with_database(settings: Settings) -> Generator[Settings]:
    """Yield the settings with the database's address; it stays at the version that it has."""
    if settings.database_url is not None:
        yield settings
        return
    with with_engines(settings, migrating=False) as addressed:
        yield addressed


def needed_engines(settings: Settings) -> EnginesSettings | None:
    """Each engine that has no address of its own, None when both have."""
    postgres, valkey = settings.database_url is None, settings.redis_url is None
    if not (postgres or valkey):
        return None
    return EnginesSettings(home=settings.home, postgres=postgres, valkey=valkey)


def addressed_by(settings: Settings, engines: Engines) -> Settings:
    """Return the settings with the engines' addresses where none were given."""
    if settings.database_url is None:
        settings = replace(
            settings,
            database_url=engines.app_url,
            owner_database_url=engines.owner_url,
            read_database_url=engines.read_url,
        )
    if settings.redis_url is None:
        settings = replace(settings, redis_url=engines.redis_url)
    return settings


def migrate_book(settings: Settings) -> None:
    """Bring the database to this version of Khata."""
    from src.events.migrations import migrate  # noqa: PLC0415 - half a second that few commands need

    asyncio.run(migrate(settings.owner_url, app_role(settings.app_url)))


def app_role(url: str) -> str:
    """The role that an address signs in as; without a name in it, this user, as psql does."""
    return unquote(urlsplit(url).username or "") or getpass.getuser()
