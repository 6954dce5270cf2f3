"""One page tells of every process of a machine that lives, and of none that is dead."""

from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, Counter, Histogram

from src.bootstrap.process_figures import ProcessFigures

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
