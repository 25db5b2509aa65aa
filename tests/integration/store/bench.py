"""Real store on a real file, with the test as its event loop."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from relay.errors import Refused
from relay.log import Log
from relay.metrics import Counts
from relay.store.api import Queries, Transaction
from relay.store.sqlite.queries import SqliteQueries
from relay.store.sqlite.store import SqliteStore
from tests.patience import PATIENCE

T = TypeVar("T")


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until another thread has made that true."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.005)


class Told(Generic[T]):
    """How a job went, once it is told."""

    def __init__(self, tell: Callable[["Told[T]"], None]) -> None:
        self._tell = tell
        self._outcomes: list[T | Refused] = []

    def __call__(self, outcome: T | Refused) -> None:
        self._outcomes.append(outcome)
        self._tell(self)

    @property
    def outcome(self) -> T | Refused:
        """The outcome, told exactly once."""
        (outcome,) = self._outcomes
        return outcome

    @property
    def value(self) -> T:
        """The outcome, which must be no refusal."""
        assert not isinstance(self.outcome, Refused), self.outcome.message
        return self.outcome

    @property
    def code(self) -> str:
        """The code of the outcome, which must be a refusal."""
        assert isinstance(self.outcome, Refused), self.outcome
        return self.outcome.code

    @property
    def is_told(self) -> bool:
        """Whether it is told yet."""
        return bool(self._outcomes)


def on_connection(statement: str) -> Callable[[Queries], list[Any]]:
    """Return the query that runs *statement* on the connection of a reader."""

    def query(queries: Queries) -> list[Any]:
        assert isinstance(queries, SqliteQueries)
        return list(queries._connection.exec_driver_sql(statement))

    return query


class Bench:
    """An open store. ``order`` is every outcome in the order in which they were told."""

    def __init__(self, database: Path) -> None:
        self.database = database
        self.wakes = 0
        self.order: list[Told[Any]] = []
        self._calls: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self.store = SqliteStore(database, self._calls.put, Counts(), Log())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.store.close()

    def submit(self, work: Callable[[Transaction], T], *, writes: bool = True) -> Told[T]:
        """Give the writer *work* and wait for nothing."""
        told = Told[T](self.order.append)
        (self.store.write if writes else self.store.read_in_order)(work, told)
        return told

    def settle(self, *jobs: Told[Any]) -> None:
        """Be the loop until all *jobs* are told."""
        while not all(job.is_told for job in jobs):
            self._calls.get(timeout=PATIENCE)()
            self.wakes += 1

    def write(self, work: Callable[[Transaction], T]) -> Told[T]:
        """Run *work* and wait for its outcome."""
        told = self.submit(work)
        self.settle(told)
        return told

    def do(self, work: Callable[[Transaction], T]) -> T:
        """Run *work*, which must not be refused, and return what it gave."""
        return self.write(work).value

    def read(self, query: Callable[[Queries], T]) -> Told[T]:
        """Run *query* beside the writer."""
        told = Told[T](self.order.append)
        self.store.read(query, told)
        self.settle(told)
        return told

    def read_sql(self, statement: str) -> Told[list[Any]]:
        """Run *statement* beside the writer, on the connection that queries get."""
        return self.read(on_connection(statement))

    def problem_becomes(self, expected: bool) -> None:
        """Wait until the store has a problem, or has none any more."""
        eventually(lambda: (self.store.problem is not None) is expected)

    @contextmanager
    def one_batch(self) -> Iterator[None]:
        """Keep the writer busy: what is submitted meanwhile makes one batch."""
        entered, go_on = threading.Event(), threading.Event()

        def busy(_: Transaction) -> None:
            entered.set()
            assert go_on.wait(PATIENCE)

        gate = self.submit(busy, writes=False)
        assert entered.wait(PATIENCE)
        try:
            yield
        finally:
            go_on.set()
        self.settle(gate)
        self.order.remove(gate)
        self.wakes = 0

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
