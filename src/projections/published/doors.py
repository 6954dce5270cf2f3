"""Who may read what: analysts every view made for them, and nothing that it is made from."""

from src.events.connection import Connection

READER = "khata_read"
"""The analysts' role; where it is missing, nobody is let in."""
MADE_FROM = ("models", "models_next", "models_old")


async def let_in(db: Connection, schema: str) -> None:
    """Let the reader read every view of ours in a schema."""
    for row in await db.fetch(_UNREADABLE, schema, READER):
        await db.execute(f"grant select on {row[0]} to {READER}")


async def keep_out(db: Connection) -> None:
    """Take back what the reader may do with tables of ours, and with those to come.

    Before analysts had a schema of their own they were let read these tables. A schema
    that nobody may look into does not close them: a view of the reader's own goes on,
    and so does what PostgreSQL has found out about their columns.
    """
    for row in await db.fetch(_READABLE, list(MADE_FROM), READER):
        await db.execute(f"revoke all on {row[0]} from {READER}")
    for row in await db.fetch(_TO_COME, list(MADE_FROM), READER):
        await db.execute(
            f"alter default privileges in schema {row[0]} revoke all on tables from {READER}"
        )


_UNREADABLE = """
select made.oid::regclass::text from pg_class as made join pg_roles on rolname = $2
where made.relnamespace = $1::text::regnamespace and made.relkind = 'v'
    and pg_get_userbyid(made.relowner) = current_user
    and not has_table_privilege(pg_roles.oid, made.oid, 'select')
"""
_READABLE = """
select distinct made.oid::regclass::text
from pg_class as made, aclexplode(made.relacl) as may join pg_roles on pg_roles.oid = may.grantee
where made.relnamespace = any($1::text[]::regnamespace[]) and rolname = $2
    and pg_get_userbyid(made.relowner) = current_user
"""
_TO_COME = """
select distinct said.defaclnamespace::regnamespace::text
from pg_default_acl as said, aclexplode(said.defaclacl) as may
join pg_roles on pg_roles.oid = may.grantee
where said.defaclnamespace = any($1::text[]::regnamespace[]) and rolname = $2
    and said.defaclobjtype = 'r' and pg_get_userbyid(said.defaclrole) = current_user
"""
