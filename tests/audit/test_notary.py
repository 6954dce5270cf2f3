"""The notary signs what grows, and stops at what does not."""

import asyncio
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]  # ships no types
import pytest

from src.events import notary_rows
from src.events.checkpoint_folder import CheckpointFolder
from src.events.checkpoint_notes import Checkpoint
from src.events.findings import Kind
from src.events.hashed_page import read_hashed
from src.events.leaf import leaf
from src.events.merkle import Frontier
from src.events.notary import FolderUnusableError
from src.events.notary_rows import health
from tests.audit.conftest import Scene
from tests.databases import connected

pytestmark = pytest.mark.anyio


async def newest(scene: Scene) -> Checkpoint:
    note = await notary_rows.newest_note(scene.db, 1)
    assert note is not None
    return scene.key.read(note)


async def tree_of(scene: Scene, size: int) -> Frontier:
    tree = Frontier()
    tree.extend([leaf(1, event) for event in await scene.book.read_page(0, size)])
    return tree


async def test_the_two_ways_to_hash_a_row_agree(scene: Scene) -> None:
    await scene.append(20)
    page = await read_hashed(scene.db, 1, 0, 60)
    stored = await scene.book.read_page(0, 60)
    assert list(page.computed) == [leaf(1, event) for event in stored] == list(page.kept)
    assert [append.last for append in page.appends] == list(range(3, 61, 3))


async def test_a_page_that_begins_inside_an_append_still_finds_it(scene: Scene) -> None:
    await scene.append(5)
    page = await read_hashed(scene.db, 1, 4, 11)
    assert [append[:2] for append in page.appends] == [(4, 6), (7, 9)]


async def test_an_empty_book_is_not_signed(scene: Scene) -> None:
    await scene.sign()
    assert scene.folder.latest() is None
    assert (await health(scene.db, 1)).size == 0


async def test_it_signs_the_tree_of_the_book_inside_and_outside(scene: Scene) -> None:
    notary = scene.notary()
    for begin in (0, 100, 101):
        await scene.append(100 if begin == 0 else 1, begin)
        await notary.catch_up()
    await notary.close()
    tree = await tree_of(scene, 306)
    signed = await newest(scene)
    assert (signed.size, signed.root) == (306, tree.root)
    assert scene.folder.latest() == await notary_rows.newest_note(scene.db, 1)
    assert [scene.key.read(note).size for note in scene.folder.notes()] == [300, 303, 306]
    assert scene.folder.leaf_count() == 306
    stored = await scene.book.read_page(0, 306)
    assert scene.folder.leaves(0, 400) == [leaf(1, event) for event in stored]
    told = await health(scene.db, 1)
    assert (told.head, told.size, told.reason) == (306, 306, None)


async def test_it_goes_on_after_a_restart_from_what_it_signed(scene: Scene) -> None:
    for begin in range(0, 300, 60):
        await scene.append(60, begin)
        await scene.sign()
    assert (await newest(scene)).root == (await tree_of(scene, 900)).root
    kept = await scene.db.fetch("select level, place from khata.tree_nodes order by 1, 2")
    assert [tuple(row) for row in kept] == [(1, 0), (1, 1), (1, 2)]


async def test_a_new_folder_is_filled_from_the_book(scene: Scene) -> None:
    await scene.append(100)
    await scene.sign()
    old = scene.folder
    fresh = scene.__class__(
        database=scene.database,
        book=scene.book,
        db=scene.db,
        folder=CheckpointFolder(old._folder.parent / "fresh"),  # noqa: SLF001 - beside the old one
        signer=scene.signer,
    )
    await fresh.append(1, 100)
    await fresh.sign()
    assert fresh.folder.leaves(0, 303) == [*old.leaves(0, 300), *fresh.folder.leaves(300, 303)]
    assert fresh.folder.leaf_count() == 303
    assert [fresh.key.read(note).size for note in fresh.folder.notes()] == [300, 303]


async def test_a_note_that_a_crash_kept_from_the_folder_is_written_later(scene: Scene) -> None:
    await scene.append(1)
    await scene.sign()
    first = scene.folder.latest()
    assert first is not None
    await scene.append(1, 1)
    await scene.sign()
    scene.folder.keep(0, [], [(3, first)])
    await scene.append(1, 2)
    await scene.sign()
    assert scene.folder.latest() == await notary_rows.newest_note(scene.db, 1)


async def test_a_torn_note_does_not_spoil_the_next(scene: Scene) -> None:
    await scene.append(1)
    await scene.sign()
    (path,) = (scene.folder._folder / "notes").iterdir()  # noqa: SLF001 - what a crash would tear
    path.write_bytes(path.read_bytes() + b"khata/torn\n12\nabc")
    await scene.append(1, 1)
    await scene.sign()
    assert [scene.key.read(note).size for note in scene.folder.notes()] == [3, 6]


async def test_one_notary_signs_and_the_other_stands_by(scene: Scene) -> None:
    one, other = scene.notary(), scene.notary()
    await scene.append(1)
    await asyncio.gather(one.catch_up(), other.catch_up())
    await scene.append(1, 1)
    await asyncio.gather(one.catch_up(), other.catch_up())
    assert [scene.key.read(note).size for note in scene.folder.notes()] == [3, 6]
    await one.close()
    await scene.append(1, 2)
    await asyncio.gather(one.catch_up(), other.catch_up())
    assert (await newest(scene)).size == 9
    await other.close()
    await one.close()


class Enough(Exception):
    """The notary has followed for long enough."""


async def test_it_follows_within_two_seconds_even_if_nobody_calls(scene: Scene) -> None:
    notary, waited = scene.notary(), list[float]()

    async def pause(seconds: float) -> None:
        waited.append(seconds)

    async def wake(seconds: float) -> None:
        waited.append(seconds)
        if scene.folder.latest() is not None:
            raise Enough
        await scene.append(1)

    with pytest.raises(Enough):
        await notary.follow(wake, pause)
    assert len(waited) == 4
    assert sum(waited[:2]) < 2.0
    await notary.close()


async def test_nothing_is_signed_that_the_folder_would_not_know(
    scene: Scene, tmp_path: Path
) -> None:
    await scene.append(1)
    (tmp_path / "checkpoints").write_text("a file where the folder should be")
    notary = scene.notary()
    with pytest.raises(FolderUnusableError):
        await notary.catch_up()
    assert await notary_rows.newest_note(scene.db, 1) is None
    (tmp_path / "checkpoints").unlink()
    await notary.catch_up()
    assert (await newest(scene)).size == 3
    await notary.close()


async def test_it_writes_over_no_leaf_that_the_folder_remembers(
    scene: Scene, tmp_path: Path
) -> None:
    await scene.append(10)
    await scene.sign()
    (leaves,) = (tmp_path / "checkpoints" / "1" / "leaves").iterdir()
    first, *others = leaves.read_bytes()[:100]
    remembered = bytes([first ^ 1, *others])
    leaves.write_bytes(remembered)
    notary = scene.notary()
    await notary.catch_up()
    await notary.close()
    assert notary.stopped is not None
    assert notary.stopped.kind is Kind.CHECKPOINT
    assert leaves.read_bytes() == remembered


@pytest.mark.parametrize(
    "statement",
    [
        "insert into khata.checkpoints (book, size, note) values (1, 3, 'x')",
        "update khata.checkpoints set note = 'x'",
        "delete from khata.checkpoints",
        "truncate khata.tree_nodes",
        "select notary.keep(1, 3, 'x', '{}', '{}', '{}')",
        "select notary.keep(1, 99, 'x', '{}', '{}', '{}')",
    ],
)
async def test_checkpoints_are_only_ever_added(scene: Scene, statement: str) -> None:
    await scene.append(2)
    await scene.sign()
    refusals = (asyncpg.InsufficientPrivilegeError, asyncpg.InvalidParameterValueError)
    with pytest.raises(refusals):
        await scene.db.execute(statement)


async def test_not_even_the_owner_takes_a_checkpoint_back(scene: Scene) -> None:
    await scene.append(1)
    await scene.sign()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connected(
            scene.database.owner_url, lambda owner: owner.execute("delete from khata.checkpoints")
        )


async def test_who_may_not_append_may_not_notarise(scene: Scene) -> None:
    async def as_stranger(db: object) -> None:
        await db.execute("set session authorization khata_stranger")  # type: ignore[attr-defined]  # a connection
        await db.execute("select notary.alarm(1, 1, 'x')")  # type: ignore[attr-defined]  # a connection

    await connected(
        scene.database.superuser_url, lambda db: db.execute("create role khata_stranger")
    )
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connected(scene.database.superuser_url, as_stranger)
    await connected(scene.database.superuser_url, lambda db: db.execute("drop role khata_stranger"))


AFTER_SIGNING = {
    "changed byte": (
        "update khata.events set payload = '{}' where position = 8",
        (Kind.CHANGED, 8),
    ),
    "changed actor and leaf": (
        "update khata.events set actor = 'nobody', leaf = sha256('x') where position = 8",
        (Kind.CHANGED, 8),
    ),
    "deleted": ("delete from khata.events where position = 8", (Kind.MISSING, 8)),
    "deleted signed end": (
        """with gone as (delete from khata.events where position > 4),
        gone_too as (delete from khata.appends where last_position > 4)
        update khata.books set position = 4""",
        (Kind.TRUNCATED, 5),
    ),
    "root": ("update khata.appends set root = sha256('x') where first_position = 7", None),
    "chain": ("update khata.appends set chain = sha256('x') where first_position = 10", None),
    "signed chain": ("update khata.appends set chain = sha256('x') where last_position = 6", None),
    "head": ("update khata.books set chain = sha256('x')", (Kind.CHECKPOINT, 12)),
    "time": (
        "update khata.events set recorded_at = recorded_at - interval '1 day' where position = 9",
        (Kind.CHANGED, 9),
    ),
    "lost checkpoint": ("delete from khata.checkpoints", (Kind.CHECKPOINT, 6)),
    "forged checkpoint": (
        "update khata.checkpoints set note = replace(note, '6', '3')",
        (Kind.CHECKPOINT, 1),
    ),
    "signed leaf": (
        "update khata.events set leaf = sha256('x') where position = 2",
        (Kind.CHECKPOINT, 6),
    ),
}


@pytest.mark.parametrize("name", AFTER_SIGNING)
async def test_it_refuses_to_sign_after_tampering_and_says_so(scene: Scene, name: str) -> None:
    statement, expected = AFTER_SIGNING[name]
    await scene.append(2)
    await scene.sign()
    await scene.append(2, 2)
    await scene.tamper(statement)
    notary = scene.notary()
    await notary.catch_up()
    await scene.append(0)
    await notary.catch_up()
    await notary.close()
    assert notary.stopped is not None
    if expected is not None:
        assert (notary.stopped.kind, notary.stopped.position) == expected
    outside = scene.folder.latest()
    assert outside is not None
    assert scene.key.read(outside).size == 6
    told = await health(scene.db, 1)
    assert told.reason == str(notary.stopped)
    assert told.stopped_at == notary.stopped.position
