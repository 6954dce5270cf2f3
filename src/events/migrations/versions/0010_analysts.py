"""A schema for analysts, beside the read models that serve."""

from src.events.migrations.scripts import refuse, run

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make all of it."""
    run("0010_analysts.sql")


downgrade = refuse
