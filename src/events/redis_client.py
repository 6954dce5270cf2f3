"""What Khata asks of redis-py, with the types that it has when nothing is decoded for us."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any, Protocol

Bytes = bytes | str
Entries = Sequence[tuple[bytes, Mapping[bytes, bytes]]]


class Redis(Protocol):
    """Commands on one key each, and a pipeline of such."""

    async def ping(self) -> bool: ...
    async def get(self, name: str) -> bytes | None: ...
    async def set(
        self, name: str, value: Bytes, *, nx: bool = False, px: int | None = None
    ) -> bool | None: ...
    async def eval(self, script: str, numkeys: int, *keys_and_args: Bytes | int) -> Any: ...  # noqa: ANN401  # a script answers what it likes
    async def xrange(self, name: str, *, min: str) -> Entries: ...  # noqa: A002  # redis-py's own name
    async def publish(self, channel: str, message: str) -> int: ...
    def pipeline(self, *, transaction: bool) -> AbstractAsyncContextManager["Pipeline"]: ...


class Pipeline(Protocol):
    """Commands sent together; they are not a transaction."""

    def xadd(
        self,
        name: str,
        fields: Mapping[str, Bytes | int],
        *,
        id: str,  # noqa: A002  # redis-py's own name
        maxlen: int,
    ) -> object: ...
    def expireat(
        self, name: str, when: datetime, *, nx: bool = False, gt: bool = False
    ) -> object: ...
    def publish(self, channel: str, message: str) -> object: ...
    async def execute(self, *, raise_on_error: bool) -> list[Any]: ...


class Listener(Protocol):
    """A connection that hears channels."""

    async def subscribe(self, *channels: str) -> None: ...
    async def get_message(self, *, timeout: float) -> dict[str, Any] | None: ...  # noqa: ASYNC109  # redis-py's own
    async def ping(self) -> object: ...
    async def aclose(self) -> None: ...
