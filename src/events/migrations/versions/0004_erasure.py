"""Erasure: how far reactions to facts have come, and whom a kept answer is about."""

from functools import partial
from pathlib import Path

from alembic import op

from src.events.connection import Connection

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SCRIPT = "0004_erasure.sql"


def upgrade() -> None:
    """Make all of it, in the transaction that alembic holds."""
    raw = op.get_bind().connection.dbapi_connection
    assert raw is not None
    script = (Path(__file__).parent / SCRIPT).read_text(encoding="utf-8")
    raw.run_async(partial(_run, script=script))


async def _run(connection: Connection, script: str) -> None:
    # A script is many statements, which only the driver's own simple protocol takes.
    await connection.execute(script)


def downgrade() -> None:
    """Refuse: a book only goes forward."""
    raise NotImplementedError("the book only goes forward; restore a backup instead")
