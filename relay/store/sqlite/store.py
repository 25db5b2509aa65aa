"""The store as the relay uses it: work in the writer's order, reads beside it, and an end.

Decides nothing and publishes nothing; outcomes are handed over in the loop's thread.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from relay.errors import Code, Refused
from relay.log import FAILED, Log
from relay.metrics import Counts
from relay.store.sqlite.database import epoch_of, open_database
from relay.store.sqlite.engine import reader_engine
from relay.store.sqlite.erasure import Purges
from relay.store.sqlite.health import Health, is_damage
from relay.store.sqlite.maintenance import Upkeep, log_bytes
from relay.store.sqlite.people import People
from relay.store.sqlite.queries import closed_count, open_records
from relay.store.sqlite.transaction import Transaction
from relay.store.sqlite.writer import Job, Wake, Writer

T = TypeVar("T")
READERS = 2


class Store:
    """An open database. Use it from the loop's thread alone, and close it."""

    def __init__(self, database: Path, wake: Wake, counts: Counts, log: Log) -> None:
        """Open *database*, or raise :exc:`relay.errors.StartError`; see ``opening``."""
        self._lock, engine = open_database(database)
        with engine.connect() as connection:
            self.epoch = epoch_of(connection)
            self.open_at_start = open_records(connection)
            counts.closed_requests = closed_count(connection)
            people = People(connection, {}, {}, {})
            self.agents_at_start = people.agents()
            self.canned_at_start = people.canned()
            self.purges_at_start = Purges(connection).plans()
        self._wake = wake
        self._log = log
        self._reading = reader_engine(database, READERS)
        self._readers = ThreadPoolExecutor(READERS, "helpdesk reader")
        self._drivers: set[Any] = set()
        self._ending = False
        self._health = Health()
        self._database = database
        upkeep = Upkeep(engine, database)
        self._writer = Writer(engine, wake, self._health, upkeep, counts=counts, log=log)

    @property
    def problem(self) -> str | None:
        """Why the store takes no messages, None while all is well.

        It is proven every minute, and every second while it is not so: see ``upkeep``.
        """
        return self._health.problem

    @property
    def log_bytes(self) -> int:
        """The size of the write-ahead log: it grows while a reader keeps a snapshot."""
        return log_bytes(self._database)

    def write(self, work: Callable[[Transaction], T], done: Callable[[T | Refused], None]) -> None:
        """Run *work* in the next transaction and, after its commit, *done* with the outcome."""
        self._writer.submit(Job(work, done, writes=True))

    def read_in_order(
        self, work: Callable[[Transaction], T], done: Callable[[T | Refused], None]
    ) -> None:
        """Run *work*, which changes nothing, at its place among the writes.

        What was written before it is in what it reads, and its outcome is told before any later
        write is: a watcher that starts here misses nothing and sees nothing twice.
        """
        self._writer.submit(Job(work, done, writes=False))

    def read(self, work: Callable[[Connection], T], done: Callable[[T | Refused], None]) -> None:
        """Run *work* beside the writer, on what is committed."""

        def run() -> None:
            outcome: T | Refused
            try:
                outcome = self._read(work)
            except Refused as refused:
                outcome = refused
            except DBAPIError as error:
                if is_damage(error):
                    self._health.suffer(error)
                outcome = Refused(Code.UNAVAILABLE, "The relay cannot read now; try again.")
            except Exception as error:  # noqa: BLE001 - untold, whoever asked would wait for ever
                self._log.note(FAILED, error)
                outcome = Refused(Code.UNAVAILABLE, "The relay failed.")
            self._wake(lambda: done(outcome))

        self._readers.submit(run)

    def _read(self, work: Callable[[Connection], T]) -> T | Refused:
        if self._ending:
            return Refused(Code.UNAVAILABLE, "The relay restarts; try again.")
        with self._reading.begin() as connection:
            self._drivers.add(connection.connection.driver_connection)
            return work(connection)

    def hurry(self) -> None:
        """Refuse all that reads beside the writer, begun or not, and what waits for a stuck writer.

        A read that is just about to begin may be missed: call it until nobody reads any more.
        """
        self._ending = True
        self._writer.hurry()
        for driver in tuple(self._drivers):
            driver.interrupt()

    def finish_reading(self) -> None:
        """Return when all that reads beside the writer is settled; no more may be asked."""
        self._readers.shutdown()

    def close(self) -> None:
        """Settle what is queued, close every connection and let the database go.

        Readers go first: the last connection to close checkpoints, and that is the writer's.
        """
        self.finish_reading()
        self._reading.dispose()
        self._writer.stop()
        self._lock.release()
