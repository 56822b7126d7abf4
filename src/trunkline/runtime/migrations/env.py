"""Run by Alembic for each command: on the connection that `runtime.db.migrate` opened."""

from alembic import context

attributes = context.config.attributes
context.configure(
    connection=attributes["connection"],
    target_metadata=attributes.get("metadata"),
    compare_type=True,
    render_as_batch=True,  # SQLite cannot alter a column: its table is copied
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
