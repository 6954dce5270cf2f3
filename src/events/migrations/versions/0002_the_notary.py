"""What the notary keeps beside the book."""

from src.events.migrations.scripts import refuse, run

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make all of it."""
    run("0002_notary.sql")


downgrade = refuse
