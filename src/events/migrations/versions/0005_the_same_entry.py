"""What makes an entry the same as an earlier one of its append."""

from src.events.migrations.scripts import refuse, run

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make all of it."""
    run("0005_sieve.sql")


downgrade = refuse
