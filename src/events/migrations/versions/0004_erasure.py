"""Erasure: how far reactions to facts have come, and whom a kept answer is about."""

from src.events.migrations.scripts import refuse, run

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make all of it."""
    run("0004_erasure.sql")


downgrade = refuse
