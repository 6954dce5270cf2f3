"""What Razorpay is still to be asked about."""

from src.events.migrations.scripts import refuse, run

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make all of it."""
    run("0007_inquiries.sql")


downgrade = refuse
