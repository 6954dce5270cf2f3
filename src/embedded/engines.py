"""The running engines, as whoever uses them sees them: addresses, and a way to stop."""

from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from src.embedded.errors import EngineNotEmbedded
from src.embedded.locks import SUPERVISOR_LOCK, is_held
from src.embedded.postgres import CLUSTER, postgres_answers, ready_postmaster
from src.embedded.record import Record, read_record
from src.embedded.valkey import valkey_answers


class Engines:
    """Addresses of the engines; `stop` stops them if it was we who started them."""

    def __init__(self, record: Record, stop: Callable[[], None]) -> None:
        self._record = record
        self.stop = stop

    @property
    def owner_url(self) -> str:
        """The role that owns the database and runs migrations; no superuser."""
        return _embedded(self._record.owner_url, "DATABASE_URL")

    @property
    def app_url(self) -> str:
        """The role of the API and the workers."""
        return _embedded(self._record.app_url, "DATABASE_URL")

    @property
    def read_url(self) -> str:
        """The role of analysts: reads only, five seconds at most."""
        return _embedded(self._record.read_url, "DATABASE_URL")

    @property
    def superuser_url(self) -> str:
        """For extensions and test databases, never for serving."""
        return _embedded(self._record.superuser_url, "DATABASE_URL")

    @property
    def redis_url(self) -> str:
        return _embedded(self._record.redis_url, "REDIS_URL")

    @property
    def data_directory(self) -> Path:
        return Path(self._record.data_directory)

    @property
    def supervisor_pid(self) -> int:
        return self._record.supervisor_pid

    @property
    def postgres_pid(self) -> int | None:
        """The pid when these engines were started or found; a restart changes it."""
        return self._record.postgres_pid

    @property
    def valkey_pid(self) -> int | None:
        """The pid when these engines were started or found; a restart changes it."""
        return self._record.valkey_pid

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def find_running(home: Path) -> Engines | None:
    """The engines that somebody else runs in this home; stopping them is left to them."""
    record = read_record(home)
    if record is None or not is_held(home / SUPERVISOR_LOCK) or not _answer(record):
        return None
    return Engines(record, stop=_leave_running)


def _answer(record: Record) -> bool:
    """The lock says that they are of this home, the answers that they are well."""
    return _postgres_is_well(record) and _valkey_is_well(record)


def _postgres_is_well(record: Record) -> bool:
    """It answers before it is ready, so what it says in its own file counts too."""
    if record.superuser_url is None:
        return True
    port = _port(record.superuser_url)
    ready = ready_postmaster(Path(record.data_directory) / CLUSTER)
    return ready == (record.postgres_pid, port) and postgres_answers(port)


def _valkey_is_well(record: Record) -> bool:
    if record.redis_url is None:
        return True
    return valkey_answers(_port(record.redis_url), urlsplit(record.redis_url).password or "")


def _port(url: str) -> int:
    port = urlsplit(url).port
    assert port is not None
    return port


def _embedded(url: str | None, variable: str) -> str:
    if url is None:
        raise EngineNotEmbedded(f"This engine was not started here: use the address in {variable}.")
    return url


def _leave_running() -> None:
    """Whoever started the engines stops them."""
