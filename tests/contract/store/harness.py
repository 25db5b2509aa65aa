"""An open store for tests, whichever it is; its event loop is the test, callback by callback."""

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
from relay.store.backends import database_at
from relay.store.values import RequestFilter
from tests.patience import PATIENCE

T = TypeVar("T")


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until another thread has made that true."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.005)


class Callback(Generic[T]):
    """A callback that keeps its outcome."""

    def __init__(self, on_call: Callable[["Callback[T]"], None]) -> None:
        self._on_call = on_call
        self._outcomes: list[T | Refused] = []

    def __call__(self, outcome: T | Refused) -> None:
        self._outcomes.append(outcome)
        self._on_call(self)

    @property
    def outcome(self) -> T | Refused:
        """The outcome of the only call."""
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
    def is_called(self) -> bool:
        """Whether there is an outcome yet."""
        return bool(self._outcomes)


class StoreBench:
    """An open store. ``order`` has all callbacks in the order in which they were called."""

    def __init__(self, location: Path) -> None:
        self.location = location
        self.wakes = 0
        self.order: list[Callback[Any]] = []
        self._calls: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self.store = database_at(location).open(self._calls.put, Counts(), Log())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.store.close()

    def submit(self, job: Callable[[Transaction], T], *, writes: bool = True) -> Callback[T]:
        """Submit *job* and wait for nothing."""
        callback = Callback[T](self.order.append)
        (self.store.write if writes else self.store.read_in_order)(job, callback)
        return callback

    def settle(self, *jobs: Callback[Any]) -> None:
        """Be the loop until all *jobs* are called back."""
        while not all(job.is_called for job in jobs):
            self._calls.get(timeout=PATIENCE)()
            self.wakes += 1

    def write(self, job: Callable[[Transaction], T]) -> Callback[T]:
        """Run *job* and wait for its outcome."""
        callback = self.submit(job)
        self.settle(callback)
        return callback

    def do(self, job: Callable[[Transaction], T]) -> T:
        """Run *job*, which must not be refused, and return its result."""
        return self.write(job).value

    def read(self, query: Callable[[Queries], T]) -> Callback[T]:
        """Run *query* beside the writer."""
        callback = Callback[T](self.order.append)
        self.store.read(query, callback)
        self.settle(callback)
        return callback

    def problem_becomes(self, expected: bool) -> None:
        """Wait until the store has a problem, or has none any more."""
        eventually(lambda: (self.store.problem is not None) is expected)

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Keep the writer busy: what is submitted meanwhile waits in its queue."""
        entered, go_on = threading.Event(), threading.Event()

        def wait(_: Transaction) -> None:
            entered.set()
            assert go_on.wait(PATIENCE)

        gate = self.submit(wait, writes=False)
        assert entered.wait(PATIENCE)
        try:
            yield
        finally:
            go_on.set()
        self.settle(gate)
        self.order.remove(gate)
        self.wakes = 0

    def messages(self) -> list[tuple[int, str | None, str | None]]:
        """Return request, text and ref of all committed messages, as any reader sees them."""
        entries, place, more = list[tuple[int, str | None, str | None]](), 0, True
        while more:
            page = self.read(lambda it, at=place: it.events_after(at, RequestFilter())).value  # type: ignore[misc]
            entries += [
                (request, getattr(message.event, "text", None), message.ref)
                for _, request, message in page.entries
            ]
            place, more = page.place, page.more
        return entries

    def requests(self) -> list[int]:
        """Return the numbers of all committed requests, ascending."""
        page = self.read(lambda queries: queries.requests(RequestFilter(), None, 10_000)).value
        return [record.request.id for record in page.records][::-1]

    def exported(self) -> list[bytes]:
        """Return all that is committed, as the lines of an export."""
        with database_at(self.location).export_source() as source:
            return [data for _, data in source.complete(source.extent(RequestFilter()))]
