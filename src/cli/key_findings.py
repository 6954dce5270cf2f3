"""What `khata doctor` finds about keys: whether they are there, ours, and for our eyes alone."""

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from msgspec.structs import replace

from src.bootstrap.notary import notary_keys_of
from src.cli.finding import Finding
from src.events.book_key import check_master_key
from src.events.master_key import VARIABLE, UnusableMasterKeyError, read_master_keys
from src.events.notary_key import UnusableNotaryKeyError, load_signer
from src.http.signing_keys import SigningKeys, UnusableKeyError
from src.settings import Settings

READABLE_BY_OTHERS = 0o077
PUBLIC = ".pub"
UNUSABLE = (UnusableMasterKeyError, UnusableKeyError, UnusableNotaryKeyError)


async def master_key(settings: Settings) -> Finding:
    """Try it on a secret of the book; a book that cannot be asked is a finding of its own."""
    path = settings.master_key_file
    # Whatever else may go wrong there, the doctor meets it again and says it.
    with suppress(Exception):
        try:
            await check_master_key(settings.app_url, path)
        except UnusableMasterKeyError as error:
            says = str(error).removeprefix(f"{VARIABLE}: ")
            return Finding(VARIABLE, says, "restore the key from a backup, or set the right path")
    return master_key_file(settings)


def master_key_file(settings: Settings) -> Finding:
    """Look at the file alone."""
    path = settings.master_key_file
    return _with_rotation(_key(VARIABLE, path, _read_master_key), path)


def other_keys(settings: Settings) -> list[Finding]:
    """Look at the keys that sign tokens, and at the notary's."""
    return [
        _key("KHATA_SIGNING_KEYS_DIR", settings.signing_keys_dir, _open_signing_keys),
        _key("notary's key", notary_keys_of(settings), _open_notary_key),
    ]


def _with_rotation(found: Finding, path: Path) -> Finding:
    """Add that the file still holds an old key; that is not wrong, but not meant to stay."""
    if found.mend is not None or not path.exists() or len(read_master_keys(path)) == 1:
        return found
    unfinished = "a rotation is not finished: khata keys rotate goes on with it"
    return replace(found, says=f"{found.says}; {unfinished}")


def _read_master_key(path: Path) -> None:
    read_master_keys(path)


def _open_signing_keys(path: Path) -> None:
    SigningKeys(path)


def _open_notary_key(path: Path) -> None:
    load_signer(path)


def _key(name: str, path: Path, open_key: Callable[[Path], None]) -> Finding:
    if not path.exists():
        return _to_be_made(name, path)
    try:
        open_key(path)
        inside = _secrets_in(path) if path.is_dir() else ()
        exposed = any(each.stat().st_mode & READABLE_BY_OTHERS for each in (path, *inside))
    except (OSError, *UNUSABLE) as error:
        return Finding(name, str(error), "restore it from a backup, or give this user the right")
    if exposed:
        return Finding(name, f"other users may read {path}", f"chmod -R go= {path}")
    return Finding(name, str(path))


def _secrets_in(folder: Path) -> Iterable[Path]:
    """A public half is for everybody to read."""
    return (each for each in folder.iterdir() if each.suffix != PUBLIC)


def _to_be_made(name: str, path: Path) -> Finding:
    """A key that is not there yet is made there, if we may."""
    there = next(parent for parent in path.parents if parent.exists())
    if there.is_dir() and os.access(there, os.W_OK | os.X_OK):
        return Finding(name, f"{path}, made on first use")
    return Finding(name, f"{path} cannot be made in {there}", "choose a folder of this user's")
