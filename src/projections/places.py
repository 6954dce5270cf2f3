"""Where read models live: the one that serves, the one being built, and the one it replaced.

A projection names its tables without a schema, so that the same code can feed
each of the three: the search path of the connection says which is meant.
"""

from src.events.connection import Connection

LIVE, NEXT, OLD = "models", "models_next", "models_old"


async def stay_in(db: Connection, place: str) -> None:
    """Let the tables without a schema be those of this place, on this connection from now on."""
    await db.execute("select set_config('search_path', $1, false)", place)


async def step_into(db: Connection, place: str) -> None:
    """Do the same until the transaction ends."""
    await db.execute("select set_config('search_path', $1, true)", place)
