"""The notary: follows the book, and signs it as long as it only grows.

It believes neither the leaves nor the chain that stand in the book, but makes
both anew from the rows, and goes on from what it has signed itself: a
checkpoint whose tree is found again. Whatever does not follow stops it for good,
is said once, aloud, and is never signed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from msgspec import Struct

from src.events import notary_rows
from src.events.chain_walk import ChainWalk
from src.events.checkpoint_folder import CheckpointFolder
from src.events.checkpoint_notes import Checkpoint, Signer
from src.events.connection import Connect, Connection
from src.events.findings import Finding, faults
from src.events.hashed_page import HashedPage, read_hashed
from src.events.lines import ConnectionLostError, Line
from src.events.merkle import Frontier, Kept
from src.events.notary_rows import Head
from src.events.ports import DatabaseUnavailableError
from src.events.signed_past import Refusal, last_signed, look_back, must, signed_tree
from src.telemetry import logger

PAGE_EVENTS = 2_048
SIGN_EVENTS_MAX = 65_536
"""A long way behind, it signs on the way: what has been checked is kept."""
PACE_SECONDS = 1.0
"""Rest after each round, so that a busy book has a checkpoint a second and not hundreds."""
SLOW_POLL_SECONDS = 0.5
"""How long a fact may wait when nobody tells us about it; with the pace, below two seconds."""
NOTARISING = 0x6B6E
"""Advisory lock, with the book: one notary signs and the others stand by."""

Wait = Callable[[float], Awaitable[object]]
log = logger("notary")


class FolderUnusableError(Exception):
    """The folder of checkpoints cannot be written; nothing is signed that it would not know."""


class Progress(Struct, kw_only=True):
    """How far the book has been gone through, and what of it is not kept yet."""

    signed: Checkpoint
    """What was signed last, perhaps further on than the book has been gone through this time."""
    chain: ChainWalk
    tree: Frontier
    time_us: int
    leaves: list[bytes]
    kept: list[Kept]


class Notary:
    """Signs one book."""

    def __init__(
        self, connect: Connect, folder: CheckpointFolder, signer: Signer, book: int = 1
    ) -> None:
        self._line = Line(connect, self._prepare)
        self._folder = folder
        self._signer = signer
        self._book = book
        self._leads = False
        self._progress: Progress | None = None
        self.stopped: Finding | None = None
        """What it would not sign."""

    async def follow(self, wake: Wait, pause: Wait = asyncio.sleep) -> None:
        """Stay at the head until cancelled; once stopped, sign nothing any more.

        `wake` returns when there is something new, or after the seconds given.
        """
        while True:
            try:
                await self.catch_up()
            except (ConnectionLostError, DatabaseUnavailableError, FolderUnusableError) as error:
                log.warning("the notary waits", error=type(error).__name__)
            await pause(PACE_SECONDS)
            await wake(SLOW_POLL_SECONDS)

    async def catch_up(self) -> None:
        """Sign what has been appended since the last checkpoint, if this notary leads."""
        if self.stopped is None:
            await self._line.run(self._catch_up)

    async def close(self) -> None:
        """Let go of the connection."""
        await self._line.close()

    async def _prepare(self, db: Connection) -> None:
        await db.execute("set jit = off; set enable_seqscan = off; set enable_bitmapscan = off")
        # Another may have led meanwhile: what was signed is looked up again.
        self._leads, self._progress = False, None

    async def _catch_up(self, db: Connection) -> None:
        self._leads = self._leads or await db.fetchval(
            "select pg_try_advisory_lock($1, $2)", NOTARISING, self._book
        )
        if self._leads:
            try:
                await self._sign_on(db)
            except Refusal as refusal:
                await self._stop(db, refusal.finding)

    async def _sign_on(self, db: Connection) -> None:
        # What fails halfway begins again from what was signed.
        progress, self._progress = self._progress or await self._resume(db), None
        head = await notary_rows.head(db, self._book)
        await look_back(db, self._book, progress.signed, head)
        while progress.tree.size < head.position:
            await self._read_on(db, progress, head)
            if len(progress.leaves) >= SIGN_EVENTS_MAX or progress.tree.size == head.position:
                await self._keep_leaves(progress)
                # Only where an append ends: the chain is signed as well.
                if progress.chain.last == progress.tree.size > progress.signed.size:
                    await self._sign(db, progress)
        self._progress = progress

    async def _resume(self, db: Connection) -> Progress:
        """Find what was signed last, in the database and outside, and go on from there."""
        signed = await last_signed(db, self._folder, self._signer.key, self._book)
        await look_back(db, self._book, signed, await notary_rows.head(db, self._book))
        if not signed.size or self._folder.leaf_count() < signed.size:
            # The folder is new here: the whole book is gone through once more, to fill it.
            walk, tree, time_us = ChainWalk(), Frontier(), 0
        else:
            walk = ChainWalk(signed.size, signed.chain)
            tree = await signed_tree(db, self._book, signed)
            last = await read_hashed(db, self._book, signed.size - 1, signed.size)
            time_us = last.times_us[0]
        return Progress(signed=signed, chain=walk, tree=tree, time_us=time_us, leaves=[], kept=[])

    async def _read_on(self, db: Connection, progress: Progress, head: Head) -> None:
        """Go through a page, and refuse what does not follow from the page before."""
        after, signed = progress.tree.size, progress.signed
        end = signed.size if after < signed.size else head.position
        to = min(after + PAGE_EVENTS, end)
        page = await read_hashed(db, self._book, after, to)
        _take(progress, page, to)
        if to == head.position:
            same = progress.chain.last == to and progress.chain.chain == head.chain
            must(same, to, "the head of the book is not where its appends end")
        if to == signed.size:
            here = (progress.tree.root, progress.chain.chain)
            must(here == (signed.root, signed.chain), to, "the book is not the one that was signed")
            await self._keep_leaves(progress)
            await self._outside(0, [], [(to, self._signer.sign(signed))])

    async def _keep_leaves(self, progress: Progress) -> None:
        """Let the folder remember leaves before anything is signed over them."""
        after = progress.tree.size - len(progress.leaves)
        # What is below a checkpoint was written in peace, and must be the same for ever.
        to = min(progress.tree.size, progress.signed.size)
        known = await asyncio.to_thread(self._folder.leaves, after, to)
        same = known == progress.leaves[: len(known)]
        must(same, to, "the folder remembers other leaves than the book has")
        await self._outside(after + len(known), progress.leaves[len(known) :], [])
        progress.leaves = []

    async def _sign(self, db: Connection, progress: Progress) -> None:
        """Leaves are outside already; then the checkpoint goes inside, and its note outside."""
        size = progress.tree.size
        signed = Checkpoint(size=size, root=progress.tree.root, chain=progress.chain.chain)
        note = self._signer.sign(signed)
        await notary_rows.keep(db, self._book, size, note, progress.kept)
        await self._outside(0, [], [(size, note)])
        progress.signed, progress.kept = signed, []

    async def _outside(
        self, after: int, leaves: Sequence[bytes], notes: Sequence[tuple[int, str]]
    ) -> None:
        try:
            await asyncio.to_thread(self._folder.keep, after, leaves, notes)
        except OSError as error:
            raise FolderUnusableError(error.strerror) from error

    async def _stop(self, db: Connection, found: Finding) -> None:
        self.stopped = found
        log.error(
            "the notary stops: the book was altered",
            book=self._book,
            kind=str(found.kind),
            position=found.position,
            last=found.last,
            reason=found.words,
        )
        await notary_rows.alarm(db, self._book, found.position, str(found))


def _take(progress: Progress, page: HashedPage, to: int) -> None:
    found = [*faults(page, progress.tree.size, to, progress.time_us)]
    found += progress.chain.take(page.computed, page.appends)
    if found:
        raise Refusal(found[0])
    kept = progress.tree.extend(page.computed)
    if to > progress.signed.size:
        progress.kept += kept
    progress.leaves += page.computed
    progress.time_us = page.times_us[-1]
