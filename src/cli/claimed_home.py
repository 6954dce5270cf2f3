"""The home of a shop, which one `khata up` has at a time: who has it, and who waits for it."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path

import typer

from src.cli.complaint import Complaint
from src.cli.local_calls import NoAnswerError, ask
from src.cli.shop_record import ShopRecord, read_shop
from src.embedded.locks import Lock
from src.embedded.processes import wait_until

SHOP_LOCK = "shop.lock"
PREDECESSOR_WAIT_SECONDS = 30.0
HEALTHY_SECONDS = 1.0
"""The API of a predecessor that was killed ends within moments; one that still answers is well."""


@contextmanager
def claimed(home: Path) -> Generator[Lock]:
    """Every child inherits the lock, so it is free only when all of a predecessor is gone."""
    lock = Lock(home / SHOP_LOCK)
    try:
        if not lock.take():
            _wait_for(lock, home)
        yield lock
    finally:
        os.close(lock.fd)


def _wait_for(lock: Lock, home: Path) -> None:
    """Wait for a predecessor that ends, and for none that is open; raises Complaint."""
    if _open_shop(lock, home) is not None and wait_until(lock.take, HEALTHY_SECONDS):
        return
    if (shop := _open_shop(lock, home)) is not None:
        raise Complaint(
            f"KHATA_HOME: {home} is in use by `khata up`, pid {shop.pid}, whose shop is open at "
            f"{shop.api_url}. Stop that process, or choose another KHATA_HOME."
        )
    if not _patiently(lock, home):
        raise Complaint(
            f"KHATA_HOME: {home} is in use by `khata up`, pid {lock.holder()}, or what it "
            f"started, and was not let go within {PREDECESSOR_WAIT_SECONDS:g} s. Stop that "
            "process, or choose another KHATA_HOME."
        )


def _open_shop(lock: Lock, home: Path) -> ShopRecord | None:
    """Return the shop of the lock's holder if it answers; one that closes has no record."""
    shop = read_shop(home)
    if shop is None or str(shop.pid) != lock.holder():
        return None
    try:
        answer = ask(shop.api_url, "GET", "/health/live", timeout_seconds=HEALTHY_SECONDS)
    except NoAnswerError:
        return None
    return shop if answer.status == HTTPStatus.OK else None


def _patiently(lock: Lock, home: Path) -> bool:
    """Whether a predecessor let go in time; meanwhile a person knows for whom we wait."""
    typer.echo(
        f"khata: waiting up to {PREDECESSOR_WAIT_SECONDS:g} s for pid {lock.holder()}, "
        f"which holds {home}",
        err=True,
    )
    return wait_until(lock.take, PREDECESSOR_WAIT_SECONDS)
