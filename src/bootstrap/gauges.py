"""What /metrics asks this installation each time somebody looks."""

from functools import partial

from src.bootstrap.outbox import outbox_standing
from src.bootstrap.parts import BOOK, Parts
from src.http.gauges import Asking
from src.queries.figures import shop_figures


def asking_of(parts: Parts) -> Asking:
    """Return how this installation is asked."""
    return Asking(
        shop=partial(shop_figures, parts.reads, parts.book, BOOK),
        outbox=partial(outbox_standing, parts),
    )
