"""The process that owns both servers: `python -m src.embedded.supervisor`.

It reads one order, starts what the order names, answers once, and then watches:
a server that ends by itself is started again on its port; when the parent is
gone, both servers are stopped and the record is removed.
"""

import logging
import os
import secrets
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from src.embedded.account import servers_account
from src.embedded.cluster import READ
from src.embedded.errors import EngineDidNotStart, EngineError, HomeInUse, HomeUnusable
from src.embedded.last_in_line import LastInLine
from src.embedded.locks import ENGINES_LOCK, SUPERVISOR_LOCK, Lock
from src.embedded.order import Order, Ready, Refused
from src.embedded.orphans import stop_orphans
from src.embedded.parent import Parent
from src.embedded.places import BELOW_HOME, clear, durable_place, throw_away_place
from src.embedded.processes import wait_until
from src.embedded.record import Record, remove_record, write_record
from src.embedded.server import Server
from src.embedded.shop_engines import ShopEngines

REVIVALS_MAX = 20
PASSWORD_BYTES = 24
UMASK = 0o022  # The servers' account must read what is staged for it; secrets are made 0600.

log = logging.getLogger("khata.engines")


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    os.umask(UMASK)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    parent = Parent()
    order = parent.read_order()
    try:
        supervise(order, parent)
    except EngineError as refused:
        return _refuse(parent, refused)
    except OSError as error:  # A full disk, or files that another user left behind.
        log.exception("the home cannot be used")
        return _refuse(parent, HomeUnusable(f"{error}: mend it, or choose another KHATA_HOME."))
    return 0


def _refuse(parent: Parent, refused: EngineError) -> int:
    log.error("%s", refused)
    parent.answer(Refused(type(refused).__name__, str(refused)))
    return 1


def supervise(order: Order, parent: Parent) -> None:
    """Everything between the order and the end, in this order."""
    home = Path(order.home)
    _claim(home, order.predecessor_wait_seconds, parent.is_gone)
    engines = _prepare(order, home, parent.is_gone)
    try:
        engines.start()
        record = engines.record()
        write_record(home, record)
        parent.answer(Ready(record))
        log.info("engines ready; their data is in %s", record.data_directory)
        _watch(engines, parent, partial(write_record, home))
    finally:
        engines.stop()
        remove_record(home)
        log.info("engines stopped")


def _claim(home: Path, wait_seconds: float, unless: Callable[[], bool]) -> None:
    """The home is ours from here to the end of this process, which is what frees the lock."""
    lock = Lock(home / SUPERVISOR_LOCK)
    if not wait_until(lock.take, wait_seconds, unless=unless):
        raise HomeInUse(
            f"{home} is in use by the engines of pid {lock.holder()}, which did not stop within "
            f"{wait_seconds:g} s: stop that process, or choose another KHATA_HOME."
        )


def _prepare(order: Order, home: Path, unless: Callable[[], bool]) -> ShopEngines:
    """Find the place, make sure that nobody else is in it, and what is needed is."""
    choose = durable_place if order.durable else throw_away_place
    account = servers_account(home / BELOW_HOME)
    place = choose(home, account)
    lock = Lock(place / ENGINES_LOCK)
    stop_orphans(place, lock, wait_seconds=order.predecessor_wait_seconds, unless=unless)
    remove_record(home)
    if not order.durable:
        clear(place)
    return ShopEngines(
        order=order,
        place=place,
        account=account,
        lock=lock.fd,
        new_password=partial(secrets.token_urlsafe, PASSWORD_BYTES),
        unless=unless,
    )


def _watch(engines: ShopEngines, parent: Parent, write: Callable[[Record], None]) -> None:
    """A server that ends is started again, but not for ever: then only its clients notice."""
    revivals, analysts = 0, LastInLine(READ)
    while not parent.is_gone():
        for server in engines.died() if revivals < REVIVALS_MAX else ():
            revivals += 1
            _revive(server)
            write(engines.record())
        if engines.postgres is not None:
            analysts.look(engines.postgres.process.pid)
        parent.wait_for_news()


def _revive(server: Server) -> None:
    """One that stays down must not take the other with it."""
    log.warning("%s ended by itself: starting it again", server.engine.name)
    try:
        server.revive()
    except EngineDidNotStart as refused:
        log.error("%s", refused)  # noqa: TRY400 - the message says all; a trace would hide it


if __name__ == "__main__":
    sys.exit(main())
