"""A desk in one SQLite file: implements :class:`relay.store.api.Store`."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from relay.errors import Refused
from relay.log import Log
from relay.metrics import Counts
from relay.store.api import Queries, Transaction, Wake
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


class SqliteStore:
    """An open database file, locked for this process. The interface documents each method."""

    def __init__(self, database: Path, wake: Wake, counts: Counts, log: Log) -> None:
        """Open *database*; raise :exc:`relay.errors.StartError` if that is impossible."""
        self._lock, engine = open_database(database)
        with engine.connect() as connection:
            self.epoch = epoch_of(connection)
            self.at_start = _at_start(connection)
        self._database = database
        self._health = Health()
        self._reader = Reader(database, wake, self._health, log)
        self._maintenance = Maintenance(engine, database)
        self._writer = Writer(engine, wake, self._health, self._maintenance, counts=counts, log=log)

    @property
    def problem(self) -> str | None:
        """The reason why writes are refused."""
        return self._health.problem

    @property
    def holds_erased(self) -> bool:
        """True while the files still hold something that was erased."""
        return self._maintenance.overwrite_pending

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
        self._lock.release()


def _at_start(connection: Connection) -> AtStart:
    people = People(connection, {}, {}, {})
    return AtStart(
        open_records=tuple(open_records(connection)),
        agents=people.agents(),
        canned=people.canned(),
        purges=tuple(Purges(connection).plans()),
        closed=closed_count(connection),
        clock=known_clock(connection),
    )
