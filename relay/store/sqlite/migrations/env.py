"""Runs the migrations on the connection that ``database`` hands over; never opens one itself."""

from alembic import context

from relay.store.sqlite.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
