"""The writer: one thread that runs all waiting jobs in one transaction (group commit).

Callbacks are called after the commit, in the order of the jobs, with one wake-up of the loop for a
batch.
"""

import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    NotSupportedError,
    ProgrammingError,
)

from relay.errors import Code, Refused
from relay.log import FAILED, Log
from relay.metrics import Counts
from relay.store.api import QUEUE_LIMIT, Transaction, Wake
from relay.store.sqlite.health import Fault, Health, is_io_error
from relay.store.sqlite.maintenance import Maintenance
from relay.store.sqlite.placement import DisplacedError, Part, Placement
from relay.store.sqlite.transaction import Overwrite, SqliteTransaction, WriterCache

T = TypeVar("T")
MAX_BATCH = 2_000
PLACEMENT_INTERVAL = 0.5
"""Seconds between two looks at the places of the files, so that the reason is known in one."""
MISTAKES = (DataError, IntegrityError, InterfaceError, NotSupportedError, ProgrammingError)
"""Errors of the driver that a job's own values or statements cause, and not the database."""


class Job(Generic[T]):
    """A job, its callback and its outcome."""

    __slots__ = ("_job", "_on_result", "_outcome", "writes")

    def __init__(
        self,
        job: Callable[[Transaction], T],
        on_result: Callable[[T | Refused], None],
        *,
        writes: bool,
    ) -> None:
        """Run *job* in the writer's thread, and *on_result* in the loop's after the commit."""
        self._job = job
        self._on_result = on_result
        self.writes = writes

    def run(self, transaction: Transaction) -> None:
        """Run it; a refusal is its outcome, any other exception fails the batch."""
        try:
            self._outcome: T | Refused = self._job(transaction)
        except Refused as refused:
            self._outcome = refused

    def fail(self, refused: Refused) -> None:
        """Make *refused* the outcome."""
        self._outcome = refused

    def call_back(self) -> None:
        """Call the callback with the outcome."""
        self._on_result(self._outcome)


class Writer:
    """Owns the only connection that writes."""

    def __init__(
        self,
        engine: Engine,
        wake: Wake,
        health: Health,
        maintenance: Maintenance,
        placement: Placement,
        *,
        counts: Counts,
        log: Log,
    ) -> None:
        """Start the thread; :meth:`stop` ends it.

        *maintenance* runs between batches; errors are reported to *health*. *placement* is looked
        at around each commit, and every :data:`PLACEMENT_INTERVAL`.
        """
        self._counts = counts
        self._log = log
        self._engine = engine
        self._reading = engine.execution_options(only_reads=True)  # the same connection
        self._health = health
        self._maintenance = maintenance
        self._placement = placement
        self._placement_due = 0.0
        self._wake = wake
        self._cache = WriterCache()
        self._interrupted = False
        self._jobs: queue.SimpleQueue[Job[Any] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="helpdesk writer")
        self._thread.start()

    def submit(self, job: Job[Any]) -> None:
        """Queue *job*, or refuse it if the queue is full."""
        if self._jobs.qsize() >= QUEUE_LIMIT:
            job.fail(Refused(Code.UNAVAILABLE, "The relay is overloaded; try again."))
            self._wake(job.call_back)
            return
        self._jobs.put(job)

    def interrupt(self) -> None:
        """Refuse writes without a try while the store has a problem."""
        self._interrupted = True

    def stop(self) -> None:
        """Run what is queued, then close the connection. Blocks."""
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        stopping = False
        while not stopping:
            batch, stopping = self._next_batch()
            if batch:
                self._run_batch(batch)
                if self._maintenance.urgent:
                    self._maintain()
                self._wake(lambda batch=batch: self._call_back(batch))  # type: ignore[misc]
            if time.monotonic() >= self._placement_due:
                self._check_placement()
            if not (
                stopping
                or self._interrupted
                or self._fails_for_good
                or self._maintenance.seconds_until_due
            ):
                self._maintain()
        self._check_placement()
        if not (self._interrupted or self._health.problem):
            fault = self._maintenance.finish()
            if fault is not None:
                self._on_fault(fault)
        if self._health.displacement is not None:
            self._placement.keep_files()
        self._engine.dispose()

    @property
    def _fails_for_good(self) -> bool:
        """True if no test of the store can end its problem."""
        return self._health.damaged or self._health.displacement is not None

    def _check_placement(self) -> None:
        """Report a file that is not in its place; then make the open database complete by itself.

        It is read without its log by a copy, and after it was moved away by who opens it there.
        """
        part = self._placement.displaced_part()
        if part is None:
            self._health.replace()
        else:
            self._health.displace(part)
            if part is not Part.CONTENT:  # a checkpoint would spread what is wrong in either
                self._complete_database()
        self._placement_due = time.monotonic() + PLACEMENT_INTERVAL

    def _complete_database(self) -> None:
        if self._health.complete:
            return
        try:
            self._health.complete = self._maintenance.empty_log()
        except (DBAPIError, sqlite3.Error) as error:
            self._health.report(error)

    def _maintain(self) -> None:
        fault = self._maintenance.run(failing=self._health.problem is not None)
        if fault is None:
            self._health.recover()
        else:
            self._on_fault(fault)

    def _on_fault(self, fault: Fault) -> None:
        # Only this connection knows that the failed commit in the log is not valid, and only it
        # has a file open that is not in its place any more.
        if self._placement.displaced_part() is not None:
            self._check_placement()
        elif is_io_error(fault):
            self._maintenance.overwrite_failed_commit()
        elif not self._maintenance.has_failed_commit:
            self._placement.forget_log()
            self._engine.dispose()
        self._health.report(fault)
        self._maintenance.soon()

    def _next_batch(self) -> tuple[list[Job[Any]], bool]:
        batch: list[Job[Any]] = []
        try:
            job = self._jobs.get(
                timeout=PLACEMENT_INTERVAL
                if self._interrupted or self._fails_for_good
                else min(PLACEMENT_INTERVAL, self._maintenance.seconds_until_due)
            )
        except queue.Empty:
            return batch, False
        while job is not None:
            batch.append(job)
            if len(batch) == MAX_BATCH:
                return batch, False
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return batch, False
        return batch, True

    def _run_batch(self, batch: Sequence[Job[Any]], *, trust_refs: bool = True) -> None:
        """Give every job of *batch* its outcome, in one transaction if none of them fails."""
        fails = self._fails_for_good or (self._interrupted and self._health.problem is not None)
        if fails and any(job.writes for job in batch):
            self._refuse_writes(batch)
            return
        try:
            self._commit(batch, trust_refs=trust_refs)
        except Exception as error:  # noqa: BLE001 - it is the outcome of the batch, or of a job
            self._cache.clear()
            if isinstance(error, DisplacedError):
                self._check_placement()
                self._refuse_writes(batch)
            elif isinstance(error, DBAPIError) and not isinstance(error, MISTAKES):
                if any(job.writes for job in batch):
                    self._on_fault(error)
                self._refuse_writes(batch)
            elif trust_refs:
                # Most likely a retry whose ref was trusted to be new.
                self._run_batch(batch, trust_refs=False)
            elif len(batch) > 1:
                # Each job gets a transaction of its own, so that a faulty one fails alone.
                for job in batch:
                    self._run_batch([job], trust_refs=False)
            else:
                self._log.emit(FAILED, error)
                batch[0].fail(Refused(Code.UNAVAILABLE, "The relay failed; nothing was kept."))

    def _commit(self, batch: Sequence[Job[Any]], *, trust_refs: bool) -> None:
        writes = any(job.writes for job in batch)
        began = time.perf_counter()
        with (self._engine if writes else self._reading).begin() as connection:
            transaction = SqliteTransaction(connection, self._cache, trust_refs=trust_refs)
            for job in batch:
                job.run(transaction)
            transaction.flush()
            if writes:
                self._placement.require_in_place()
        if writes:
            self._require_kept()
            self._maintenance.committed(transaction.message_count)
            self._counts.commit_jobs.observe(len(batch))
            self._counts.commit_seconds.observe(time.perf_counter() - began)
        if transaction.overwrite:
            self._maintenance.request_overwrite(at_once=transaction.overwrite is Overwrite.NOW)

    def _require_kept(self) -> None:
        """Raise :exc:`DisplacedError` if a file has left its place during the commit."""
        try:
            self._placement.require_in_place()
        except DisplacedError as displaced:
            self._health.displace(displaced.part, amid_commit=True)
            raise

    def _refuse_writes(self, batch: Sequence[Job[Any]]) -> None:
        """Refuse the jobs that write; run those that only read again without them."""
        writers = [job for job in batch if job.writes]
        self._counts.store_refusals += bool(writers)
        readers = [job for job in batch if not job.writes]
        refused = Refused(Code.UNAVAILABLE, "The relay cannot store anything now; try again.")
        if writers and readers:
            self._run_batch(readers)
        for job in writers or readers:
            job.fail(refused)

    def _call_back(self, batch: Sequence[Job[Any]]) -> None:
        for job in batch:
            try:
                job.call_back()
            except Exception as error:  # noqa: BLE001 - the others of the batch want their answers
                self._log.emit(FAILED, error)
