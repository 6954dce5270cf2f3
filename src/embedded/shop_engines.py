"""Both servers of one home: prepared, started, addressed and stopped together."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from src.embedded.account import Account, hand_over
from src.embedded.binaries import reachable_postgres, reachable_valkey
from src.embedded.cluster import APP, OWNER, READ, SUPERUSER, ClusterMaker
from src.embedded.order import Order
from src.embedded.passwords import Passwords, load_passwords
from src.embedded.postgres import AT_ONCE, CLEAN, CLUSTER, Postgres
from src.embedded.processes import end_all
from src.embedded.record import DATABASE, Record
from src.embedded.server import Server
from src.embedded.valkey import DIRECTORY, Valkey


class ShopEngines:
    """The servers that the order names; the other ones stay None."""

    def __init__(  # noqa: PLR0913 - the composition root of the supervisor; all are named at the call
        self,
        *,
        order: Order,
        place: Path,
        account: Account,
        lock: int,
        new_password: Callable[[], str],
        unless: Callable[[], bool],
    ) -> None:
        self._order, self._place, self._account = order, place, account
        self._lock, self._unless = lock, unless
        self._logs = Path(order.home) / "logs"
        self._passwords = load_passwords(place, cluster=place / CLUSTER, new=new_password)
        self.postgres: Server | None = None
        self.valkey: Server | None = None

    def start(self) -> None:
        if self._order.valkey_server is not None:
            self.valkey = Server(self._valkey(Path(self._order.valkey_server)), self._unless)
        if self._order.postgres_install is not None:
            self.postgres = Server(self._postgres(Path(self._order.postgres_install)), self._unless)

    def died(self) -> list[Server]:
        return [server for server in self._running() if server.has_died()]

    def stop(self) -> None:
        """Both at once; a throw-away shop leaves nothing behind."""
        end_all([(server.process, server.engine.stop_ladder) for server in self._running()])
        if not self._order.durable:
            shutil.rmtree(self._place, ignore_errors=True)

    def record(self) -> Record:
        return Record(
            supervisor_pid=os.getpid(),
            data_directory=str(self._place),
            owner_url=self._database_url(OWNER, self._passwords.owner),
            app_url=self._database_url(APP, self._passwords.app),
            read_url=self._database_url(READ, self._passwords.read),
            superuser_url=self._database_url(SUPERUSER, self._passwords.superuser),
            redis_url=_redis_url(self.valkey, self._passwords),
            postgres_pid=self.postgres.process.pid if self.postgres else None,
            valkey_pid=self.valkey.process.pid if self.valkey else None,
        )

    def _running(self) -> list[Server]:
        return [server for server in (self.valkey, self.postgres) if server is not None]

    def _postgres(self, found: Path) -> Postgres:
        install, log = self._reachable(found), self._logs / "postgres.log"
        maker = ClusterMaker(
            install=install,
            place=self._place,
            account=self._account,
            log=log,
            lock=self._lock,
            durable=self._order.durable,
        )
        maker.make_ready(self._passwords)
        return Postgres(
            install=install,
            place=self._place,
            account=self._account,
            log=log,
            lock=self._lock,
            stop_ladder=CLEAN if self._order.durable else AT_ONCE,
        )

    def _reachable(self, install: Path) -> Path:
        return reachable_postgres(install, self._place, self._account)

    def _valkey(self, found: Path) -> Valkey:
        directory = self._place / DIRECTORY
        directory.mkdir(mode=0o700, exist_ok=True)
        hand_over(directory, self._account)
        return Valkey(
            server=reachable_valkey(found, self._place, self._account),
            place=self._place,
            account=self._account,
            log=self._logs / "valkey.log",
            lock=self._lock,
            password=self._passwords.valkey,
        )

    def _database_url(self, role: str, password: str) -> str | None:
        if self.postgres is None:
            return None
        return f"postgresql://{role}:{password}@127.0.0.1:{self.postgres.port}/{DATABASE}"


def _redis_url(valkey: Server | None, passwords: Passwords) -> str | None:
    return None if valkey is None else f"redis://:{passwords.valkey}@127.0.0.1:{valkey.port}/0"
