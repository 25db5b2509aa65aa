"""The store in SQLite for tests, with views of its file."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from relay.store.api import Queries
from relay.store.sqlite.queries import SqliteQueries
from relay.store.sqlite.store import SqliteStore
from tests.contract.store.harness import Callback, StoreBench, eventually


def on_connection(statement: str) -> Callable[[Queries], list[Any]]:
    """Return the query that runs *statement* on the connection of a reader."""

    def query(queries: Queries) -> list[Any]:
        assert isinstance(queries, SqliteQueries)
        return list(queries._connection.exec_driver_sql(statement))

    return query


class Bench(StoreBench):
    """An open store in a file."""

    store: SqliteStore

    def __init__(self, database: Path) -> None:
        super().__init__(database)
        self.database = database

    def read_sql(self, statement: str) -> Callback[list[Any]]:
        """Run *statement* beside the writer, on the connection that queries get."""
        return self.read(on_connection(statement))

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return what another process would see: only what is committed."""
        other = sqlite3.connect(f"{self.database.as_uri()}?mode=ro", uri=True)
        try:
            return other.execute(query).fetchall()
        finally:
            other.close()

    def indexed(self) -> None:
        """Wait until no text waits for the full-text index any more."""
        last = "SELECT coalesce(max(id), 0) FROM search_docsize"
        waits = f"SELECT 1 FROM message WHERE text IS NOT NULL AND id > ({last}) LIMIT 1"
        eventually(lambda: not self.rows(waits))

    def dump(self) -> list[str]:
        """Return all that is committed, as SQL."""
        other = sqlite3.connect(f"{self.database.as_uri()}?mode=ro", uri=True)
        try:
            return list(other.iterdump())
        finally:
            other.close()
