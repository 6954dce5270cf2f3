"""Deciding while the book is held, states of long streams, and room to build read models again."""

from src.events.migrations.scripts import refuse, run

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make all of it."""
    run("0003_hold_and_snapshots.sql")


downgrade = refuse
