"""Whether there is a shop here at all, asked before anything is made that looks like one."""

from collections.abc import Mapping
from pathlib import Path

from src.cli.complaint import Complaint
from src.environment import KEPT
from src.settings import Settings


def absence(environ: Mapping[str, str]) -> str | None:
    """Say that neither a home nor a database is given here, or None."""
    if environ.get("DATABASE_URL", "").strip() or _home(environ).is_dir():
        return None
    return _none_in(environ)


def settings_of_a_shop(environ: Mapping[str, str]) -> Settings:
    """Read the settings of a shop that somebody started; raises Complaint, SettingsError."""
    return _unless(absence(environ), environ)


def settings_of_a_signer(environ: Mapping[str, str]) -> Settings:
    """Read the settings where tokens are signed: a key made now would be nobody's."""
    keys = _path(environ, "KHATA_SIGNING_KEYS_DIR", _home(environ) / KEPT / "signing")
    # A directory that is closed to this user is an error here, and not an empty one.
    is_there = keys.is_dir() and any(each.suffix == ".pem" for each in keys.iterdir())
    return _unless(None if is_there else _none_in(environ), environ)


def _unless(problem: str | None, environ: Mapping[str, str]) -> Settings:
    if problem is not None:
        raise Complaint(problem)
    return Settings.from_environ(environ)


def _none_in(environ: Mapping[str, str]) -> str:
    where = _home(environ)
    return f"there is no shop in {where}: set KHATA_HOME, or start one with khata up"


def _home(environ: Mapping[str, str]) -> Path:
    return _path(environ, "KHATA_HOME", Path(".khata"))


def _path(environ: Mapping[str, str], name: str, default: Path) -> Path:
    """As the settings read it, which would make it."""
    return Path(environ.get(name, "").strip() or default).expanduser().resolve()
