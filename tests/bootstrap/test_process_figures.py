"""One page tells of every process of a machine that lives, and of none that is dead."""

import os
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.parser import text_string_to_metric_families

from src.bootstrap.process_figures import STALE_SECONDS, ProcessFigures

pytestmark = pytest.mark.anyio


def counting(home: Path, part: str, things: int) -> ProcessFigures:
    registry = CollectorRegistry()
    Counter("khata_things", "Things.", ("kind",), registry=registry).labels("tea").inc(things)
    Histogram("khata_wait_seconds", "Time.", buckets=(1.0,), registry=registry).observe(0.5)
    return ProcessFigures(registry, home, part)


def things(page: bytes) -> list[str]:
    return [line for line in page.decode().splitlines() if line.startswith("khata_things_total")]


async def test_every_process_tells_of_all_that_live(tmp_path: Path) -> None:
    first, second = counting(tmp_path, "api", 1), counting(tmp_path, "api", 2)
    worker = counting(tmp_path, "worker", 3)
    everything = [
        'khata_things_total{kind="tea",process="api-1"} 1.0',
        'khata_things_total{kind="tea",process="api-2"} 2.0',
        'khata_things_total{kind="tea",process="worker-1"} 3.0',
    ]
    async with first.shared():
        async with second.shared(), worker.shared():
            for each in (first, second, worker):
                each.write()
            for each in (first, second):
                assert sorted(things(each.page())) == everything
            page = first.page().decode()
            assert page.count("# TYPE khata_things_total counter") == 1
            assert 'khata_wait_seconds_bucket{le="1.0",process="worker-1"} 1.0' in page
        assert things(first.page()) == everything[:1]


async def test_what_a_dead_process_left_is_not_told_and_its_name_is_free(tmp_path: Path) -> None:
    dead = counting(tmp_path, "worker", 9)
    async with dead.shared():
        dead.write()
        left = (tmp_path / "figures" / "worker-1.prom").read_bytes()
    (tmp_path / "figures" / "worker-1.prom").write_bytes(left)
    api, worker = counting(tmp_path, "api", 1), counting(tmp_path, "worker", 2)
    async with api.shared():
        assert things(api.page()) == ['khata_things_total{kind="tea",process="api-1"} 1.0']
        async with worker.shared():
            worker.write()
            assert 'khata_things_total{kind="tea",process="worker-1"} 2.0' in things(api.page())


async def test_a_process_that_writes_no_more_is_not_told_of_until_it_does(tmp_path: Path) -> None:
    api, worker = counting(tmp_path, "api", 1), counting(tmp_path, "worker", 2)
    written = tmp_path / "figures" / "worker-1.prom"
    async with api.shared(), worker.shared():
        worker.write()
        at = written.stat().st_mtime - STALE_SECONDS - 1
        os.utime(written, (at, at))
        assert len(things(api.page())) == 1
        worker.write()
        assert len(things(api.page())) == 2


async def test_nothing_is_written_under_a_name_that_was_given_back(tmp_path: Path) -> None:
    first, second = counting(tmp_path, "worker", 1), counting(tmp_path, "worker", 2)
    async with first.shared():
        first.write()
    async with second.shared():
        second.write()
        first.write()
        written = (tmp_path / "figures" / "worker-1.prom").read_bytes()
    assert things(written) == ['khata_things_total{kind="tea",process="worker-1"} 2.0']


async def test_what_cannot_be_read_is_left_out_and_the_page_is_there(tmp_path: Path) -> None:
    api = counting(tmp_path, "api", 1)
    async with api.shared():
        folder = tmp_path / "figures"
        (folder / "api-7.prom").write_bytes(b"\xff")
        (folder / "api-7.lock").mkdir()
        (folder / "api-8.prom").write_bytes(b"left by somebody who never had a lock")
        assert things(api.page()) == ['khata_things_total{kind="tea",process="api-1"} 1.0']
        assert not (folder / "api-8.lock").exists()


async def test_where_nothing_can_be_written_a_process_tells_of_itself(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.write_text("no folder")
    api = counting(home, "api", 1)
    async with api.shared():
        assert things(api.page()) == [
            f'khata_things_total{{kind="tea",process="api-{os.getpid()}"}} 1.0'
        ]


async def test_any_word_in_a_label_reaches_the_page_as_it_is(tmp_path: Path) -> None:
    odd = 'a} 1 "b"\\ c\n# HELP d\u2028{e="f"} 2'
    registry = CollectorRegistry()
    Counter("khata_odd", "Odd.", ("word",), registry=registry).labels(odd).inc(3)
    api, worker = counting(tmp_path, "api", 1), ProcessFigures(registry, tmp_path, "worker")
    async with api.shared(), worker.shared():
        worker.write()
        families = {each.name: each for each in text_string_to_metric_families(api.page().decode())}
    total = next(each for each in families["khata_odd"].samples if each.name == "khata_odd_total")
    assert (total.labels, total.value) == ({"word": odd, "process": "worker-1"}, 3.0)
