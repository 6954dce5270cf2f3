"""The tables and views of read models, as the database knows them."""

from collections.abc import Sequence

from msgspec import Struct

from src.events.connection import Connection
from src.projections.projection import Projection
from src.projections.tables import view_of


class Relation(Struct, frozen=True, kw_only=True):
    """A table or a view; as text its whole name, quoted."""

    place: str
    name: str
    is_table: bool

    @property
    def kind(self) -> str:
        """What SQL calls it."""
        return "table" if self.is_table else "view"

    def __str__(self) -> str:
        return f'{self.place}."{self.name}"'


async def relations(
    db: Connection, place: str, projections: Sequence[Projection] | None = None
) -> list[Relation]:
    """Return what lies in a place, views first: all of ours, or that of these read models."""
    names = None if projections is None else _names(projections)
    return [
        Relation(place=place, name=row[0], is_table=row[1])
        for row in await db.fetch(_RELATIONS, place, names)
    ]


def _names(projections: Sequence[Projection]) -> list[str]:
    tables = [table for each in projections for table in each.TABLES]
    return [*tables, *map(view_of, tables)]


_RELATIONS = """
select relname::text, relkind = 'r' from pg_class
where relnamespace = $1::text::regnamespace and relkind in ('r', 'v')
    and ($2::text[] is null or relname = any($2))
    and pg_get_userbyid(relowner) = current_user
order by relkind = 'r', relname
"""
