"""Families of refresh tokens: who stays logged in."""

from src.events.migrations.scripts import refuse, run

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make all of it."""
    run("0008_families.sql")


downgrade = refuse
