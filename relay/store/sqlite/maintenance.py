"""What the writer does beside its batches: it proves that the disk takes messages, and carries the
write-ahead log over into the database. In the writer's thread alone; never in a batch's way.

SQLite would carry the log over by itself, within somebody's commit, and tell nobody if it failed.
"""

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from relay.log import OVERWRITING_FAILED, note
from relay.store.sqlite.engine import PAGES
from relay.store.sqlite.health import Fault, name_of
from relay.store.sqlite.schema import meta
from relay.store.sqlite.search_index import STEP, compact, fill

PROBE = "x" * 2**16
"""As much as the longest frame by default: less may fit where a message does not."""
PROVEN_FOR = 60.0
"""Seconds after which a store that was not written to is tried again."""
LONG_LOG = 2**22
"""Bytes (1,000 pages, as with SQLite) from which the log is carried over while there is work."""
CARRIED_FOR = 0.25
"""Seconds for which a long log is left alone after it was carried over: what many commits write
into one page goes into the database once. At 12,000 messages a second it grows to 32 MiB then."""
QUIET = 5.0
"""Seconds without a write after which the log is emptied."""
PATIENCE = 50
"""Milliseconds that emptying the log waits for readers, where somebody waits for what was erased
to be gone from it."""
TRACES = meta.c.name == "traces"
"""Kept from what is erased until the index and the log are rid of it, whatever ends the relay."""
LONGEST_TAIL = 4_000
"""Messages that may wait for the full-text index while chats go first. A question asks them beside
the index: as many of 120 characters cost it some 12 ms."""
STEPS_AT_ONCE = 6
"""Steps of filling the index, where more wait than that; and then as many as it takes to add what
came since the last turn, so that what waits is bounded at any rate."""
LAST_STEPS = 25
"""Steps of filling the index that an end of the relay waits for: a quarter of a second."""
TURN = 1.0
"""Seconds between two looks while there is something to look after."""


def mark_traces(connection: Connection) -> None:
    """Keep, in the transaction that erases, that the files will bear traces of what goes."""
    connection.execute(meta.delete().where(TRACES))
    connection.execute(meta.insert().values(name="traces", value=""))


def log_bytes(database: Path) -> int:
    """Return the size of the write-ahead log of *database*: one system call."""
    try:
        return os.stat(f"{database}-wal").st_size  # noqa: PTH116 - called at every scrape
    except FileNotFoundError:
        return 0


class Maintenance:
    """When to look after one database, and how."""

    def __init__(self, engine: Engine, database: Path) -> None:
        """Look after *database* over *engine*, the writer's; the first proof is due in a turn."""
        self._engine = engine
        self._database = database
        now = time.monotonic()
        self._proven = now + TURN - PROVEN_FOR
        self._wrote = now
        self._carried = now
        self._due = now + TURN
        with engine.connect() as connection:
            left = connection.execute(meta.select().where(TRACES)).first() is not None
        self._traces = self._begin = left
        self._erased = now
        self._waiting = 1  # an end may have left something
        self._new = 0
        self.urgent = False
        self.standing = False
        """Whether a commit that failed may stand in the log as if it had been made."""

    def erased(self, *, at_once: bool) -> None:
        """Know that the log bears what was erased: have it emptied in the next turn.

        *at_once*: have that turn before anybody is told of the batch (``urgent``).
        """
        self._traces = self._begin = True
        self._erased = time.monotonic()
        self.urgent = self.urgent or at_once
        self.soon()

    def wrote(self, messages: int) -> None:
        """Know that a batch was committed just now, with so many *messages*.

        They are in the index of texts after the next turn, which comes now if they are many.
        """
        self._proven = self._wrote = time.monotonic()
        self.standing = False
        self._waiting += messages
        self._new += messages
        if self._waiting >= STEP:
            self._due = min(self._due, self._wrote)
        self.soon()

    def soon(self) -> None:
        """Have the next turn soon."""
        self._due = min(self._due, time.monotonic() + TURN)

    @property
    def rest(self) -> float:
        """Seconds until the next turn."""
        return max(0.0, self._due - time.monotonic())

    def turn(self, *, ailing: bool) -> Fault | None:
        """Do what is due; return what went wrong. *ailing*: the store refuses writes as yet.

        After None the store is sound.
        """
        now = time.monotonic()
        try:
            if ailing or now - self._proven >= PROVEN_FOR:
                self._prove()
            if self._waiting:
                behind = self._waiting > LONGEST_TAIL
                self._fill(STEPS_AT_ONCE if behind else 1, least=self._new if behind else 0)
            # Not in the midst of a purge; what is begun goes on.
            clear = self._traces and (self.urgent or not self._begin or now - self._erased >= TURN)
            if clear and not self._compact():
                self._due = now
                return None
            emptied = self._carry_over(empty=ailing or clear or now - self._wrote >= QUIET)
            if clear and emptied:
                self._unmark()
                emptied = self._carry_over(empty=True)
        except (DBAPIError, sqlite3.Error) as error:
            self._due = now + TURN
            return error
        finally:
            self.urgent = False
        done = emptied and not self._traces
        self._due = self._proven + PROVEN_FOR if done else now + TURN
        if self._waiting:
            self._due = now if self._waiting >= STEP else now + TURN
        return None

    def finish(self) -> Fault | None:
        """Leave nothing waiting for the index unless that took long; return what went wrong."""
        try:
            self._fill(LAST_STEPS, least=0)
        except DBAPIError as error:
            return error
        return None

    def _fill(self, steps: int, *, least: int) -> None:
        """Take *steps* of filling the index, or more until *least* texts are added or none wait."""
        self._waiting = left = 1  # if this fails it is tried again, and not before the next turn
        added = 0
        while left and (steps > 0 or added < least):
            with self._engine.begin() as connection:
                texts, left = fill(connection)
            added += texts
            steps -= 1
        self._waiting, self._new = left, 0

    def _prove(self) -> None:
        """Write as much as a message takes, and take it back."""
        probe = meta.c.name == "probe"
        with self._engine.begin() as connection:
            connection.execute(meta.delete().where(probe))
            connection.execute(meta.insert().values(name="probe", value=PROBE))
        with self._engine.begin() as connection:
            connection.execute(meta.delete().where(probe))
        self._proven = time.monotonic()
        self.standing = False

    def overwrite_failed_commit(self) -> None:
        """Write over what a commit that failed has left in the log: see ``standing``.

        Its pages and its mark are there, and only the sync was refused: whoever opened the file
        anew would take it for made. What overwrites it is not committed, and needs no sync.
        """
        with closing(self._engine.raw_connection()) as connection:
            cursor = connection.cursor()
            try:
                cursor.execute("PRAGMA synchronous=OFF")
                cursor.execute("PRAGMA cache_size=1")  # so the pages are written before the end
                cursor.execute("BEGIN IMMEDIATE")
                cursor.execute("INSERT INTO meta (name, value) VALUES ('over', ?)", (PROBE,))
                self.standing = False
            except sqlite3.Error as error:
                self.standing = True
                note(OVERWRITING_FAILED, fault=name_of(error))
            finally:
                connection.rollback()
                cursor.execute("PRAGMA synchronous=FULL")
                cursor.execute(PAGES)

    def _compact(self) -> bool:
        """Rewrite a part of the full-text index; return whether nothing erased is left in it."""
        with self._engine.begin() as connection:
            done = compact(connection, begin=self._begin)
        self._begin = False
        return done

    def _unmark(self) -> None:
        """Know that nothing that was erased is left in the files."""
        with self._engine.begin() as connection:
            connection.execute(meta.delete().where(TRACES))
        self._traces = False

    def _carry_over(self, *, empty: bool) -> bool:
        """Checkpoint if it is time to; return whether the log is empty, as *empty* wants it."""
        size, now = log_bytes(self._database), time.monotonic()
        due = size >= LONG_LOG and now - self._carried >= CARRIED_FOR
        if not size or not (empty or due):
            return not size
        self._carried = now
        connection = self._engine.raw_connection()
        try:
            cursor = connection.cursor()
            # Nobody may wait for a reader's end: what it still needs is carried over later.
            cursor.execute(f"PRAGMA busy_timeout={PATIENCE if self.urgent else 0}")
            cursor.execute(f"PRAGMA wal_checkpoint({'TRUNCATE' if empty else 'PASSIVE'})")
            cursor.execute("PRAGMA busy_timeout=5000")
        finally:
            connection.close()
        return not log_bytes(self._database)
