"""Fills a desk with a history: closed requests of ten texts, with full-text search. Uses SQL, so
that ten million messages take minutes."""

import sqlite3
from contextlib import closing
from pathlib import Path

from relay.store.sqlite.database import open_database
from relay.store.sqlite.usage import UsageCounters

A_REQUEST = 10
"""Messages."""
TEXT = (
    "'How long does it take until parcel ' || (i * :seq % 999983) || ' of my order number '"
    " || (i * 7919 % 1000003 + :seq) || ' is here? It was sent a week ago, from ' || (i % 20011)"
)
"""About 120 characters with words that all texts have, and with some that few have; in SQL."""
FILL = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :requests)
INSERT INTO {table} SELECT {columns} FROM n
"""
ROWS = {
    "customer (id, site, key, name, verified, created_at)": (
        "i, 'default', 'key ' || i, 'Ada', 0, i"
    ),
    "help_request (id, site, customer_id, status, opened_at, closed_at, seq, customer_seq, tags,"
    " customer_read_seq, customer_read_customer_seq, agent_read_seq, agent_read_customer_seq)": (
        f"i, 'default', i, 'closed', i, i, {A_REQUEST}, {A_REQUEST}, '[]', 0, 0, 0, 0"
    ),
}
MESSAGE = (
    "message (request_id, seq, customer_seq, kind, text, by_role, by_id, by_name, ref, at)",
    f"i, :seq, :seq, 'text', {TEXT}, 'customer', i, 'Ada', 'ref-' || :seq, i",
)
INDEX = "INSERT INTO search (rowid, words) SELECT id, text FROM message"


def fill(database: Path, messages: int) -> None:
    """Make *database* a desk with *messages* messages."""
    opened = open_database(database)
    requests = {"requests": messages // A_REQUEST}
    with closing(sqlite3.connect(database)) as file:
        with file:
            for table, columns in ROWS.items():
                file.execute(FILL.format(table=table, columns=columns), requests)
            for seq in range(1, A_REQUEST + 1):
                table, columns = MESSAGE
                file.execute(FILL.format(table=table, columns=columns), requests | {"seq": seq})
        with file:
            file.execute(INDEX)
    # A relay that starts for the first time after an upgrade counts all this beside its work.
    with opened.engine.begin() as connection:
        UsageCounters(connection).count_all()
    opened.close()
