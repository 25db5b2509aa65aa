"""Maintenance between the writer's batches: index, checkpoints, overwriting, and self-tests.

Runs in the writer's thread. SQLite would checkpoint by itself within a commit, and report no error
if that fails.
"""

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from relay.log import OVERWRITING_FAILED, emit
from relay.store.sqlite.engine import PAGES
from relay.store.sqlite.free_space import free_space, give_back
from relay.store.sqlite.health import Fault, name_of
from relay.store.sqlite.schema import meta
from relay.store.sqlite.search_index import STEP, compact, fill

PROBE = "x" * 2**16
"""As long as the longest frame by default: something shorter may fit where a message does not."""
PROBE_INTERVAL = 60.0
"""Seconds without a write after which the store tests itself."""
CHECKPOINT_SIZE = 2**22
"""Bytes of log (1,000 pages, as in SQLite) that cause a checkpoint between batches."""
CHECKPOINT_INTERVAL = 0.25
"""Least seconds between two such checkpoints, so that a page which many commits change is copied
once. At 12,000 messages a second the log grows to 32 MiB."""
TRUNCATE_AFTER = 5.0
"""Seconds without a write after which the log is truncated."""
READER_TIMEOUT_MS = 50
"""Milliseconds that a truncation waits for readers, if a callback waits for the overwriting."""
ERASED_MARK = meta.c.name == "traces"
"""Stored from an erasure until the index and the log are overwritten, so that a crash does not
prevent it."""
INDEX_BACKLOG_LIMIT = 4_000
"""Messages that may wait to be indexed while batches have priority. A search matches them without
the index: as many of 120 characters take some 12 ms."""
STEPS_PER_RUN = 6
"""Least steps of indexing in a run when more than that wait. Such a run also indexes as many as
came since the last one, so that the backlog is bounded at any rate."""
FINAL_STEPS = 25
"""Most steps of indexing at the end of the relay: a quarter of a second."""
INTERVAL = 1.0
"""Seconds between two runs while something is pending."""


def mark_erased(connection: Connection) -> None:
    """Store, in the transaction that erases, that the files have to be overwritten."""
    connection.execute(meta.delete().where(ERASED_MARK))
    connection.execute(meta.insert().values(name="traces", value=""))


def is_marked_erased(connection: Connection) -> bool:
    """Return whether the files have to be overwritten yet."""
    return connection.execute(meta.select().where(ERASED_MARK)).first() is not None


def log_bytes(database: Path) -> int:
    """Return the size of the write-ahead log of *database*: one system call."""
    try:
        return os.stat(f"{database}-wal").st_size  # noqa: PTH116 - called at every scrape
    except FileNotFoundError:
        return 0


class Maintenance:
    """Schedules and runs the maintenance of one database."""

    def __init__(self, engine: Engine, database: Path) -> None:
        """Maintain *database* over *engine*, the writer's; the first self-test is due soon."""
        self._engine = engine
        self._database = database
        now = time.monotonic()
        self._probed_at = now + INTERVAL - PROBE_INTERVAL
        self._wrote_at = now
        self._checkpointed_at = now
        self._due = now + INTERVAL
        with engine.connect() as connection:
            left = is_marked_erased(connection)
        self.overwrite_pending = self._compaction_new = left
        """True while the files hold something erased. Written by the writer's thread alone."""
        self._erased = now
        self._gives_back, self._may_give_back = False, True
        self._waiting = 1  # the last process may have left some
        self._new = 0
        self.urgent = False
        self.has_failed_commit = False
        """Whether a commit that failed may stand in the log as if it had been made."""

    def request_overwrite(self, *, at_once: bool) -> None:
        """Schedule the overwriting of what was erased.

        *at_once*: before the callbacks of the batch (``urgent``).
        """
        self.overwrite_pending = self._compaction_new = True
        self._erased = time.monotonic()
        self.urgent = self.urgent or at_once
        self.soon()

    def committed(self, messages: int) -> None:
        """Note that a batch with so many *messages* was committed just now.

        They are indexed in the next run, which is due now if there are many.
        """
        self._probed_at = self._wrote_at = time.monotonic()
        self.has_failed_commit = False
        self._waiting += messages
        self._new += messages
        if self._waiting >= STEP:
            self._due = min(self._due, self._wrote_at)
        self.soon()

    def soon(self) -> None:
        """Schedule the next run within :data:`INTERVAL`."""
        self._due = min(self._due, time.monotonic() + INTERVAL)

    @property
    def seconds_until_due(self) -> float:
        """The seconds until the next run."""
        return max(0.0, self._due - time.monotonic())

    def run(self, *, failing: bool) -> Fault | None:
        """Run what is due; return the error, None if the store works.

        *failing*: the store refuses writes at present.
        """
        now = time.monotonic()
        try:
            if failing or now - self._probed_at >= PROBE_INTERVAL:
                self._probe()
            if self._waiting:
                behind = self._waiting > INDEX_BACKLOG_LIMIT
                self._fill_index(STEPS_PER_RUN if behind else 1, least=self._new if behind else 0)
            # Not during a purge, unless it has begun.
            clear = self.overwrite_pending and (
                self.urgent or not self._compaction_new or now - self._erased >= INTERVAL
            )
            if clear and not self._compact_index():
                self._due = now
                return None
            emptied = self._checkpoint(
                empty=failing or clear or now - self._wrote_at >= TRUNCATE_AFTER
            )
            if clear and emptied:
                self._clear_mark()
                emptied = self._checkpoint(empty=True)
            quiet = now - self._wrote_at >= TRUNCATE_AFTER and not failing
            gave_back = self._may_give_back and quiet and self._give_back()
        except (DBAPIError, sqlite3.Error) as error:
            self._due = now + INTERVAL
            return error
        finally:
            self.urgent = False
        done = emptied and not self.overwrite_pending and not self._may_give_back
        self._due = self._probed_at + PROBE_INTERVAL if done else now + INTERVAL
        if self._waiting:
            self._due = now if self._waiting >= STEP else now + INTERVAL
        if gave_back:
            self._due = now
        return None

    def finish(self) -> Fault | None:
        """Index what is left, within bounds; return the error, if any."""
        try:
            self._fill_index(FINAL_STEPS, least=0)
        except DBAPIError as error:
            return error
        return None

    def _fill_index(self, steps: int, *, least: int) -> None:
        """Run *steps* of indexing, or more until *least* texts are added or none is left."""
        self._waiting = left = 1  # so that a failure is retried in the next run
        added = 0
        while left and (steps > 0 or added < least):
            with self._engine.begin() as connection:
                texts, left = fill(connection)
            added += texts
            steps -= 1
        self._waiting, self._new = left, 0

    def _probe(self) -> None:
        """Write as much as a message takes, and delete it."""
        probe = meta.c.name == "probe"
        with self._engine.begin() as connection:
            connection.execute(meta.delete().where(probe))
            connection.execute(meta.insert().values(name="probe", value=PROBE))
        with self._engine.begin() as connection:
            connection.execute(meta.delete().where(probe))
        self._probed_at = time.monotonic()
        self.has_failed_commit = False

    def overwrite_failed_commit(self) -> None:
        """Overwrite what a failed commit has left in the log (``has_failed_commit``).

        Its pages and its commit mark are in the log, only the sync failed: a process that opens
        the file would read it as committed. What overwrites it is not committed, and needs no sync.
        """
        with closing(self._engine.raw_connection()) as connection:
            cursor = connection.cursor()
            try:
                cursor.execute("PRAGMA synchronous=OFF")
                cursor.execute("PRAGMA cache_size=1")  # so that pages spill before the rollback
                cursor.execute("BEGIN IMMEDIATE")
                cursor.execute("INSERT INTO meta (name, value) VALUES ('over', ?)", (PROBE,))
                self.has_failed_commit = False
            except sqlite3.Error as error:
                self.has_failed_commit = True
                emit(OVERWRITING_FAILED, fault=name_of(error))
            finally:
                connection.rollback()
                cursor.execute("PRAGMA synchronous=FULL")
                cursor.execute(PAGES)

    def empty_log(self) -> bool:
        """Copy the whole log into the open database and empty it, wherever both are by now.

        Return whether no reader prevented it; raise if the database does.
        """
        with closing(self._engine.raw_connection()) as connection:
            cursor = connection.cursor()
            cursor.execute(f"PRAGMA busy_timeout={READER_TIMEOUT_MS}")
            busy: int = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            cursor.execute("PRAGMA busy_timeout=5000")
        return not busy

    def _compact_index(self) -> bool:
        """Rewrite a part of the full-text index; return whether nothing erased is left."""
        with self._engine.begin() as connection:
            done = compact(connection, begin=self._compaction_new)
        self._compaction_new = False
        return done

    def _clear_mark(self) -> None:
        """Store that the files contain nothing erased any more."""
        with self._engine.begin() as connection:
            connection.execute(meta.delete().where(ERASED_MARK))
        self.overwrite_pending, self._may_give_back = False, True

    def _give_back(self) -> bool:
        """Give some pages back to the disk if most of the file is free; return whether it did."""
        with closing(self._engine.raw_connection()) as connection:
            if not self._gives_back:
                space = free_space(connection)
                self._gives_back = space.is_large and space.automatic
            gives_back = self._gives_back
            self._gives_back = gives_back and give_back(connection)
        self._may_give_back = self._gives_back
        return gives_back

    def _checkpoint(self, *, empty: bool) -> bool:
        """Checkpoint if due; return whether the log is empty, which *empty* asks for."""
        size, now = log_bytes(self._database), time.monotonic()
        due = size >= CHECKPOINT_SIZE and now - self._checkpointed_at >= CHECKPOINT_INTERVAL
        if not size or not (empty or due):
            return not size
        self._checkpointed_at = now
        connection = self._engine.raw_connection()
        try:
            cursor = connection.cursor()
            # Batches must not wait for a reader: what it still needs is checkpointed later.
            cursor.execute(f"PRAGMA busy_timeout={READER_TIMEOUT_MS if self.urgent else 0}")
            cursor.execute(f"PRAGMA wal_checkpoint({'TRUNCATE' if empty else 'PASSIVE'})")
            cursor.execute("PRAGMA busy_timeout=5000")
        finally:
            connection.close()
        return not log_bytes(self._database)
