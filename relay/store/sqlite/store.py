"""A desk in one SQLite file: implements :class:`relay.store.api.Store`."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from relay.errors import Code, Refused
from relay.log import DESK_RESCUED, RESCUE_FAILED, Log, emit
from relay.metrics import Counts
from relay.store.api import Queries, Transaction, Wake
from relay.store.sqlite.backup import rescue
from relay.store.sqlite.clock_record import known_clock
from relay.store.sqlite.database import epoch_of, open_database
from relay.store.sqlite.erasure import Purges
from relay.store.sqlite.health import Health
from relay.store.sqlite.maintenance import Maintenance, log_bytes
from relay.store.sqlite.people import People
from relay.store.sqlite.reader import Reader
from relay.store.sqlite.request_queries import closed_count, open_records
from relay.store.sqlite.writer import Job, Writer
from relay.store.values import AtStart

T = TypeVar("T")
CONTENT_BYTES = 2**16
"""Bytes of the file that are read at once for a copy."""


class SqliteStore:
    """An open database file, locked for this process. The interface documents each method."""

    def __init__(
        self, database: Path, wake: Wake, counts: Counts, log: Log, *, name: Path | None = None
    ) -> None:
        """Open *database*; raise :exc:`relay.errors.StartError` if that is impossible.

        *name* is a link that leads to it and has to go on doing so.
        """
        opened = open_database(database, name)
        self._lock, engine, placement = opened.lock, opened.engine, opened.placement
        with engine.connect() as connection:
            self.epoch = epoch_of(connection)
            self.at_start = _at_start(connection, created=opened.created)
        self._database = database
        self._health = Health()
        self._saved = False
        self._reader = Reader(database, placement, wake, self._health, log)
        self._maintenance = Maintenance(engine, database)
        self._writer = Writer(
            engine, wake, self._health, self._maintenance, placement, counts=counts, log=log
        )

    @property
    def problem(self) -> str | None:
        """The reason why writes are refused."""
        return self._health.problem

    @property
    def holds_erased(self) -> bool:
        """True while the files still hold something that was erased."""
        return self._maintenance.overwrite_pending

    @property
    def displacement(self) -> str | None:
        """The reason why the open file is not what the next start would find."""
        return self._health.displacement

    def read_content(self, offset: int) -> bytes:
        """Return the next bytes of the open file."""
        if not self._health.complete:
            raise Refused(Code.UNAVAILABLE, self._health.incomplete)
        piece = os.pread(self._lock.descriptor, CONTENT_BYTES, offset)
        self._saved = self._saved or not piece
        return piece

    @property
    def log_bytes(self) -> int:
        """The size of the write-ahead log: it grows while a reader keeps a snapshot."""
        return log_bytes(self._database)

    def write(
        self, job: Callable[[Transaction], T], on_result: Callable[[T | Refused], None]
    ) -> None:
        """Run *job* in the next transaction."""
        self._writer.submit(Job(job, on_result, writes=True))

    def read_in_order(
        self, job: Callable[[Transaction], T], on_result: Callable[[T | Refused], None]
    ) -> None:
        """Run *job*, which changes nothing, at its place among the writes."""
        self._writer.submit(Job(job, on_result, writes=False))

    def read(self, query: Callable[[Queries], T], on_result: Callable[[T | Refused], None]) -> None:
        """Run *query* beside the writer."""
        self._reader.submit(query, on_result)

    def interrupt(self) -> None:
        """Refuse all queries, and writes that wait for a store which refuses them."""
        self._writer.interrupt()
        self._reader.interrupt()

    def finish_reads(self) -> None:
        """Wait for the queries under way."""
        self._reader.finish()

    def close(self) -> None:
        """Run all jobs that wait, then close."""
        # Readers first: the last connection to close checkpoints, and that must be the writer's.
        self._reader.finish()
        self._reader.close()
        self._writer.stop()
        if self._health.displacement is not None and self._health.complete and not self._saved:
            self._rescue()
        self._lock.release()

    def _rescue(self) -> None:
        """Keep what would end with the process, in the last moment."""
        try:
            if rescue(self._lock, datetime.now(UTC)) is not None:
                emit(DESK_RESCUED)
        except OSError as error:
            emit(RESCUE_FAILED, error)


def _at_start(connection: Connection, *, created: bool) -> AtStart:
    people = People(connection, {}, {}, {})
    return AtStart(
        open_records=tuple(open_records(connection)),
        agents=people.agents(),
        canned=people.canned(),
        purges=tuple(Purges(connection).plans()),
        closed=closed_count(connection),
        clock=known_clock(connection),
        created=created,
    )
