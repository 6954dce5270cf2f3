"""Notes are read as their format says, and only as our own key signed them."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from src.events.checkpoint_notes import BadNoteError, Checkpoint, NoteKey, Signer
from src.events.notary_key import UnusableNotaryKeyError, load_note_key, load_signer

CHECKPOINT = Checkpoint(size=12, root=b"r" * 32, chain=b"c" * 32)


@pytest.fixture
def signer() -> Signer:
    return Signer("khata/here/1", Ed25519PrivateKey.from_private_bytes(b"k" * 32))


def test_a_note_is_written_as_the_format_says(signer: Signer) -> None:
    lines = signer.sign(CHECKPOINT).split("\n")
    assert lines[:5] == [
        "khata/here/1",
        "12",
        "cnJycnJycnJycnJycnJycnJycnJycnJycnJycnJycnI=",
        "Y2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2M=",
        "",
    ]
    assert lines[5].startswith("— khata/here/1 ")
    assert lines[6:] == [""]


def test_the_key_id_is_the_one_of_the_format() -> None:
    # C2SP/C2SP@2793893 tlog-checkpoint.md and signed-note.md: the key of Go's checksum database.
    known = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
    assert str(NoteKey.parse(known)) == known


def test_a_note_is_read_back(signer: Signer) -> None:
    assert signer.key.read(signer.sign(CHECKPOINT)) == CHECKPOINT
    assert NoteKey.parse(str(signer.key)) == signer.key


def test_no_byte_of_a_note_can_be_changed(signer: Signer) -> None:
    note = signer.sign(CHECKPOINT)
    for place, letter in enumerate(note):
        for other in {chr(ord(letter) ^ 1), "\n", " ", "+", "A", "="} - {letter}:
            with pytest.raises(BadNoteError):
                signer.key.read(note[:place] + other + note[place + 1 :])
    for altered in (note[:-1], note + "\n", note + note, "", note * 9):
        with pytest.raises(BadNoteError):
            signer.key.read(altered)


@pytest.mark.parametrize("name", ["khata/here/2", "khata/here/1"])
def test_another_key_or_name_signs_nothing_for_us(signer: Signer, name: str) -> None:
    other = Signer(name, Ed25519PrivateKey.from_private_bytes(b"o" * 32))
    with pytest.raises(BadNoteError):
        signer.key.read(other.sign(CHECKPOINT))


@pytest.mark.parametrize("text", ["", "a+b", "a+00000000+AAAA", "a+zz+%%%"])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(BadNoteError):
        NoteKey.parse(text)


def test_the_key_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    first, again = load_signer(tmp_path / "notary"), load_signer(tmp_path / "notary")
    assert first.key == again.key == load_note_key(tmp_path / "notary")
    assert (tmp_path / "notary" / "notary.pem").stat().st_mode & 0o777 == 0o600
    assert load_signer(tmp_path / "notary", 2).key.name != first.key.name
    assert not list((tmp_path / "notary").glob(".*"))


def test_what_is_no_private_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notary.pem").write_text("nothing")
    with pytest.raises(UnusableNotaryKeyError):
        load_signer(tmp_path)
