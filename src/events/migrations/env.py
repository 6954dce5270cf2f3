"""Where alembic begins: it is handed an open connection by `migrate`, never an address."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    version_table="migrated",
    version_table_schema="khata",
)
with context.begin_transaction():
    context.run_migrations()
