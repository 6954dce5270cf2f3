"""A sandbox with a shop behind its webhooks, fresh for every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox.receiver import Receiver, bound_socket, receiving
from tests.sandbox.shop import Shop, running_sandbox, settings_for


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving(bound_socket()) as receiver:
        yield receiver


@pytest.fixture
def shop(tmp_path: Path, receiver: Receiver) -> Iterator[Shop]:
    settings = settings_for(tmp_path / "sandbox.db", receiver.url, retry_scale=0.02)
    with running_sandbox(settings, receiver) as shop:
        yield shop
