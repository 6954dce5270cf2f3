"""Keeping a session's document in Redis, from whatever process wrote to the session."""

from collections.abc import Callable
from datetime import datetime

import msgspec
from msgspec.structs import asdict

from src.commands.transact import Ledger
from src.commands.view import View
from src.events.checkout import NoCheckout
from src.events.identifiers import CHECKOUT, stream
from src.events.session_snapshots import SessionSnapshots
from src.http.documents.checkout import CheckoutDocument, shown


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

    async def keep(self, checkout_session_id: str, position: int) -> None:
        """Write a session down as this process knows it, which is no older than its own writes."""
        now = self._clock()

        def question(view: View) -> tuple[CheckoutDocument, int] | None:
            checkout = view.checkout(checkout_session_id)
            if isinstance(checkout, NoCheckout):
                return None
            version = view.version(stream(CHECKOUT, checkout_session_id))
            return shown(checkout, self._key_id, now), version

        found = await self._ledger.glance(question)
        if found is not None:
            await self._put(*found, position, now)

    async def restore(self, document: CheckoutDocument, version: int, position: int) -> None:
        """Write a session down if Redis has lost it."""
        if await self._snapshots.get(document.checkout_session_id) is None:
            await self._put(document, version, position, self._clock())

    async def _put(
        self, document: CheckoutDocument, version: int, position: int, now: datetime
    ) -> None:
        whole = {**asdict(document), "version": version, "position": position}
        await self._snapshots.put(
            document.checkout_session_id, msgspec.json.encode(whole), document.expires_at, now
        )
