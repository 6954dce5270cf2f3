"""All stories in the order in which they are told."""

from src.cli.demo.stories.buying import CUSTOMER, GUEST
from src.cli.demo.stories.going_back import CANCELLED, TOO_LATE
from src.cli.demo.stories.redis_gone import FLUSHED
from src.cli.demo.stories.rush import SOLD_OUT
from src.cli.demo.stories.second_thoughts import EXPIRED, FAILED
from src.cli.demo.stories.twice import PAID_TWICE, TOLD_TWICE

STORIES = (
    GUEST,
    CUSTOMER,
    FAILED,
    EXPIRED,
    TOLD_TWICE,
    SOLD_OUT,
    PAID_TWICE,
    TOO_LATE,
    CANCELLED,
    FLUSHED,
)
