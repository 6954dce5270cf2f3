"""What a server writes in one turn of the loop reaches the kernel as one."""

import asyncio
from typing import cast

import pytest

from src.cli.one_write import OneWrite

pytestmark = pytest.mark.anyio


class Kernel(asyncio.Transport):
    """Notes what it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.asked.append(bytes(data))

    def get_write_buffer_size(self) -> int:
        return 0

    def close(self) -> None:
        self.asked.append(b"closed")

    def is_closing(self) -> bool:
        return b"closed" in self.asked


def gathering(kernel: Kernel) -> asyncio.Transport:
    return cast("asyncio.Transport", OneWrite(kernel, asyncio.get_running_loop()))


async def test_head_and_body_are_one_write() -> None:
    kernel = Kernel()
    transport = gathering(kernel)
    transport.write(b"head ")
    transport.write(b"body")
    await asyncio.sleep(0)
    assert kernel.asked == [b"head body"]


async def test_the_next_turn_is_another_write() -> None:
    kernel = Kernel()
    transport = gathering(kernel)
    transport.write(b"one")
    await asyncio.sleep(0)
    transport.write(b"two")
    await asyncio.sleep(0)
    assert kernel.asked == [b"one", b"two"]


async def test_nothing_that_was_written_is_lost_by_closing() -> None:
    kernel = Kernel()
    transport = gathering(kernel)
    transport.write(b"the last words")
    transport.close()
    assert kernel.asked == [b"the last words", b"closed"]
    assert transport.is_closing()
