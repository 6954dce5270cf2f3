"""A book is served with its own master key, or not at all."""

import asyncio
import secrets
from pathlib import Path

import pytest

from src.cli.doctor import examine
from src.events.book_key import master_keys_of
from src.events.key_ring import open_key_ring
from src.events.master_key import fingerprint, read_master_keys
from src.settings import Settings
from tests.cli.commands import khata
from tests.databases import connected

WRONG = "KHATA_MASTER_KEY_FILE: {} is not the key of this book; point it at the right file.\n"


@pytest.fixture
def environ(own_environ: dict[str, str]) -> dict[str, str]:
    """A book that has a secret, and so a key."""
    asyncio.run(keep_a_secret(Settings.from_environ(own_environ)))
    return own_environ


async def keep_a_secret(settings: Settings) -> None:
    keys = await master_keys_of(settings.app_url, settings.master_key_file, secrets.token_bytes)
    ring = await open_key_ring(settings.app_url, keys, secrets.token_bytes, lambda: 0.0)
    await ring.installation_secret("mailbox")
    await ring.close()


@pytest.mark.parametrize("command", ["up", "serve", "worker"])
@pytest.mark.parametrize("content", [None, b"k" * 32], ids=["missing", "foreign"])
def test_a_book_is_not_served_with_another_key(
    environ: dict[str, str], home: Path, command: str, content: bytes | None
) -> None:
    path = home / "typo.key"
    if content is not None:
        path.write_bytes(content)
    ran = khata(home, command, **environ | {"KHATA_MASTER_KEY_FILE": str(path)})
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == "khata: " + WRONG.format(path)
    assert path.exists() is (content is not None)


@pytest.mark.anyio
async def test_a_missing_key_is_made_only_while_the_book_keeps_no_secret(
    own_environ: dict[str, str],
) -> None:
    settings = Settings.from_environ(own_environ)
    assert not settings.master_key_file.exists()
    made = await master_keys_of(settings.app_url, settings.master_key_file, secrets.token_bytes)
    assert settings.master_key_file.read_bytes() == made.oldest


def test_the_doctor_tries_the_key_and_makes_none(
    environ: dict[str, str], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = home / "typo.key"
    assert examine(environ | {"KHATA_MASTER_KEY_FILE": str(path)}) == 1
    assert "WRONG " + WRONG.format(path) in capsys.readouterr().out
    assert not path.exists()


def test_the_master_key_is_rotated_from_the_command_line(
    environ: dict[str, str], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = home / "keys" / "master.key"
    (old,) = read_master_keys(path)
    ran = khata(home, "keys", "rotate", "--prepare", **environ)
    newest = fingerprint(read_master_keys(path)[0])
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.splitlines() == [
        f"{path} now holds the new master key {newest}, and the old one",
        "copy it to the other machines, then run khata keys rotate",
    ]
    ran = khata(home, "keys", "status", **environ)
    assert ran.stdout.splitlines() == [
        f"{newest}  0 keys",
        f"{fingerprint(old)}  2 keys, the old master key",
        "destroyed for ever: 0 keys",
        "a rotation is not finished: run khata keys rotate",
    ]
    examine(environ)
    assert f"{path}; a rotation is not finished: khata keys rotate" in capsys.readouterr().out
    ran = khata(home, "keys", "rotate", **environ)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.splitlines()[-1].startswith(f"everything is wrapped with {newest}; ")
    ran = khata(home, "keys", "status", **environ)
    assert ran.stdout.splitlines() == [f"{newest}  2 keys", "destroyed for ever: 0 keys"]


@pytest.mark.parametrize("content", [None, b"k" * 32], ids=["missing", "foreign"])
def test_a_rotation_refuses_the_file_of_another_book(
    environ: dict[str, str], home: Path, content: bytes | None
) -> None:
    path = home / "typo.key"
    if content is not None:
        path.write_bytes(content)
    ran = khata(home, "keys", "rotate", **environ | {"KHATA_MASTER_KEY_FILE": str(path)})
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == "khata: " + WRONG.format(path)
    assert content is None or path.read_bytes() == content


def test_what_cannot_be_wrapped_anew_is_counted_and_keeps_the_old_key(
    environ: dict[str, str], home: Path
) -> None:
    strange = "insert into keys.person_keys (book, key_id, wrapped) values (1, 'strange', 'x')"
    url = environ["DATABASE_URL"]
    asyncio.run(connected(url, lambda connection: connection.execute(strange)))
    ran = khata(home, "keys", "rotate", **environ)
    assert (ran.returncode, ran.stderr) == (1, "")
    assert "1 key could not be wrapped anew: strange\n" in ran.stdout
    assert len(read_master_keys(home / "keys" / "master.key")) == 2
