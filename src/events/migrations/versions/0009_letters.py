"""Letters that wait to be written."""

from src.events.migrations.scripts import refuse, run

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make all of it."""
    run("0009_letters.sql")


downgrade = refuse
