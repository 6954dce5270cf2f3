"""Other commands of `khata`, run in a throw-away shop as a person would run them there."""

import asyncio
import os
import subprocess
import sys

from src.cli.children import IMPORT_ROOT
from src.cli.demo.throw_away import OURS, ThrowAwayShop

COMMAND_SECONDS_MAX = 120.0


async def khata(place: ThrowAwayShop, *arguments: str) -> tuple[int, str]:
    """Run a command; return its exit code and what it said."""
    return await asyncio.to_thread(_run, place, arguments)


def _run(place: ThrowAwayShop, arguments: tuple[str, ...]) -> tuple[int, str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    done = subprocess.run(  # noqa: S603 - our own program, with arguments from this package
        [sys.executable, "-P", "-m", "src", *arguments],
        env=plain | place.variables | {"PYTHONPATH": str(IMPORT_ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=COMMAND_SECONDS_MAX,
    )
    return done.returncode, (done.stdout + done.stderr).strip()
