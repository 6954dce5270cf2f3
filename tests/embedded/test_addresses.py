"""What the addresses of running engines let their users do, and what not."""

import re
import stat
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg  # type: ignore[import-untyped]  # ships no types
import pytest
import redis

from src.embedded import EngineError, Engines, EnginesSettings, find_running, start_engines
from tests.embedded.questions import ask, valkey


@pytest.mark.parametrize("role", ["owner", "app", "read"])
def test_each_role_answers_under_its_own_name_and_is_no_superuser(
    engines: Engines, role: str
) -> None:
    url = str(getattr(engines, f"{role}_url"))
    assert ask(url, "select current_user") == f"khata_{role}"
    assert ask(url, "select rolsuper from pg_roles where rolname = current_user") is False


def test_the_owner_owns_the_database_and_the_superuser_is_one(engines: Engines) -> None:
    owner = "select pg_get_userbyid(datdba) from pg_database where datname = current_database()"
    assert ask(engines.owner_url, owner) == "khata_owner"
    assert ask(engines.superuser_url, "show is_superuser") == "on"


def test_only_the_owner_makes_tables(engines: Engines) -> None:
    for url in (engines.app_url, engines.read_url):
        with pytest.raises(asyncpg.PostgresError):
            ask(url, "create table public.anything (n int)", "select 1")


def test_readers_have_five_seconds_and_write_nothing(engines: Engines) -> None:
    assert ask(engines.read_url, "show statement_timeout") == "5s"
    assert ask(engines.read_url, "show idle_in_transaction_session_timeout") == "5s"
    assert ask(engines.read_url, "show transaction_timeout") == "6s"
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        ask(engines.read_url, "create temporary table t (n int)", "select 1")


def test_every_machine_sorts_text_alike(engines: Engines) -> None:
    """The collation is PostgreSQL's own, not the operating system's."""
    query = (
        "select datlocprovider::text || ' ' || datlocale from pg_database where datname = 'khata'"
    )
    assert ask(engines.owner_url, query) == "b C.UTF-8"
    assert ask(engines.owner_url, "show server_encoding") == "UTF8"


def test_commits_wait_for_the_log_even_in_a_throw_away_cluster(engines: Engines) -> None:
    assert ask(engines.app_url, "show synchronous_commit") == "on"
    assert ask(engines.app_url, "show fsync") == "off"


def test_statements_are_counted_when_the_superuser_asks_for_it(engines: Engines) -> None:
    extension = "create extension if not exists pg_stat_statements"
    assert ask(engines.superuser_url, extension, "select count(*) >= 0 from pg_stat_statements")


@pytest.mark.parametrize("role", ["owner", "app", "read", "superuser"])
def test_a_wrong_password_opens_nothing(engines: Engines, role: str) -> None:
    url = re.sub(r":[^:@]+@", ":wrong@", str(getattr(engines, f"{role}_url")))
    with pytest.raises(asyncpg.InvalidPasswordError):
        ask(url, "select 1")


def test_valkey_answers_with_its_password_and_not_without(engines: Engines) -> None:
    with valkey(engines.redis_url) as client:
        assert client.ping()
        assert client.config_get("appendfsync") == {"appendfsync": "everysec"}
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    without = re.sub(r":[^:@]+@", "", engines.redis_url)
    with valkey(without) as stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()


def test_both_listen_on_loopback_alone(engines: Engines) -> None:
    assert ask(engines.superuser_url, "show listen_addresses") == "127.0.0.1"
    assert ask(engines.superuser_url, "show unix_socket_directories") == ""
    with valkey(engines.redis_url) as client:
        assert client.config_get("bind") == {"bind": "127.0.0.1"}


def test_no_password_is_in_the_process_list(engines: Engines) -> None:
    everything = subprocess.run(
        ["ps", "axww", "-o", "args"],  # noqa: S607 - ps is where the system says
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert str(engines.data_directory) in everything
    urls = (engines.owner_url, engines.app_url, engines.read_url, engines.superuser_url)
    for url in (*urls, engines.redis_url):
        assert (urlsplit(url).password or url) not in everything


def test_other_commands_find_them_and_cannot_stop_them(tmp_path: Path) -> None:
    with start_engines(EnginesSettings(home=tmp_path, postgres=False, durable=False)) as ours:
        assert stat.S_IMODE((tmp_path / "engines.json").stat().st_mode) == 0o600
        found = find_running(tmp_path)
        assert found is not None
        found.stop()
        again = find_running(tmp_path)
        assert again is not None
        assert again.redis_url == ours.redis_url
    assert find_running(tmp_path) is None


def test_an_engine_that_was_not_started_here_has_no_address_here(tmp_path: Path) -> None:
    settings = EnginesSettings(home=tmp_path, postgres=False, durable=False)
    with start_engines(settings) as ours, pytest.raises(EngineError, match="DATABASE_URL"):
        _ = ours.app_url


def test_a_throw_away_shop_leaves_nothing_behind(tmp_path: Path) -> None:
    with start_engines(EnginesSettings(home=tmp_path, postgres=False, durable=False)) as ours:
        assert ours.data_directory.exists()
    assert not ours.data_directory.exists()


def test_nothing_that_a_client_sent_is_in_the_logs(
    engines: Engines, tmp_path_factory: pytest.TempPathFactory
) -> None:
    secret = "asha@example.com"
    twice = f"insert into people values ('{secret}')"  # noqa: S608 - the literal is the point
    table = "create temporary table people (email text primary key)"
    with pytest.raises(asyncpg.UniqueViolationError):
        ask(engines.owner_url, table, twice, twice)
    with pytest.raises(asyncpg.PostgresError):
        ask(engines.owner_url, f"select '{secret}'::int")
    logs = list(tmp_path_factory.getbasetemp().glob("engines*/logs/*.log"))
    assert {log.name for log in logs} == {"postgres.log", "valkey.log", "supervisor.log"}
    assert not any(secret in log.read_text() for log in logs)
