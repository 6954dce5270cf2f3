"""`khata up` as a process: ready, interrupted, killed, and started again, with nothing left over.

One home serves the whole story, because making a cluster is the slow part.
"""

import json
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue
from typing import Any
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, build_opener

import pytest

from src.cli.bounded_http import HEAD_BYTES_MAX
from src.cli.claimed_home import SHOP_LOCK
from src.cli.outcome import INTERRUPTED
from src.embedded.locks import Lock
from tests.cli.commands import command, environment, khata

READY_SECONDS_MAX = 45.0
"""A bound for slow machines that run many tests at once; alone it takes 2 to 4 s."""
GONE_SECONDS_MAX = 15.0


class Running:
    """A `khata up` and what it says on standard output."""

    def __init__(self, home: Path, *options: str, **variables: str) -> None:
        self.home = home
        self.errors = home.parent / "stderr"
        with self.errors.open("ab") as errors:
            self.process = subprocess.Popen(
                command("up", *options),
                env=environment(home, **variables),
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        self._lines: Queue[str] = Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as said:
            for line in said:
                self._lines.put(line)

    def url(self) -> str:
        """Wait for the line `ready`; fails with all that was said on standard error."""
        try:
            line = self._lines.get(timeout=READY_SECONDS_MAX)
        except Empty:
            pytest.fail(self.errors.read_text())
        assert line.startswith("ready http://127.0.0.1:")
        return line.removeprefix("ready ").strip()

    def rest(self) -> list[str]:
        """What else it said, once it has ended."""
        self._reader.join()
        return [self._lines.get() for _ in range(self._lines.qsize())]

    def family(self) -> dict[int, str]:
        """Everything that was started, by pid: found by its parents and by the home it names."""
        found = {pid: words for pid, words in processes() if is_below(pid, self.process.pid)}
        assert found
        return found


def processes() -> Iterator[tuple[int, str]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if words:
                yield int(entry.name), words


def is_below(pid: int, ancestor: int) -> bool:
    while pid > 1:
        pid = parent_of(pid)
        if pid == ancestor:
            return True
    return False


def parent_of(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def is_alive(pid: int) -> bool:
    """A zombie has ended; whoever inherits it has not looked yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def left_over(pids: dict[int, str]) -> dict[int, str]:
    deadline = time.monotonic() + GONE_SECONDS_MAX
    while (left := {pid: words for pid, words in pids.items() if is_alive(pid)}) and (
        time.monotonic() < deadline
    ):
        time.sleep(0.05)  # foreign processes end when they do; only asking tells
    return left


@contextmanager
def running(home: Path, *options: str, **variables: str) -> Iterator[Running]:
    shop = Running(home, *options, **variables)
    try:
        yield shop
    finally:
        if shop.process.poll() is None:
            shop.process.terminate()
            shop.process.wait(GONE_SECONDS_MAX)
        shop.rest()


def get(url: str) -> tuple[int, dict[str, Any]]:
    with build_opener(ProxyHandler({})).open(url, timeout=30) as answer:
        return answer.status, json.load(answer)


linux_only = pytest.mark.skipif(not Path("/proc").exists(), reason="looks at processes in /proc")


@linux_only
def test_a_shop_is_ready_and_survives_every_end_without_leaving_anything(home: Path) -> None:
    with running(home) as first:
        url = first.url()
        assert get(f"{url}/health/ready")[0] == 200
        assert len(get(f"{url}/products?limit=100")[1]["items"]) >= 40
        assert [words for words in first.family().values() if "postgresql://" in words] == []
        a_head_that_never_ends_is_refused(url)
        the_api_comes_back_by_itself(first, url)
        the_running_shop_serves_other_commands(home)
        a_second_one_is_told_at_once_whose_it_is(first, url)
        family = first.family()
        first.process.send_signal(signal.SIGINT)
        assert first.process.wait(GONE_SECONDS_MAX) == 0
        assert left_over(family) == {}
        assert first.rest() == []
        assert first.errors.read_text().endswith(
            f"khata: all parts have stopped, the book is in {home}\n"
        )
    with running(home) as second:
        second.url()
        family = second.family()
        second.process.kill()
        second.process.wait()
        with running(home, "--below-just", KHATA_WORKERS="2") as third:
            url = third.url()
            assert left_over(family) == {}
            assert len(get(f"{url}/products?limit=100")[1]["items"]) >= 40
            assert len([words for words in third.family().values() if " serve " in words]) == 2
            third.process.send_signal(signal.SIGINT)
            assert third.process.wait(GONE_SECONDS_MAX) == INTERRUPTED


def the_api_comes_back_by_itself(shop: Running, url: str) -> None:
    [api] = [pid for pid, words in shop.family().items() if " serve " in words]
    os.kill(api, signal.SIGKILL)
    assert left_over({api: "serve"}) == {}
    assert get(f"{url}/health/ready")[0] == 200
    assert api not in shop.family()
    assert "starting it again" in shop.errors.read_text()


def a_head_that_never_ends_is_refused(url: str) -> None:
    place = urlsplit(url)
    with socket.create_connection((place.hostname, place.port), timeout=30) as connection:
        connection.sendall(b"GET /products HTTP/1.1\r\nx: ")
        connection.sendall(b"a" * (HEAD_BYTES_MAX + 1))
        assert connection.recv(100).startswith(b"HTTP/1.1 431 ")


def the_running_shop_serves_other_commands(home: Path) -> None:
    token = khata(home, "token", "--role", "admin")
    assert token.stdout.count(".") == 2
    history = khata(home, "history", "stock-CHAI-250", "--json")
    assert '"quantity":120' in history.stdout
    assert khata(home, "simulate", "webhooks").stdout == "no events\n"


def a_second_one_is_told_at_once_whose_it_is(shop: Running, url: str) -> None:
    second = khata(shop.home, "up")
    assert second.returncode == 1
    assert second.stdout == ""
    assert second.stderr.endswith(
        f"KHATA_HOME: {shop.home} is in use by `khata up`, pid {shop.process.pid}, whose shop is"
        f" open at {url}. Stop that process, or choose another KHATA_HOME.\n"
    )
    assert "waiting" not in second.stderr


def test_a_second_shop_says_for_whom_it_waits(home: Path) -> None:
    home.mkdir()
    lock = Lock(home / SHOP_LOCK)
    assert lock.take()
    with subprocess.Popen(
        command("up"), env=environment(home), stderr=subprocess.PIPE, text=True
    ) as second:
        assert second.stderr is not None
        try:
            said = second.stderr.readline()
        finally:
            second.terminate()
            os.close(lock.fd)
    assert said == f"khata: waiting up to 30 s for pid {os.getpid()}, which holds {home}\n"


@linux_only
def test_a_port_that_a_stranger_holds_is_named_with_its_variable(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        port = str(stranger.getsockname()[1])
        ran = khata(home, "up", KHATA_PORT=port)
    assert ran.returncode == 1
    assert ran.stdout == ""
    assert f"KHATA_PORT: another program listens on 127.0.0.1:{port}" in ran.stderr
