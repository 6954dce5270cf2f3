"""pg_dump and pg_restore, as the wheel of the embedded engine brought them.

They learn where the server is, and as whom, from their environment: what stands in
their arguments every user of the machine can read.
"""

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

from src.cli.complaint import Complaint
from src.embedded.binaries import postgres_install
from src.embedded.errors import NoEngineForPlatform

SAID_LINES_MAX = 3
PARAMETERS = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "passfile": "PGPASSFILE",
    "dbname": "PGDATABASE",
    "database": "PGDATABASE",
    "options": "PGOPTIONS",
    "application_name": "PGAPPNAME",
    "sslmode": "PGSSLMODE",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcrl": "PGSSLCRL",
    "gssencmode": "PGGSSENCMODE",
    "krbsrvname": "PGKRBSRVNAME",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
    "connect_timeout": "PGCONNECT_TIMEOUT",
}
"""What an address can say behind its question mark, and the variable that says the same."""
KEPT = ("PATH", "HOME", "TZ", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")

_PLACE = re.compile(r"(?P<host>\[[^\]]*]|[^:]*)(?::(?P<port>\d*))?")


def run_tool(
    name: str, arguments: Sequence[str], url: str, output: int = subprocess.DEVNULL
) -> None:
    """Run one of the tools on a database; raises Complaint with what it said."""
    ran = subprocess.run(  # noqa: S603 - the wheel's program, no shell
        [str(_tool(name)), "--no-password", *arguments],
        env=variables_of(url, os.environ),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.PIPE,
        check=False,
    )
    if ran.returncode:
        said = ran.stderr.decode(errors="replace").strip().splitlines()[:SAID_LINES_MAX]
        raise Complaint("\n".join(said) or f"{name} ended with {ran.returncode}.")


def listing(archive: Path) -> str:
    """Return an archive's own table of contents; raises Complaint if it is none."""
    ran = subprocess.run(  # noqa: S603 - as above
        [str(_tool("pg_restore")), "--list", str(archive)],
        env={"LC_ALL": "C"},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if ran.returncode:
        raise Complaint(f"{archive} is not a whole archive: {ran.stderr.strip()}")
    return ran.stdout


def variables_of(url: str, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment in which libpq finds the address; raises Complaint."""
    found = {name: value for name, value in environ.items() if name[:2] == "PG" or name in KEPT}
    parts = urlsplit(url)
    account, _, places = parts.netloc.rpartition("@")
    user, _, password = account.partition(":")
    hosts, ports = _places(places)
    said = {
        "PGUSER": unquote(user),
        "PGPASSWORD": unquote(password),
        "PGHOST": hosts,
        "PGPORT": ports,
        "PGDATABASE": unquote(parts.path[1:]),
    }
    for name, value in parse_qsl(parts.query):
        if name not in PARAMETERS:
            raise Complaint(f"The address of the database says {name}, which is not known here.")
        said[PARAMETERS[name]] = value
    return found | {name: value for name, value in said.items() if value} | {"LC_ALL": "C"}


def database_of(url: str) -> str:
    """Return the database as a connection string that names it and nothing else."""
    found = variables_of(url, os.environ)
    name = found.get("PGDATABASE") or found.get("PGUSER", "")
    escaped = name.replace("\\", "\\\\").replace("'", "\\'")
    return f"dbname='{escaped}'"


class Server(Protocol):
    """What is asked about its version."""

    async def fetchval(self, query: str) -> Any: ...  # noqa: ANN401 - as of a connection


async def check_version(db: Server, by_hand: str) -> int:
    """Return the server's major version; raises Complaint if the tools are older."""
    server = int(await db.fetchval("show server_version_num")) // 10_000
    ours = tools_version()
    if server > ours:
        raise Complaint(
            f"The server is PostgreSQL {server}, and the tools here are of {ours}: use the "
            f"server's own, as in docs/backups.md.\n{by_hand}"
        )
    return server


def tools_version() -> int:
    """Return the major version of the tools."""
    said = subprocess.run(  # noqa: S603 - as above
        [str(_tool("pg_dump")), "--version"], capture_output=True, text=True, check=True
    ).stdout
    found = re.search(r"\) (\d+)", said)
    assert found is not None
    return int(found[1])


def _places(netloc: str) -> tuple[str, str]:
    """Cut hosts and ports of an address apart; there may be several, with commas."""
    found = [_PLACE.fullmatch(each) for each in netloc.split(",")]
    if not all(found):
        raise Complaint("The address of the database cannot be read.")
    hosts = [unquote(each["host"].strip("[]")) for each in found if each]
    ports = [each["port"] or "" for each in found if each]
    return ",".join(hosts), ",".join(ports) if any(ports) else ""


def _tool(name: str) -> Path:
    try:
        return postgres_install() / "bin" / name
    except NoEngineForPlatform as error:
        raise Complaint(
            f"{name} comes with the wheel of the embedded engine, which is not here: use the "
            "server's own, as in docs/backups.md."
        ) from error
