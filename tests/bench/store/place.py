"""Where it is measured: durable engines of its own, and a database for each question."""

from contextlib import AsyncExitStack
from pathlib import Path

from msgspec import Struct

from src.bootstrap import Parts, open_parts
from src.embedded import Engines
from src.events.connection import Connection, connecting
from src.events.migrations import migrate
from src.settings import Settings
from tests.databases import BookDatabase, as_superuser, on_engines, role_of

STATEMENT_SECONDS_MAX = 120.0


class Place(Struct, frozen=True):
    """The engines, a folder, and what is to be closed at the end."""

    engines: Engines
    folder: Path
    closing: AsyncExitStack
    databases: dict[str, int] = {}
    """The number of each in Valkey."""

    async def database(self, name: str) -> BookDatabase:
        """Make a database with an empty book."""
        self.databases[name] = len(self.databases)
        owner = role_of(self.engines.owner_url)
        await as_superuser(self.engines, f"create database {name} owner {owner}")
        made = on_engines(self.engines, name)
        await migrate(made.owner_url, role_of(made.app_url))
        return made

    async def connection(self, url: str) -> Connection:
        """Connect, until the end."""
        connection = await connecting(url, "khata bench", STATEMENT_SECONDS_MAX)()
        self.closing.push_async_callback(connection.close)
        return connection

    async def parts(self, database: BookDatabase) -> Parts:
        """Open a shop on a database as its processes do, until the end."""
        parts = await open_parts(self.settings(database))
        self.closing.push_async_callback(parts.close)
        return parts

    def settings(self, database: BookDatabase) -> Settings:
        """Return how a process of the shop on this database is told what it is."""
        return Settings.from_environ(self.environment(database))

    def environment(self, database: BookDatabase) -> dict[str, str]:
        """Return the same as variables; each database has a home of its own."""
        name = database.app_url.rpartition("/")[2]
        return {
            "KHATA_HOME": str(self.folder / name),
            "DATABASE_URL": database.app_url,
            "KHATA_OWNER_DATABASE_URL": database.owner_url,
            "REDIS_URL": f"{self.engines.redis_url.removesuffix('/0')}/{self.databases[name]}",
        }
