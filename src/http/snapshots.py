"""Keeping a session's document in Redis, from whatever process wrote to the session."""

from collections.abc import Awaitable, Callable
from datetime import datetime

import msgspec
from msgspec.structs import asdict

from src.commands.transact import Ledger
from src.commands.view import View
from src.events.checkout import NoCheckout
from src.events.identifiers import CHECKOUT, stream
from src.events.session_snapshots import SessionSnapshots
from src.http.documents.checkout import CheckoutDocument, shown

KEPT_MAX = 1_000
"""Of so many sessions this process remembers which version it wrote down last."""


class SnapshotKeeper:
    """Writes documents; a Redis that is away costs speed, and nothing else."""

    def __init__(
        self,
        ledger: Ledger,
        snapshots: SessionSnapshots,
        key_id: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._ledger = ledger
        self._snapshots = snapshots
        self._key_id = key_id
        self._clock = clock
        self._kept: dict[str, int] = {}

    async def keep(self, checkout_session_id: str, position: int) -> None:
        """Write a session down as this process knows it, which is no older than its own writes.

        What this process has written down already is not written again: most
        deliveries bring nothing new. What Redis loses, the next look restores.
        """
        now = self._clock()

        def question(view: View) -> tuple[CheckoutDocument, int] | None:
            checkout = view.checkout(checkout_session_id)
            if isinstance(checkout, NoCheckout):
                return None
            version = view.version(stream(CHECKOUT, checkout_session_id))
            return shown(checkout, self._key_id, now), version

        found = await self._ledger.glance(question)
        if found is not None and self._kept.get(checkout_session_id) != found[1]:
            await self._put(*found, position, now)

    async def restore(
        self, document: CheckoutDocument, version: int, position: Callable[[], Awaitable[int]]
    ) -> None:
        """Write a session down if Redis has lost it; only then is the position asked for."""
        if await self._snapshots.get(document.checkout_session_id) is None:
            await self._put(document, version, await position(), self._clock())

    async def _put(
        self, document: CheckoutDocument, version: int, position: int, now: datetime
    ) -> None:
        whole = {**asdict(document), "version": version, "position": position}
        session = document.checkout_session_id
        if await self._snapshots.put(session, msgspec.json.encode(whole), document.expires_at, now):
            self._remember(session, version)

    def _remember(self, session: str, version: int) -> None:
        self._kept.pop(session, None)
        self._kept[session] = version
        if len(self._kept) > KEPT_MAX:
            del self._kept[next(iter(self._kept))]
