"""Whether a database has the newest shape, asked without the machinery that would change it."""

from pathlib import Path

from src.events.connection import connecting

VERSIONS = Path(__file__).parent / "migrations" / "versions"
REVISION_LENGTH = 4


async def is_migrated(url: str) -> bool:
    """Ask as any role that may read; raises DatabaseUnavailableError."""
    connection = await connecting(url, "khata prepare")()
    try:
        if await connection.fetchval("select to_regclass('khata.migrated')") is None:
            return False
        found = await connection.fetchval("select version_num from khata.migrated")
    finally:
        await connection.close()
    return bool(found == newest())


def newest() -> str:
    """The revision that the scripts beside us lead to; their names begin with it."""
    return max(path.name[:REVISION_LENGTH] for path in VERSIONS.glob("[0-9]*.py"))
