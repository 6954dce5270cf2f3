"""Whoever is killed, nothing keeps running and nothing that was written is lost."""

import os
import sys
from pathlib import Path

import pytest

from src.embedded import Engines, EnginesSettings, find_running, start_engines
from tests.embedded.questions import (
    all_gone,
    ask,
    eventually,
    is_alive,
    kill,
    started_by_another_process,
    valkey,
)

needs_linux = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux stops the children of a killed process"
)


def remember(engines: Engines) -> None:
    made = "create table if not exists public.remembered (word text)"
    ask(engines.owner_url, made, "insert into public.remembered values ('kept') returning 1")
    with valkey(engines.redis_url) as client:
        client.set("remembered", "kept")


def remembers(engines: Engines) -> bool:
    with valkey(engines.redis_url) as client:
        key = client.get("remembered")
    return (ask(engines.owner_url, "select word from public.remembered"), key) == ("kept", "kept")


def test_a_stop_and_a_start_keep_rows_and_keys(home: Path) -> None:
    with start_engines(EnginesSettings(home=home)) as engines:
        remember(engines)
    assert not is_alive(engines.supervisor_pid)
    with start_engines(EnginesSettings(home=home)) as engines:
        assert remembers(engines)


def test_a_killed_parent_leaves_nothing_running_and_the_next_start_works(home: Path) -> None:
    with started_by_another_process(home) as (parent, pids):
        engines = find_running(home)
        assert engines is not None
        remember(engines)
        kill(parent.pid)
        assert all_gone(pids)
    with start_engines(EnginesSettings(home=home)) as engines:
        assert remembers(engines)


@needs_linux
def test_a_killed_supervisor_leaves_nothing_running_and_the_next_start_works(home: Path) -> None:
    with started_by_another_process(home) as (_, pids):
        engines = find_running(home)
        assert engines is not None
        remember(engines)
        kill(engines.supervisor_pid)
        assert all_gone(pids)
    with start_engines(EnginesSettings(home=home)) as successor:
        assert remembers(successor)


def test_a_start_right_after_a_kill_waits_for_the_dying_engines(home: Path) -> None:
    with started_by_another_process(home) as (parent, pids):
        kill(parent.pid)
        with start_engines(EnginesSettings(home=home)) as successor:
            assert not any(is_alive(pid) for pid in pids)
            assert ask(successor.app_url, "select 1") == 1


def test_a_server_that_is_killed_comes_back_where_its_clients_expect_it(home: Path) -> None:
    with start_engines(EnginesSettings(home=home)) as engines:
        remember(engines)
        assert engines.postgres_pid is not None
        assert engines.valkey_pid is not None
        kill(engines.postgres_pid)
        kill(engines.valkey_pid)
        assert all_gone([engines.postgres_pid, engines.valkey_pid])
        assert eventually(lambda: find_running(home) is not None)
        assert remembers(engines)


def test_ctrl_c_reaches_neither_the_supervisor_nor_the_servers(engines: Engines) -> None:
    """The terminal signals the foreground group; all three are in sessions of their own."""
    pids = [engines.supervisor_pid, engines.postgres_pid, engines.valkey_pid]
    sessions = {os.getsid(pid) for pid in pids if pid is not None}
    assert len(sessions) == 3
    assert os.getsid(0) not in sessions
