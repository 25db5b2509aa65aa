"""Runs queries on snapshots beside the writer, in a few threads with a connection each."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError

from relay.errors import Code, Refused
from relay.log import FAILED, Log
from relay.store.api import Queries, Wake
from relay.store.sqlite.engine import reader_engine
from relay.store.sqlite.health import Health, is_damage
from relay.store.sqlite.placement import Placement
from relay.store.sqlite.queries import SqliteQueries

T = TypeVar("T")
READERS = 2


class Reader:
    """Owns the connections that only read."""

    def __init__(
        self, database: Path, placement: Placement, wake: Wake, health: Health, log: Log
    ) -> None:
        """Read *database*, the file that *placement* watches; *health* hears of damage that a
        query finds. All connections are opened now: later the path may lead to another file."""
        self._wake = wake
        self._health = health
        self._log = log
        self._engine = reader_engine(database, READERS, placement)
        with self._engine.connect(), self._engine.connect():
            pass
        self._threads = ThreadPoolExecutor(READERS, "helpdesk reader")
        self._drivers: set[Any] = set()
        self._interrupted = False

    def submit(
        self, query: Callable[[Queries], T], on_result: Callable[[T | Refused], None]
    ) -> None:
        """Run *query* in a reader's thread; call *on_result* in the loop's."""

        def run() -> None:
            outcome: T | Refused
            try:
                outcome = self._run(query)
            except Refused as refused:
                outcome = refused
            except DBAPIError as error:
                if is_damage(error):
                    self._health.report(error)
                outcome = Refused(Code.UNAVAILABLE, "The relay cannot read now; try again.")
            except Exception as error:  # noqa: BLE001 - without an outcome the caller waits for ever
                self._log.emit(FAILED, error)
                outcome = Refused(Code.UNAVAILABLE, "The relay failed.")
            self._wake(lambda: on_result(outcome))

        self._threads.submit(run)

    def interrupt(self) -> None:
        """Refuse all queries, begun or not."""
        self._interrupted = True
        for driver in tuple(self._drivers):
            driver.interrupt()

    def finish(self) -> None:
        """Wait for the queries under way; no more may be submitted."""
        self._threads.shutdown()

    def close(self) -> None:
        """Close the connections, after :meth:`finish`."""
        self._engine.dispose()

    def _run(self, query: Callable[[Queries], T]) -> T | Refused:
        if self._interrupted:
            return Refused(Code.UNAVAILABLE, "The relay restarts; try again.")
        with self._engine.begin() as connection:
            self._drivers.add(connection.connection.driver_connection)
            return query(SqliteQueries(connection))
