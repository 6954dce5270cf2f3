"""The shop's own clock on the wall: the time zone in which its days begin and end."""

from src.events.connection import Connection
from src.events.time_zones import TIME_ZONE


async def hang_up(db: Connection, book: int) -> None:
    """Give a book the usual clock, unless it has one."""
    await db.execute(
        "insert into models.shop (book, time_zone) values ($1, $2) on conflict do nothing",
        book,
        TIME_ZONE,
    )


async def set_to(db: Connection, book: int, time_zone: str) -> None:
    """Let the days of a book be those of a zone that both Python and PostgreSQL know."""
    await db.execute(_SET, book, time_zone)


_SET = """
insert into models.shop as known (book, time_zone) values ($1, $2)
on conflict (book) do update set time_zone = excluded.time_zone
where known.time_zone <> excluded.time_zone
"""
