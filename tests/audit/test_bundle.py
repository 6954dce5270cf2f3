"""What an auditor takes home proves itself, and nothing in it can be changed."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from src.queries import verify_bundle
from src.queries.bundle import NothingToBundleError, bundle, bundle_of_range
from src.queries.proofs import BookAlteredError
from src.queries.verify_bundle import RefusedError, verify
from tests.audit.conftest import Scene

pytestmark = pytest.mark.anyio

SCRIPT = Path(verify_bundle.__file__).read_bytes()
SCRIPT_LINES_MAX = 300


async def taken_home(scene: Scene, positions: Sequence[int]) -> bytes:
    return await bundle(scene.db, 1, scene.key, positions)


def changed(raw: bytes, **fields: object) -> bytes:
    content = json.loads(raw) | fields
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode() + b"\n"


@pytest.fixture
async def signed(scene: Scene) -> Scene:
    await scene.append(100)
    await scene.sign()
    return scene


@pytest.mark.parametrize(
    "positions", [[1], [300], [7, 8, 9], [1, 150, 256, 257, 300], range(1, 301)], ids=str
)
async def test_what_is_taken_home_is_proven(signed: Scene, positions: Sequence[int]) -> None:
    proven = verify(await taken_home(signed, positions), str(signed.key))
    assert [event["position"] for event in proven.events] == list(positions)
    stored = await signed.book.read_page(0, 300)
    payloads = [bytes(stored[position - 1].payload).decode() for position in positions]
    assert [event["payload"] for event in proven.events] == payloads


async def test_no_byte_of_a_bundle_can_be_changed(signed: Scene) -> None:
    raw = await taken_home(signed, [150])
    for place, byte in enumerate(raw):
        bits = {byte ^ 1 << bit for bit in range(8)}
        for other in bits | {ord("0"), ord(" ")} - {byte}:
            with pytest.raises(RefusedError):
                verify(raw[:place] + bytes([other]) + raw[place + 1 :])
        with pytest.raises(RefusedError):
            verify(raw[:place] + raw[place + 1 :])
        with pytest.raises(RefusedError):
            verify(raw[:place] + b" " + raw[place:])


async def test_no_bundle_can_be_cut_off_or_added_to(signed: Scene) -> None:
    raw = await taken_home(signed, [150, 151])
    for length in range(len(raw)):
        with pytest.raises(RefusedError):
            verify(raw[:length])
    for place in range(256):
        with pytest.raises(RefusedError):
            verify(raw + bytes([place]))
    with pytest.raises(RefusedError):
        verify(raw + raw)


async def test_the_same_key_in_another_name_is_refused(signed: Scene) -> None:
    raw = await taken_home(signed, [5])
    with pytest.raises(RefusedError):
        verify(raw, str(signed.key).replace("khata/", "khatb/"))


BAD_FIELDS: list[dict[str, Any]] = [
    {"events": []},
    {"proof": []},
    {"book": 2},
    {"book": "1"},
    {"format": "khata-bundle-2"},
    {"extra": 1},
    {"events": None},
    {"checkpoint": None},
    {"key": ""},
]


@pytest.mark.parametrize("fields", BAD_FIELDS, ids=str)
async def test_a_bundle_with_another_field_is_refused(signed: Scene, fields: Any) -> None:  # noqa: ANN401 - any field
    raw = await taken_home(signed, [5])
    with pytest.raises(RefusedError):
        verify(changed(raw, **fields))


async def test_proofs_and_events_are_neither_left_out_nor_doubled(signed: Scene) -> None:
    raw = await taken_home(signed, [5, 6])
    content = json.loads(raw)
    events, proof = content["events"], content["proof"]
    for fields in (
        {"events": events[:1]},
        {"events": events[::-1]},
        {"events": [events[0], *events]},
        {"proof": [*proof, proof[0]]},
        {"proof": proof[::-1]},
    ):
        with pytest.raises(RefusedError):
            verify(changed(raw, **fields))


@pytest.mark.parametrize("raw", [b"", b"[]\n", b"{}\n", b"null\n", b"[" * 100_000, b"\xff"])
def test_what_is_no_bundle_is_refused(raw: bytes) -> None:
    with pytest.raises(RefusedError):
        verify(raw)


async def test_the_script_runs_alone(signed: Scene, tmp_path: Path) -> None:
    (tmp_path / "bundle.json").write_bytes(await taken_home(signed, [4, 5]))
    (tmp_path / "key").write_text(f"{signed.key}\n")
    script = tmp_path / "check.py"
    script.write_bytes(SCRIPT)

    def run(
        *arguments: str, interpreter: tuple[str, ...] = ("-I",)
    ) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, *interpreter, str(script), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)

    whole = run("bundle.json", "--key", "key")
    assert (whole.returncode, whole.stderr) == (0, "")
    assert "proven: 2 events, under the checkpoint of size 300" in whole.stdout
    assert "beforehand" in run("bundle.json").stdout
    (tmp_path / "bundle.json").write_bytes(b"{}")
    refused = run("bundle.json")
    assert refused.returncode == 1
    assert refused.stderr.startswith("refused: ")
    nothing = run("nothing.json")
    said = "Nothing was checked: nothing.json: No such file or directory.\n"
    assert (nothing.returncode, nothing.stderr) == (2, said)
    bare = run("bundle.json", interpreter=("-I", "-S"))
    assert (bare.returncode, bare.stdout) == (2, "")
    assert bare.stderr.startswith("Nothing was checked: the Python package cryptography")


def test_the_script_is_short_enough_to_be_read() -> None:
    assert SCRIPT.count(b"\n") < SCRIPT_LINES_MAX


async def test_what_is_not_signed_or_not_there_is_not_bundled(signed: Scene) -> None:
    await signed.append(1, 100)
    for first, last in ((301, 301), (0, 4), (5, 4), (1, 200_000)):
        with pytest.raises(NothingToBundleError):
            await bundle_of_range(signed.db, 1, signed.key, first, last)


async def test_what_was_altered_is_not_bundled(signed: Scene) -> None:
    await signed.tamper("update khata.events set actor = 'nobody' where position = 5")
    with pytest.raises(BookAlteredError):
        await taken_home(signed, [5])
