"""The book, the keys, the edge and room for read models."""

from functools import partial
from pathlib import Path

from alembic import op

from src.events.connection import Connection

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCRIPTS = ("0001_tables.sql", "0001_append.sql")


def upgrade() -> None:
    """Make all of it, in the transaction that alembic holds."""
    raw = op.get_bind().connection.dbapi_connection
    assert raw is not None
    for name in SCRIPTS:
        script = (Path(__file__).parent / name).read_text(encoding="utf-8")
        raw.run_async(partial(_run, script=script))


async def _run(connection: Connection, script: str) -> None:
    # A script is many statements, which only the driver's own simple protocol takes.
    await connection.execute(script)


def downgrade() -> None:
    """Refuse: a book is never unwritten."""
    raise NotImplementedError("the book only goes forward; restore a backup instead")
