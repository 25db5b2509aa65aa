"""The place of an open database: whether its path still leads to the file that is open.

A file that is moved, removed or replaced stays open, and a commit into it succeeds; the next start
would not find what was acknowledged.
"""

import os
from enum import StrEnum
from pathlib import Path

from relay.store.sqlite.files import DatabaseLock

Identity = tuple[int, int]
"""Device and inode of a file: no other file has them while it is open."""


class Part(StrEnum):
    """A file of the desk that can be displaced."""

    DATABASE = "database"
    LOG = "log"
    INDEX = "index"
    LOCK = "lock"


PROBLEMS = {
    Part.DATABASE: (
        "the database file was moved, removed or replaced while the relay had it open; put it "
        "back, or save its content with `helpdesk backup FILE` before you stop the relay"
    ),
    Part.LOG: (
        "the log beside the database (-wal) was moved, removed or replaced while the relay had it "
        "open; put it back, or save everything with `helpdesk backup FILE` and restart the relay"
    ),
    Part.INDEX: (
        "the index beside the database (-shm) was moved, removed or replaced while the relay had "
        "it open; put it back, or save everything with `helpdesk backup FILE` and restart the relay"
    ),
    Part.LOCK: (
        "the lock file beside the database was replaced, and another process holds the new one; "
        "stop that process"
    ),
}
"""The reasons for refusing writes, each with the remedy."""
AMID_COMMIT = (
    "; this happened during a commit, whose messages were refused and may be found stored: "
    "restart the relay once the file is back"
)


class DisplacedError(Exception):
    """Raised instead of a commit while a file of the desk is not in its place; *part* is which."""

    def __init__(self, part: Part) -> None:
        super().__init__(part.value)
        self.part = part


class Placement:
    """Compares the files of an open database with what their paths lead to."""

    def __init__(self, lock: DatabaseLock, name: Path) -> None:
        """Watch the database that *lock* holds; *name* is what the settings call it, by a link."""
        self._lock = lock
        self._database = os.path.realpath(lock.database)
        self._name = os.fspath(name.absolute())
        self._log, self._index = f"{self._database}-wal", f"{self._database}-shm"
        self._own = _identity_of(os.fstat(lock.descriptor))
        self._own_log: Identity | None = None
        self._own_index: Identity | None = None

    def require_database(self) -> None:
        """Raise :exc:`DisplacedError` unless the database is in its place, whatever its log."""
        if _identity_at(self._name) != self._own or _identity_at(self._database) != self._own:
            raise DisplacedError(Part.DATABASE)

    def forget_log(self) -> None:
        """Expect no log, since SQLite may delete it when the writer's connection is closed."""
        self._own_log = self._own_index = None

    def keep_files(self) -> None:
        """Prevent SQLite from deleting, when it is closed, what lies beside the database by now."""
        self._lock.keep_log()

    def note_log(self) -> None:
        """Remember the log and its index, which SQLite has just opened or created."""
        self._own_log, self._own_index = _identity_at(self._log), _identity_at(self._index)

    def require_in_place(self) -> None:
        """Raise :exc:`DisplacedError` unless database and log are in place: two system calls."""
        if _identity_at(self._name) != self._own:
            raise DisplacedError(Part.DATABASE)
        if self._own_log is not None and _identity_at(self._log) != self._own_log:
            raise DisplacedError(Part.LOG)

    def displaced_part(self) -> Part | None:
        """Return which file is not in its place, if one is not; lock a new lock file if needed."""
        try:
            self.require_in_place()
        except DisplacedError as displaced:
            return displaced.part
        if _identity_at(self._database) != self._own:
            return Part.DATABASE  # a link now leads to a second name of the same file
        if self._own_index is not None and _identity_at(self._index) != self._own_index:
            return Part.INDEX
        return None if self._lock.renew() else Part.LOCK


def _identity_at(path: str) -> Identity | None:
    """Return the identity of the file at *path*, None if there is none that can be seen."""
    try:
        return _identity_of(os.stat(path))  # noqa: PTH116 - twice at every commit
    except OSError:
        return None


def _identity_of(file: os.stat_result) -> Identity:
    return file.st_dev, file.st_ino
