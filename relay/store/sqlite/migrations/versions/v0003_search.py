"""Adds full-text search of messages and their customers."""

import sqlalchemy as sa
from alembic import op

from relay.store.sqlite import search_index

revision = "0003"
down_revision = "0002"

AT_ONCE = 1_000
"""Texts that are indexed from memory at the same time, however many there are."""


def upgrade() -> None:
    """Make the index, of all that is there."""
    connection = op.get_bind()
    connection.exec_driver_sql(
        "CREATE VIRTUAL TABLE search USING fts5("
        "words, content='', tokenize='unicode61 remove_diacritics 2')"
    )
    _index(connection, "SELECT id, text FROM message WHERE text IS NOT NULL")
    _index(
        connection,
        "SELECT -id, trim(coalesce(name, '') || ' ' || coalesce(email, '')) FROM customer "
        "WHERE coalesce(name, email) IS NOT NULL",
    )


def _index(connection: sa.Connection, query: str) -> None:
    for rows in connection.exec_driver_sql(query).partitions(AT_ONCE):
        search_index.add(connection, ((number, words) for number, words in rows))
