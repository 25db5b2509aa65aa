"""Connections to SQLite, with the pragmas that durability and erasure need.

Only one connection writes and checkpoints, because SQLite before 3.51.3 can corrupt a WAL database
when two do. Readers can only query, and never checkpoint.
"""

import sqlite3
from pathlib import Path
from sqlite3 import Connection as DriverConnection

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from relay.desk.names import name_key
from relay.store.sqlite.placement import DisplacedError, Placement
from relay.store.sqlite.search_text import MatchingIds, indexable

APPLICATION_ID = 0x48444B31
"""``HDK1``: marks a file as a desk's (SQLite's application_id)."""

PAGES = "PRAGMA cache_size=-8192"
"""The page cache of the writer, 8 MiB: on a large desk the index pages that a hundred requests
write to lie far apart, and with SQLite's 2 MiB every batch read them again."""
COMPACTABLE = "PRAGMA auto_vacuum=INCREMENTAL"
"""Lets a new file, or a copy, give free pages back to the disk (``free_space``)."""
WRITER_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=5000",
    "PRAGMA secure_delete=ON",
    PAGES,
    "PRAGMA journal_size_limit=67108864",
    "PRAGMA wal_autocheckpoint=0",  # `maintenance` checkpoints, and handles errors
)
READER_PRAGMAS = (
    "PRAGMA query_only=ON",
    "PRAGMA wal_autocheckpoint=0",
    "PRAGMA busy_timeout=5000",
)


def writer_engine(database: Path, placement: Placement | None = None) -> Engine:
    """Return the engine of the one connection that writes; transactions take the write lock.

    With the execution option ``only_reads`` they do not, which works on a read-only file. With
    *placement* it opens no file but the one that is watched, and tells it of its log.
    """
    engine = _engine(database, WRITER_PRAGMAS, "BEGIN IMMEDIATE", 1, placement)
    if placement is not None:

        @event.listens_for(engine, "connect")
        def _on_connect(_driver: DriverConnection, _entry: ConnectionPoolEntry) -> None:
            placement.note_log()

    return engine


def reader_engine(database: Path, connections: int, placement: Placement | None = None) -> Engine:
    """Return an engine whose connections read a snapshot and cannot write."""
    return _engine(database, READER_PRAGMAS, "BEGIN", connections, placement)


def _engine(
    database: Path,
    pragmas: tuple[str, ...],
    begin: str,
    connections: int,
    placement: Placement | None,
) -> Engine:
    file = database.absolute().as_uri()
    engine = create_engine(
        # Creates no file in the place of one that was moved away.
        URL.create("sqlite", database=file, query={"mode": "rw", "uri": "true"})
        if placement
        else URL.create("sqlite", database=str(database)),
        poolclass=QueuePool,
        pool_size=connections,
        max_overflow=0,
        connect_args={"check_same_thread": False},
        hide_parameters=True,  # logged errors must not contain text of customers
    )

    @event.listens_for(engine, "connect")
    def _on_connect(driver: DriverConnection, _entry: ConnectionPoolEntry) -> None:
        if placement is not None:
            _require_same_file(driver, placement)
        # The driver must not begin transactions on its own: it knows no BEGIN IMMEDIATE.
        driver.isolation_level = None
        driver.create_function("name_key", 1, _key_or_null, deterministic=True)
        driver.create_function("indexable", 1, indexable, deterministic=True)
        driver.create_aggregate("matching_ids", 3, MatchingIds)  # type: ignore[arg-type]
        # Before a new file gets its first page; in an old one it would write.
        if pragmas is WRITER_PRAGMAS and driver.execute("PRAGMA page_count").fetchone() == (0,):
            driver.execute(COMPACTABLE)
        for pragma in pragmas:
            driver.execute(pragma)
        if placement is not None:  # the first statement that reads opens the log, by its path
            driver.execute("SELECT count(*) FROM sqlite_master").fetchall()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get("only_reads")
        connection.exec_driver_sql("BEGIN" if reads else begin)

    return engine


def _key_or_null(name: str | None) -> str | None:
    return None if name is None else name_key(name)


def _require_same_file(driver: DriverConnection, placement: Placement) -> None:
    """Close *driver* and raise unless the file that it has just opened is the one watched."""
    try:
        placement.require_database()
    except DisplacedError as displaced:
        driver.close()
        raise sqlite3.OperationalError(f"the {displaced.part} is not in its place") from displaced
