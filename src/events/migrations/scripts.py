"""Runs the SQL scripts that stand beside the versions."""

from functools import partial
from pathlib import Path

from alembic import op

from src.events.connection import Connection

SCRIPTS = Path(__file__).parent / "versions"


def run(*names: str) -> None:
    """Run scripts whole and in order, in the transaction that alembic holds."""
    raw = op.get_bind().connection.dbapi_connection
    assert raw is not None
    for name in names:
        script = (SCRIPTS / name).read_text(encoding="utf-8")
        raw.run_async(partial(_execute, script=script))


async def _execute(connection: Connection, script: str) -> None:
    # A script is many statements, which only the driver's own simple protocol takes.
    await connection.execute(script)


def refuse() -> None:
    """Refuse to go back: a book only goes forward."""
    raise NotImplementedError("the book only goes forward; restore a backup instead")
