"""The book, the keys, the edge and room for read models."""

from src.events.migrations.scripts import refuse, run

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make all of it."""
    run("0001_tables.sql", "0001_append.sql")


downgrade = refuse
