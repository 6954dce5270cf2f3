"""Another event store for Python on PostgreSQL, the package `eventsourcing`, at the same work."""

import time
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from typing import Any
from urllib.parse import unquote, urlsplit

THREADS_MAX = 16
"""More do not make it faster: each append locks its table, and the threads share one core."""
POOL_SIZE = 16


def is_installed() -> bool:
    """Whether the package is there; `just bench book` installs it."""
    return find_spec("eventsourcing") is not None


class Other:
    """An application of that package, with aggregates of one event each."""

    def __init__(self, url: str) -> None:
        from eventsourcing.application import Application  # noqa: PLC0415 - only where it is installed
        from eventsourcing.domain import Aggregate  # noqa: PLC0415 - as above

        class Cart(Aggregate):  # type: ignore[misc]  # its types are never looked at
            def __init__(self, currency: str) -> None:
                self.currency = currency

        self._cart: Any = Cart
        self._application: Any = Application(_environment(url))

    def saved_per_second(self, waiting: int, seconds: float) -> float:
        """Save new aggregates from threads that each wait for one after another."""
        threads = min(waiting, THREADS_MAX)
        begun, end = time.perf_counter(), time.perf_counter() + seconds
        with ThreadPoolExecutor(threads) as pool:
            saved = sum(pool.map(lambda _: self._save_until(end), range(threads)))
        return saved / (time.perf_counter() - begun)

    def close(self) -> None:
        """Close its connections."""
        self._application.close()

    def _save_until(self, end: float) -> int:
        saved = 0
        while time.perf_counter() < end:
            self._application.save(self._cart(currency="INR"))
            saved += 1
        return saved


def _environment(url: str) -> dict[str, str]:
    given = urlsplit(url)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": given.path[1:],
        "POSTGRES_HOST": given.hostname or "",
        "POSTGRES_PORT": str(given.port),
        "POSTGRES_USER": unquote(given.username or ""),
        "POSTGRES_PASSWORD": unquote(given.password or ""),
        "POSTGRES_POOL_SIZE": str(POOL_SIZE),
    }
