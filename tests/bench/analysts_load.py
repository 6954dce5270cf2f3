"""What analysts ask about, and their being there meanwhile."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from src.embedded.last_in_line import put_last
from src.events.connection import connecting
from src.projections.places import LIVE, stay_in
from src.projections.tables import prepare
from tests.bench.analysts_asking import Asked
from tests.bench.analytics import FAMILIES
from tests.bench.analytics_size import Size

FILL_TIMEOUT_SECONDS = 120.0
PAST_BOOK = 2
ROOT = Path(__file__).parents[2]


async def fill_past(app_url: str, orders: int, days: int, skus: int) -> None:
    """Give analysts something to add up: a second book, which the shop itself never looks at."""
    size = Size(orders=orders, days=days, skus=skus, book=PAST_BOOK)
    db = await connecting(app_url, "khata bench", FILL_TIMEOUT_SECONDS)()
    try:
        await prepare(db, PAST_BOOK)
        await stay_in(db, LIVE)
        for statement in (each for family in FAMILIES for each in family.fill):
            await db.execute(statement.format(**size.words()))
        await db.execute("vacuum analyze")
    finally:
        await db.close()


@contextmanager
def asking(read_url: str) -> Iterator[Asked]:
    """Let analysts ask meanwhile; all have gone home afterwards.

    Their own program is as nice as can be: in the field it runs on a machine of theirs.
    """
    asked = Asked()
    command = [sys.executable, "-P", "-m", "tests.bench.analysts_asking"]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
        start_new_session=True,
    ) as process:
        put_last(process.pid)
        assert process.stdin is not None
        process.stdin.write(read_url.encode() + b"\n")
        process.stdin.flush()
        yield asked
        said, _ = process.communicate()
    if process.returncode != 0:
        raise ChildProcessError("the analysts' program failed: its words are above")
    got = msgspec.json.decode(said, type=Asked)
    asked.seconds, asked.refused = got.seconds, got.refused
