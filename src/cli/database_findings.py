"""What `khata doctor` finds about the database: who we are there, its shape, its clock."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from urllib.parse import urlsplit

from src.bootstrap.moments import now
from src.cli.finding import Finding
from src.events.connection import Connection, UnusableAddressError, connecting
from src.events.migrated import newest
from src.events.ports import DatabaseUnavailableError

POSTGRESQL_MIN = 150_000
"""As server_version_num counts: 15."""
ENCODING = "UTF8"
CLOCK_SECONDS_MAX = 5.0
"""A clock that differs by more lets tokens and sessions end at the wrong time."""

Look = Callable[[str, Connection], Awaitable[Finding]]


async def database(name: str, url: str, look: Look) -> Finding:
    """Connect as Khata does, and look; what refuses us says which variable is wrong."""
    try:
        connection = await connecting(url, "khata doctor")()
    except DatabaseUnavailableError as error:
        says = f"{place_of(url)}: {error}"
        return Finding(name, says, "start PostgreSQL, or correct the address")
    except UnusableAddressError as error:
        return Finding(
            name, str(error), "write it as postgresql://role:password@host:port/database"
        )
    except Exception as error:  # noqa: BLE001 - asyncpg has dozens of ways to be refused
        return Finding(
            name, f"{type(error).__name__}: {error}", "correct role, password or database"
        )
    try:
        return await look(name, connection)
    finally:
        await connection.close()


def place_of(url: str) -> str:
    """Host and port of an address, and never the password in it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "an address that cannot be read"
    return f"{parts.hostname or 'this machine'}{'' if port is None else f':{port}'}"


async def server(name: str, connection: Connection) -> Finding:
    """Look at what every role sees: version, encoding and clock."""
    number = int(await connection.fetchval("show server_version_num"))
    role = await connection.fetchval("select current_user")
    said = f"PostgreSQL {number // 10_000}, as {role}"
    if number < POSTGRESQL_MIN:
        return Finding(name, said, "use PostgreSQL 15 or newer")
    encoding = await connection.fetchval("show server_encoding")
    if encoding != ENCODING:
        mend = "create the database again, with encoding 'UTF8' and template template0"
        return Finding(name, f"{said}: its encoding is {encoding}", mend)
    return _in_time(name, said, await connection.fetchval("select clock_timestamp()"))


def _in_time(name: str, said: str, theirs: datetime) -> Finding:
    ahead = (theirs - now()).total_seconds()
    if abs(ahead) <= CLOCK_SECONDS_MAX:
        return Finding(name, said)
    way = "ahead of" if ahead > 0 else "behind"
    says = f"{said}: its clock is {abs(ahead):.0f} s {way} this machine's"
    return Finding(name, says, "let both keep time by NTP")


async def book(name: str, connection: Connection) -> Finding:
    """Look at the book as the application."""
    found = await server(name, connection)
    if found.mend is not None:
        return found
    if await connection.fetchval("select to_regclass('khata.events')") is None:
        return Finding(name, f"{found.says}: there is no book in it", "run `khata migrate`")
    if await connection.fetchval(_OWNS):
        return Finding(
            name,
            f"{found.says}: application owns the book",
            "give KHATA_OWNER_DATABASE_URL the owner, DATABASE_URL another role, and migrate",
        )
    return _migrated(found, await connection.fetchval("select version_num from khata.migrated"))


def _migrated(found: Finding, has: str) -> Finding:
    says = f"{found.says}: it is at version {int(has)}, and this Khata"
    if has < newest():
        return Finding(found.what, f"{says} needs {int(newest())}", "run `khata migrate`")
    if has > newest():
        mend = "use the Khata that migrated it, or restore a backup from before"
        return Finding(found.what, f"{says} knows {int(newest())}", mend)
    return found


_OWNS = """
select pg_has_role(current_user, relowner, 'member')
from pg_class where oid = 'khata.events'::regclass
"""
