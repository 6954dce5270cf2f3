"""The outbox folder: readable, private, whole files; the newest is the last by name."""

import os
from email import message_from_bytes
from email.policy import SMTPUTF8
from pathlib import Path

import pytest

from src.http.mail.mailer import MailUnavailableError
from src.http.mail.outbox import OutboxFolder
from tests.mail.letters import EMAIL, envelope

pytestmark = pytest.mark.anyio


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


async def test_a_letter_is_a_file_that_its_owner_alone_reads_line_by_line(tmp_path: Path) -> None:
    folder = tmp_path / "home" / "outbox"
    await OutboxFolder(folder).hand_over(envelope())
    (file,) = files(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert file.stat().st_mode & 0o777 == 0o600
    lines = file.read_text().splitlines()
    assert f"To: {EMAIL}" in lines
    assert "  https://chai.example/shop/#claim?email=asha%40example.in&token=s3cr-et_" in lines
    assert message_from_bytes(file.read_bytes(), policy=SMTPUTF8)["To"] == EMAIL


async def test_the_same_letter_again_is_the_same_file(tmp_path: Path) -> None:
    outbox = OutboxFolder(tmp_path)
    for _ in range(2):
        await outbox.hand_over(envelope())
    await outbox.hand_over(envelope(2))
    assert len(files(tmp_path)) == 2


async def test_only_the_newest_letters_stay(tmp_path: Path) -> None:
    outbox = OutboxFolder(tmp_path, letters_max=3)
    for number in range(5):
        await outbox.hand_over(envelope(number))
    numbers = sorted(int(file.name.split("-")[-2], 16) for file in files(tmp_path))
    assert numbers == [2, 3, 4]


async def test_letters_to_a_mailbox_are_forgotten_and_nobody_elses(tmp_path: Path) -> None:
    outbox = OutboxFolder(tmp_path / "outbox")
    await outbox.forget(["a" * 40])
    await outbox.hand_over(envelope(1))
    await outbox.hand_over(envelope(2, mailbox="b" * 40))
    await outbox.forget(["a" * 40])
    (left,) = files(tmp_path / "outbox")
    assert left.name.endswith(f"{'b' * 16}.eml")


async def test_what_a_killed_writer_left_unfinished_is_written_anew(tmp_path: Path) -> None:
    outbox = OutboxFolder(tmp_path)
    await outbox.hand_over(envelope())
    (file,) = files(tmp_path)
    whole = file.read_bytes()
    file.unlink()
    (tmp_path / f".{file.name}.part").write_bytes(whole[:10])
    await outbox.hand_over(envelope())
    assert [each.read_bytes() for each in files(tmp_path)] == [whole]


async def test_a_folder_that_cannot_be_written_is_no_reason_to_lose_a_letter(
    tmp_path: Path,
) -> None:
    (tmp_path / "outbox").write_text("a file")
    with pytest.raises(MailUnavailableError) as said:
        await OutboxFolder(tmp_path / "outbox").hand_over(envelope())
    assert os.fspath(tmp_path) not in said.value.reason
