"""Running `khata` as a person does: as a process, with an environment of its own."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT_SECONDS = 60.0
OURS = ("KHATA_", "RAZORPAY_", "DATABASE_", "REDIS_", "SMTP_")


def environment(home: Path, **variables: str) -> dict[str, str]:
    """Ours without any variable of Khata's, and with these."""
    foreign = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    ports = {"KHATA_PORT": "0", "KHATA_SANDBOX_PORT": "0"}
    return foreign | {"PYTHONPATH": str(ROOT), "KHATA_HOME": str(home)} | ports | variables


def khata(home: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        command(*arguments),
        env=environment(home, **variables),
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_SECONDS,
        cwd=home.parent,
    )


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-P", "-m", "src", *arguments]
