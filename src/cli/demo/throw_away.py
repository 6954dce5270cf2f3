"""A shop that nobody will miss: `khata up` in a directory of its own, on ports of its own."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from src.bootstrap.api import tokens_of
from src.cli.children import IMPORT_ROOT
from src.cli.complaint import Complaint
from src.cli.lifeline import Order, written
from src.cli.shop_record import ShopRecord, read_shop
from src.embedded import find_running
from src.embedded.processes import wait_until
from src.environment import PASSABLE, PRIVATE
from src.http.tokens import ADMIN
from src.settings import Settings

CHECKOUT_TTL_SECONDS = 6
"""Long enough for any story that pays in time, short enough to see one that does not."""
OPEN_SECONDS_MAX = 60.0
CLOSE_SECONDS_MAX = 30.0
LOG_LINES_SHOWN_MAX = 20
OURS = ("KHATA_", "RAZORPAY_", "DATABASE_URL", "REDIS_URL", "SMTP_URL")
"""How the variables of a real shop begin: none of them reaches this one."""


class ThrowAwayShop(Struct, frozen=True, kw_only=True):
    """Where it answers, and what its staff and a vandal need."""

    api_url: str
    sandbox_url: str
    redis_url: str
    staff_token: str
    home: Path
    variables: Order
    """What other commands need to find this shop."""


@contextmanager
def throw_away_shop(
    environ: Mapping[str, str], **variables: str
) -> Generator[ThrowAwayShop, None, None]:
    """Open a shop and yield it; afterwards nothing of it runs, and nothing of it is left.

    `variables` are what it is told besides.
    """
    with tempfile.TemporaryDirectory(prefix="khata-demo-") as place:
        # Under root the engines have an account of their own, which must pass through here.
        Path(place).chmod(PASSABLE if os.geteuid() == 0 else PRIVATE)
        home, log = Path(place) / "home", Path(place) / "up.log"
        with log.open("wb") as lines:
            process = _started(_environ(environ, home) | variables, lines.fileno())
        try:
            yield _shop(home, _opened(process, home, log), variables)
        finally:
            _stop(process)


def _environ(environ: Mapping[str, str], home: Path) -> Order:
    plain = {name: value for name, value in environ.items() if not name.startswith(OURS)}
    return plain | {
        "KHATA_HOME": str(home),
        "KHATA_PORT": "0",
        "KHATA_SANDBOX_PORT": "0",
        "KHATA_CHECKOUT_TTL_SECONDS": str(CHECKOUT_TTL_SECONDS),
        "PYTHONPATH": os.pathsep.join(filter(None, (str(IMPORT_ROOT), environ.get("PYTHONPATH")))),
    }


def _started(environ: Order, log: int) -> subprocess.Popen[bytes]:
    """Start it on a lifeline, so that it ends even if we are killed."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "src", "up", "--lifeline"],
        bufsize=0,
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=log,
        env=environ,
        start_new_session=True,
    )
    assert process.stdin is not None
    process.stdin.write(written({}))
    return process


def _opened(process: subprocess.Popen[bytes], home: Path, log: Path) -> ShopRecord:
    """Wait until it says where it answers, which it does once all of it does."""
    wait_until(
        lambda: read_shop(home) is not None,
        OPEN_SECONDS_MAX,
        unless=lambda: process.poll() is not None,
    )
    record = read_shop(home)
    if record is None:
        said = log.read_text(errors="replace").splitlines()[-LOG_LINES_SHOWN_MAX:]
        raise Complaint("\n".join(["The throw-away shop did not open. It said:", *said]))
    return record


def _shop(home: Path, record: ShopRecord, variables: Order) -> ThrowAwayShop:
    engines = find_running(home)
    assert engines is not None
    assert record.sandbox_url is not None
    settings = Settings.from_environ({"KHATA_HOME": str(home)})
    sandbox_port = record.sandbox_url.rpartition(":")[2]
    return ThrowAwayShop(
        api_url=record.api_url,
        sandbox_url=record.sandbox_url,
        redis_url=engines.redis_url,
        staff_token=tokens_of(settings).sign((ADMIN,), "demo"),
        home=home,
        variables=variables | {"KHATA_HOME": str(home), "KHATA_SANDBOX_PORT": sandbox_port},
    )


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Let it close by itself; should it hang, its engines still end with their pipe."""
    process.terminate()
    try:
        process.wait(CLOSE_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    assert process.stdin is not None
    process.stdin.close()
