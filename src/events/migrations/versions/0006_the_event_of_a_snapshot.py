"""Which event a snapshot stands at."""

from src.events.migrations.scripts import refuse, run

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make all of it."""
    run("0006_snapshots.sql")


downgrade = refuse
