"""Whether the application could rewrite the book: it should only be able to append."""

from src.queries.reading import Reading


async def owns_the_book(db: Reading) -> bool:
    """Say whether the role that asks may change what is written, as an owner may."""
    owns: bool = await db.fetchval(_OWNS)
    return owns


_OWNS = """
select pg_has_role(current_user, relowner, 'member')
from pg_class where oid = 'khata.events'::regclass
"""
