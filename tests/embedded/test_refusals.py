"""Every no says what to do, and changes nothing."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from src.embedded import EngineError, EnginesSettings, find_running, start_engines
from src.embedded.errors import HomeInUse, HomeUnusable, OtherMajorVersion
from tests.embedded.questions import ROOT

WITHOUT_WHEELS = """
import sys
from pathlib import Path
from src.embedded import EngineError, EnginesSettings, start_engines
sys.path.clear()  # nothing can be found from here on
wanted = {"postgres": False, "valkey": False} | {sys.argv[2]: True}
try:
    start_engines(EnginesSettings(home=Path(sys.argv[1]), **wanted))
except EngineError as refused:
    print(f"{type(refused).__name__}: {refused}")
"""


def test_two_starts_in_one_home_end_with_the_pid_of_the_first(tmp_path: Path) -> None:
    first = EnginesSettings(home=tmp_path, postgres=False, durable=False)
    second = EnginesSettings(
        home=tmp_path, postgres=False, durable=False, predecessor_wait_seconds=0.1
    )
    with start_engines(first) as engines:
        with pytest.raises(HomeInUse, match=rf"pid {engines.supervisor_pid}\b"):
            start_engines(second)
        assert find_running(tmp_path) is not None


def test_a_cluster_of_another_major_version_is_refused_untouched(empty_home: Path) -> None:
    cluster = empty_home / "engines" / "pg"
    cluster.mkdir(parents=True)
    for directory in (empty_home, empty_home / "engines"):
        directory.chmod(0o711)
    (cluster / "PG_VERSION").write_text("15\n")
    (empty_home / "engines" / "passwords.json").write_text(
        '{"superuser": "a", "owner": "b", "app": "c", "read": "d", "valkey": "e"}'
    )
    with pytest.raises(OtherMajorVersion, match=r"made by PostgreSQL 15.*dump"):
        start_engines(EnginesSettings(home=empty_home, valkey=False))
    assert [entry.name for entry in cluster.iterdir()] == ["PG_VERSION"]


def test_a_cluster_without_its_passwords_is_refused(empty_home: Path) -> None:
    (empty_home / "engines" / "pg").mkdir(parents=True)
    for directory in (empty_home, empty_home / "engines"):
        directory.chmod(0o711)
    with pytest.raises(HomeUnusable, match=r"passwords\.json .*backup"):
        start_engines(EnginesSettings(home=empty_home))


def test_data_that_was_elsewhere_and_is_gone_is_not_replaced_by_an_empty_shop(
    empty_home: Path,
) -> None:
    empty_home.mkdir()
    (empty_home / "data-directory").write_text(str(empty_home / "gone"))
    with pytest.raises(HomeUnusable, match=r"gone.*backup"):
        start_engines(EnginesSettings(home=empty_home))


@pytest.mark.parametrize("engine", ["postgres", "valkey"])
def test_without_the_wheels_the_refusal_names_both_variables(tmp_path: Path, engine: str) -> None:
    said = subprocess.run(
        [sys.executable, "-c", WITHOUT_WHEELS, str(tmp_path), engine],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert re.match(r"NoEngineForPlatform: .*DATABASE_URL.*REDIS_URL", said)
    assert list(tmp_path.iterdir()) == []


def test_a_home_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EngineError, match="KHATA_HOME"):
        start_engines(EnginesSettings(home=tmp_path / "file" / "home"))


def test_a_record_left_by_a_crash_is_not_taken_for_running_engines(tmp_path: Path) -> None:
    with start_engines(EnginesSettings(home=tmp_path, postgres=False, durable=False)):
        record = (tmp_path / "engines.json").read_bytes()
    (tmp_path / "engines.json").write_bytes(record)
    assert find_running(tmp_path) is None
