"""Whatever a superuser does to the book, the audit names the place; and says nothing else."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from src.events.checkpoint_folder import CheckpointFolder
from src.events.findings import Kind
from src.events.identifiers import Stream
from src.events.leaf import EMPTY_CHAIN, chain, leaf, root
from src.queries.audit_pool import open_audit_pool
from src.queries.audit_walk import Audited
from src.queries.checkpoint_check import CheckpointCheck, newest_outside
from src.queries.read_pool import ReadPool
from src.queries.stream_verification import verify_stream
from src.queries.verification import NoSuchCheckpointError, Report, verify
from tests.audit.conftest import Scene

pytestmark = pytest.mark.anyio

APPENDS = 100
EVENTS = 3 * APPENDS
Found = list[tuple[Kind, int, int]]


@pytest.fixture
async def pool(scene: Scene) -> AsyncIterator[ReadPool]:
    opened = await open_audit_pool(scene.database.app_url)
    yield opened
    await opened.close()


@pytest.fixture
async def signed(scene: Scene) -> Scene:
    """A book of 300 events under checkpoints of 150, 270 and 300."""
    for begin, appends in ((0, 50), (50, 40), (90, 10)):
        await scene.append(appends, begin)
        await scene.sign()
    return scene


def audited(scene: Scene, pool: ReadPool, folder: CheckpointFolder | None = None) -> Audited:
    return Audited(db=pool, key=scene.key, folder=folder)


def places(report: Report) -> Found:
    return [(each.kind, each.position, each.last) for each in report.findings]


async def test_a_book_that_nobody_touched_is_whole(signed: Scene, pool: ReadPool) -> None:
    told: list[tuple[int, int]] = []
    report = await verify(
        audited(signed, pool, signed.folder), progress=lambda *at: told.append(at)
    )
    assert report.is_whole
    assert (report.head, report.checkpoints, report.signed) == (EVENTS, 3, EVENTS)
    assert told == [(EVENTS, EVENTS)]


async def test_an_empty_book_is_whole(scene: Scene, pool: ReadPool) -> None:
    assert (await verify(audited(scene, pool, scene.folder))).is_whole


async def test_what_nobody_signed_yet_is_said(signed: Scene, pool: ReadPool) -> None:
    await signed.append(5, APPENDS)
    report = await verify(audited(signed, pool))
    assert report.is_whole
    assert (report.head, report.signed) == (EVENTS + 15, EVENTS)


async def test_a_book_of_several_pages_is_gone_through(scene: Scene, pool: ReadPool) -> None:
    await scene.append(1_500)
    await scene.sign()
    told: list[int] = []
    report = await verify(
        audited(scene, pool, scene.folder), progress=lambda done, _: told.append(done)
    )
    assert report.is_whole
    assert told == [2_048, 4_096, 4_500]


async def test_it_begins_at_a_checkpoint(signed: Scene, pool: ReadPool) -> None:
    report = await verify(audited(signed, pool, signed.folder), after=150)
    assert report.is_whole
    assert (report.after, report.checkpoints) == (150, 2)
    with pytest.raises(NoSuchCheckpointError):
        await verify(audited(signed, pool, signed.folder), after=151)
    await signed.tamper("update khata.events set leaf = sha256('x') where position = 9")
    with pytest.raises(NoSuchCheckpointError):
        await verify(audited(signed, pool, signed.folder), after=150)


COLUMNS = {
    "stream": "'own-999'",
    "version": "version + 1000",
    "type": "'another-thing'",
    "schema_version": "schema_version + 1",
    "event_id": "gen_random_uuid()",
    "recorded_at": "recorded_at + interval '1 microsecond'",
    "command_id": "gen_random_uuid()",
    "correlation_id": "gen_random_uuid()",
    "causation_id": "gen_random_uuid()",
    "actor": "actor || ' '",
    "payload": "(payload::text || ' ')::json",
    "leaf": "sha256(leaf)",
}
OUT = "delete from khata.events where position = 128"
DOWN = "update khata.events set position = position - 1 where position > 128"
# A row moves through a place where nobody is: positions are unique at every moment.
UP = (
    "update khata.events set position = position + 1000000 where position >= 128",
    "update khata.events set position = position - 999999 where position >= 1000000",
)
PUT_IN = """insert into khata.events select book, 128, 'forged-1', 1, type, schema_version,
    gen_random_uuid(), recorded_at, command_id, correlation_id, causation_id, actor, payload, leaf
    from khata.events where position = 127"""
CUT = (
    "delete from khata.events where position > 279",
    "delete from khata.appends where last_position > 279",
)
HEAD = """update khata.books set (position, recorded_at, chain) =
    (select last_position, recorded_at, chain from khata.appends
     order by last_position desc limit 1)"""


def change(position: int, column: str, value: object) -> str:
    return f"update khata.events set {column} = {value} where position = {position}"  # noqa: S608 - our own names


def swap(one: int, other: int) -> tuple[str, ...]:
    moves = ((one, 999), (other, one), (999, other))
    return tuple(change(at, "position", to) for at, to in moves)


DEEDS: dict[str, tuple[Sequence[str], Found]] = {
    **{
        f"changed {column}": (
            [change(128, column, value)],
            [(Kind.CHANGED, 128, 128)],
        )
        for column, value in COLUMNS.items()
    },
    "changed the first": (
        ["update khata.events set payload = '1' where position = 1"],
        [(Kind.CHANGED, 1, 1)],
    ),
    "changed two": (
        ["update khata.events set payload = '1' where position in (7, 300)"],
        [(Kind.CHANGED, 7, 7), (Kind.CHANGED, 300, 300)],
    ),
    "deleted": ([OUT], [(Kind.MISSING, 128, 128)]),
    "deleted several": (
        ["delete from khata.events where position between 100 and 110 or position = 200"],
        [(Kind.MISSING, 100, 110), (Kind.MISSING, 200, 200)],
    ),
    "deleted and closed the gap": ([OUT, DOWN], [(Kind.MISSING, 128, 128)]),
    "deleted the end": (CUT[:1], [(Kind.MISSING, 280, 300)]),
    "truncated": ([*CUT, HEAD], [(Kind.TRUNCATED, 280, 300)]),
    "inserted": ([*UP, PUT_IN], [(Kind.INSERTED, 128, 128)]),
    "inserted at the end": (
        [PUT_IN.replace("128", "301")],
        [(Kind.INSERTED, 301, 301)],
    ),
    "swapped": (swap(128, 200), [(Kind.SWAPPED, 128, 200)]),
    "swapped neighbours": (swap(128, 129), [(Kind.SWAPPED, 128, 129)]),
    "swapped the last two": (swap(299, 300), [(Kind.SWAPPED, 299, 300)]),
    "root": (
        ["update khata.appends set root = sha256('x') where first_position = 130"],
        [(Kind.APPEND, 130, 132)],
    ),
    "head": (
        ["update khata.books set chain = sha256('x')"],
        [(Kind.APPEND, 300, 300)],
    ),
    "append": (
        ["delete from khata.appends where first_position = 130"],
        [(Kind.APPEND, 130, 135)],
    ),
    "subtree": (
        ["update khata.tree_nodes set hash = sha256('x')"],
        [(Kind.SUBTREE, 1, 256)],
    ),
    "forged checkpoint": (
        ["update khata.checkpoints set note = replace(note, '270', '271') where size = 270"],
        [(Kind.CHECKPOINT, 270, 270)],
    ),
}


@pytest.mark.parametrize("name", DEEDS)
@pytest.mark.parametrize("has_folder", [True, False], ids=["folder", "no folder"])
async def test_the_place_is_named(
    signed: Scene, pool: ReadPool, name: str, *, has_folder: bool
) -> None:
    statements, expected = DEEDS[name]
    await signed.tamper(*statements)
    report = await verify(audited(signed, pool, signed.folder if has_folder else None))
    assert places(report) == [*expected]


async def forge(scene: Scene, position: int) -> None:
    """Change an event as somebody would who knows how leaves and chains are made."""
    await scene.tamper(change(position, "actor", "'nobody'"))
    leaves = [leaf(1, event) for event in await scene.book.read_page(0, EVENTS)]
    statements = [change(position, "leaf", f"'\\x{leaves[position - 1].hex()}'")]
    before = EMPTY_CHAIN
    for first in range(1, EVENTS + 1, 3):
        made = root(leaves[first - 1 : first + 2])
        before = chain(before, made, first, first + 2)
        statements.append(
            f"update khata.appends set root = '\\x{made.hex()}', chain = '\\x{before.hex()}'"  # noqa: S608 - our own numbers
            f" where first_position = {first}"
        )
    await scene.tamper(*statements, HEAD)


async def test_who_makes_every_hash_anew_is_found_by_what_is_outside(
    signed: Scene, pool: ReadPool
) -> None:
    await forge(signed, 200)
    report = await verify(audited(signed, pool, signed.folder))
    assert (Kind.CHANGED, 200, 200) in places(report)
    assert {each.kind for each in report.findings} <= {Kind.CHANGED, Kind.APPEND}


async def test_without_a_folder_the_signature_still_tells_between_which_checkpoints(
    signed: Scene, pool: ReadPool
) -> None:
    await forge(signed, 200)
    report = await verify(audited(signed, pool))
    assert places(report) == [(Kind.CHECKPOINT, 151, 270)]


async def test_the_notary_does_not_sign_a_book_made_anew(signed: Scene) -> None:
    await forge(signed, 200)
    notary = signed.notary()
    await notary.catch_up()
    await notary.close()
    assert notary.stopped is not None


async def test_a_lost_checkpoint_is_missed(signed: Scene, pool: ReadPool) -> None:
    await signed.tamper("delete from khata.checkpoints where size = 270")
    report = await verify(audited(signed, pool, signed.folder))
    assert places(report) == [(Kind.CHECKPOINT, 270, 270)]


async def test_a_folder_that_was_altered_accuses_nobody(signed: Scene, pool: ReadPool) -> None:
    signed.folder.keep(127, [b"x" * 32], [])
    report = await verify(audited(signed, pool, signed.folder))
    assert places(report) == [(Kind.FOLDER, 1, 300)]


async def test_too_many_findings_end_the_audit(scene: Scene, pool: ReadPool) -> None:
    await scene.append(1_500)
    await scene.tamper("update khata.events set actor = 'nobody'")
    report = await verify(audited(scene, pool))
    assert not report.is_complete
    assert not report.is_whole


async def test_a_stream_is_verified_alone(signed: Scene, pool: ReadPool) -> None:
    await signed.append(1, APPENDS)
    report = await verify_stream(pool, signed.key, Stream("shared-1"))
    assert (report.events, report.signed, report.findings) == (APPENDS + 1, APPENDS, [])


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("update khata.events set actor = 'x' where position = 153", [(Kind.CHANGED, 153)]),
        # Without its leaf nothing around it can be proven either.
        (
            "delete from khata.events where position = 153",
            [(Kind.SUBTREE, 1), (Kind.VERSION, 156)],
        ),
        (
            "update khata.events set version = 999 where position = 153",
            [(Kind.CHANGED, 153), (Kind.VERSION, 156)],
        ),
        ("update khata.events set leaf = sha256('x') where position = 1", [(Kind.CHANGED, 3)]),
    ],
)
async def test_a_streams_place_is_named(
    signed: Scene, pool: ReadPool, statement: str, expected: list[tuple[Kind, int]]
) -> None:
    await signed.tamper(statement)
    report = await verify_stream(pool, signed.key, Stream("shared-1"))
    found = [(each.kind, each.position) for each in report.findings]
    assert found[: len(expected)] == expected


async def test_a_checkpoint_signed_meanwhile_is_not_called_lost(
    signed: Scene, pool: ReadPool
) -> None:
    await signed.append(5, APPENDS)
    book = audited(signed, pool, signed.folder)
    outside = newest_outside(signed.folder, signed.key)
    assert outside is not None
    await signed.sign()
    check = CheckpointCheck(signed.key, book.folder, 0, outside.size)
    assert [size for size, _ in check.due(EVENTS + 15, [])] == [150, 270, EVENTS]


@pytest.mark.parametrize("deed", ["garbage", "gone"])
async def test_a_folder_without_its_newest_note_is_said(
    signed: Scene, pool: ReadPool, tmp_path: Path, deed: str
) -> None:
    latest = tmp_path / "checkpoints" / "1" / "latest.note"
    latest.unlink()
    if deed == "garbage":
        latest.write_bytes(b"\xff\xfe")
    report = await verify(audited(signed, pool, signed.folder))
    assert places(report) == [(Kind.FOLDER, 1, 1)]
