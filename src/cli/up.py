"""`khata up`: the whole shop on this machine, from its engines to the line `ready`.

The children are started first and import while the engines come up; each waits
for its order. Everything is stopped in the opposite order of need: API, worker,
sandbox, engines. A `khata up` that is killed leaves its end to the pipes.
"""

import os
import select
import signal
from collections.abc import Mapping
from contextlib import suppress
from types import FrameType
from typing import NoReturn

import typer

from src.cli.children import Child
from src.cli.claimed_home import claimed
from src.cli.complaint import AlreadySaidError, Complaint
from src.cli.engines_here import addressed_by, needed_engines
from src.cli.lifeline import Order
from src.cli.outcome import INTERRUPTED, MISUSED
from src.cli.own_name import own_name
from src.cli.ports import bind, port_of
from src.cli.readiness import Readiness
from src.cli.shop_record import ShopRecord, remove_shop, write_shop
from src.cli.webhook_warning import warn_without_webhook_secret
from src.embedded import Engines, start_engines
from src.embedded.locks import SUPERVISOR_LOCK, Lock, is_held
from src.http.places import LOOPBACK_HOST
from src.settings import Settings
from src.telemetry import configure_logging, logger

READY_SECONDS_MAX = 120.0
LOOK_SECONDS = 1.0
WAKE_BYTES = 64
SERVING = "serve"
"""API processes share a port, so they stop together; the others are needed until they have."""

log = logger("up")


def up(environ: Mapping[str, str]) -> int:
    """Run the shop until Ctrl-C or SIGTERM; returns the exit code."""
    configure_logging()
    _listen_for_the_end()
    with claimed(Settings.from_environ(environ).home) as lock:
        shop = _Shop(environ, lock)
        try:
            shop.open()
            shop.watch()
        except KeyboardInterrupt:
            code = 0 if shop.is_open else INTERRUPTED
        finally:
            shop.close()
        shop.say_goodbye()
    return code


def _listen_for_the_end() -> None:
    """Ctrl-C also where a script's `&` turned it off; a closed terminal not where nohup did."""
    ends = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        ends.append(signal.SIGHUP)
    for number in ends:
        signal.signal(number, _interrupt)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


class _Shop:
    """Everything that runs, and what each child was told."""

    def __init__(self, environ: Mapping[str, str], lock: Lock) -> None:
        settings = Settings.from_environ(environ)
        self._listening = [bind(settings.host, settings.port, "KHATA_PORT")]
        ports = {"KHATA_HOME": str(settings.home), "KHATA_PORT": str(port_of(self._listening[0]))}
        if settings.has_own_razorpay:
            sandbox = bind(LOOPBACK_HOST, settings.sandbox_port, "KHATA_SANDBOX_PORT")
            self._listening.append(sandbox)
            ports["KHATA_SANDBOX_PORT"] = str(port_of(sandbox))
        # Read again, because the sandbox's address follows from its port.
        self._settings = Settings.from_environ({**environ, **ports})
        self._ports: Order = ports
        self._lock = lock
        self._engines: Engines | None = None
        self._children: list[Child] = []
        """In the order in which they are stopped."""
        self._wake = _signals_to_pipe()
        self.is_open = False

    def open(self) -> None:
        """Start everything and say so once all of it answers."""
        preparing = self._spawn("prepare")
        self._children = [preparing]
        self._children = [*self._parts(), preparing]
        self._start_engines()
        preparing.tell(self._order(owner=True))
        code = preparing.finish()
        if code == MISUSED:
            raise AlreadySaidError(code)
        if code != 0:
            raise Complaint("The book could not be made ready: the line above says why.")
        self._children.remove(preparing)
        for child in self._children:
            child.tell(self._order())
        self._wait_until_ready()
        warn_without_webhook_secret(self._settings)
        self._say_where()
        self.is_open = True

    def watch(self) -> NoReturn:
        """Start again whatever ends by itself; returns never, only by KeyboardInterrupt."""
        while True:
            self._look(LOOK_SECONDS)

    def close(self) -> None:
        """Stop gently; a second Ctrl-C ends everything but the engines at once."""
        remove_shop(self._settings.home)
        for listening in self._listening:
            listening.close()
        try:
            for child in self._children:
                if child.name == SERVING:
                    child.ask_to_stop()
            for child in self._children:
                child.stop(self._settings.drain_seconds)
        except KeyboardInterrupt:
            for child in self._children:
                child.kill()
        finally:
            if self._engines is not None:
                self._engines.stop()

    def say_goodbye(self) -> None:
        """Nobody needs to wonder what still runs, or what is left."""
        kept = self._settings.database_url is None
        where = f"in {self._settings.home}" if kept else "where DATABASE_URL says"
        typer.echo(f"khata: all parts have stopped, the book is {where}", err=True)

    def _parts(self) -> list[Child]:
        api, *sandbox = (listening.fileno() for listening in self._listening)
        serving = [self._spawn(SERVING, fds=(api,)) for _ in range(self._settings.workers)]
        return [
            *serving,
            self._spawn("worker", "--sample"),
            *(self._spawn("sandbox", fds=(fd,)) for fd in sandbox),
        ]

    def _spawn(self, name: str, *options: str, fds: tuple[int, ...] = ()) -> Child:
        handed = tuple(word for fd in fds for word in ("--fd", str(fd)))
        return Child((name, *options, *handed), (self._lock.fd, *fds))

    def _start_engines(self) -> None:
        needed = needed_engines(self._settings)
        if needed is not None:
            self._engines = start_engines(needed)

    def _order(self, *, owner: bool = False) -> Order:
        """What a child cannot know by itself; the owner's address is for migrations alone."""
        if self._engines is None:
            return self._ports
        known = addressed_by(self._settings, self._engines)
        order = {
            "DATABASE_URL": known.app_url,
            "KHATA_READ_DATABASE_URL": known.read_url,
            "REDIS_URL": known.cache_url,
        }
        if owner:
            order["KHATA_OWNER_DATABASE_URL"] = known.owner_url
        return self._ports | order

    def _wait_until_ready(self) -> None:
        sandbox_url = self._settings.sandbox_url if self._settings.has_own_razorpay else None
        readiness = Readiness(self._settings.api_url, sandbox_url, READY_SECONDS_MAX)
        while not readiness.is_reached():
            self._look(readiness.again_seconds)

    def _look(self, seconds: float) -> None:
        """Wait for a child's end, at most so long, and see to whatever ended."""
        if select.select([self._wake], [], [], seconds)[0]:
            os.read(self._wake, WAKE_BYTES)
        if self._engines is not None and not is_held(self._settings.home / SUPERVISOR_LOCK):
            self._restart_engines()
        for child in self._children:
            if child.has_died():
                _see_to(child)

    def _restart_engines(self) -> None:
        """Their supervisor was killed and took them along; their ports may be others now."""
        log.warning("the engines ended by themselves: starting them again")
        assert self._engines is not None
        self._engines.stop()
        self._start_engines()
        for child in self._children:
            child.restart(self._order())

    def _say_where(self) -> None:
        """One line for programs on standard output; all else is for people."""
        settings = self._settings
        sandbox = settings.sandbox_url if settings.has_own_razorpay else None
        write_shop(
            settings.home,
            ShopRecord(pid=os.getpid(), api_url=settings.api_url, sandbox_url=sandbox),
        )
        for what, where in _places(settings, sandbox):
            typer.echo(f"  {what:<9}{where}", err=True)
        typer.echo(f"ready {settings.api_url}")


def _see_to(child: Child) -> None:
    """Start it again, unless it ended over a setting, which it would do again."""
    if child.exit_code == MISUSED:
        raise AlreadySaidError(MISUSED)
    child.revive()


def _places(settings: Settings, sandbox: str | None) -> list[tuple[str, str]]:
    played = f"{sandbox} plays it" if sandbox else settings.razorpay.url
    front = [] if settings.razorpay.is_live else [("shop", f"{settings.api_url}/")]
    return [
        *front,
        ("console", f"{settings.api_url}/console"),
        ("API", f"{settings.api_url}/docs"),
        ("health", f"{settings.api_url}/health/ready"),
        ("Razorpay", f"{played}, key {settings.razorpay.key_id}"),
        ("mail", settings.mail.where),
        ("files", f"{settings.home} (engines.json has the addresses for psql and redis-cli)"),
        ("staff", f"{own_name()} token --role admin (prints one for the first administrator)"),
        ("stop", "Ctrl-C"),
    ]


def _signals_to_pipe() -> int:
    """A child's end wakes us; the handler does nothing, its being there is what counts."""
    read, write = os.pipe()
    os.set_blocking(read, False)
    os.set_blocking(write, False)
    with suppress(ValueError):  # Only the main thread of a program hears signals.
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    return read
