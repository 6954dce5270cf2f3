"""What /metrics asks this installation each time somebody looks."""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, TypeVar

from src.bootstrap.outbox import outbox_standing
from src.bootstrap.parts import BOOK, Parts
from src.http import gauges
from src.http.gauges import Asking
from src.http.shared_answer import SharedAnswer
from src.queries.figures import shop_figures

Answer = TypeVar("Answer")


def asking_of(parts: Parts) -> Asking:
    """Return how this installation is asked."""
    return Asking(
        shop=_one_at_a_time(partial(shop_figures, parts.reads, parts.book, BOOK)),
        outbox=_one_at_a_time(partial(outbox_standing, parts)),
    )


def _one_at_a_time(
    look: Callable[[], Coroutine[Any, Any, Answer]],
) -> Callable[[], Coroutine[Any, Any, Answer]]:
    """A database that hangs is asked once, and not once a page."""
    return SharedAnswer(look, apart_seconds=0, timeout_seconds=gauges.TIMEOUT_SECONDS).get
