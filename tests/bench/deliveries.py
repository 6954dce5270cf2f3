"""How long the shop took to answer webhooks, from the sandbox's own log of its deliveries."""

import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec

from src.http.sandbox.event_table import Attempt

QUERY = "select attempts from events where created_at >= ? and created_at < ?"


def answered(state_path: Path, begun: float, ended: float) -> tuple[list[float], int]:
    """Return the seconds of every answered try for events of this span, and how many tries failed.

    The sandbox must have ended: while it runs, its file is its own.
    """
    with closing(sqlite3.connect(state_path)) as state:
        rows = state.execute(QUERY, (begun, ended)).fetchall()
    tries = [each for row in rows for each in msgspec.json.decode(row[0], type=list[Attempt])]
    good = [each.seconds for each in tries if each.status == 200 and each.seconds is not None]
    return good, len(tries) - len(good)
