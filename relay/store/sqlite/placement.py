"""The place of an open database: whether its path still leads to the file that is open.

A file that is moved, removed or replaced stays open, and a commit into it succeeds; the next start
would not find what was acknowledged. The same is true of one that another program cuts or
overwrites in its place, as ``cp`` does: SQLite would then write into what it does not know.
"""

import os
import sys
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
    CONTENT = "content"
    """Database or log, in its place, but cut or overwritten."""


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
    Part.CONTENT: (
        "the database or the log beside it (-wal) was cut or overwritten while the relay had it "
        "open; stop the relay, which writes no more to either, and restore a backup"
    ),
}
"""The reasons for refusing writes, each with the remedy."""
AMID_COMMIT = (
    "; this happened during a commit, whose messages were refused and may be found stored: "
    "restart the relay once the file is back"
)


CHANGE_COUNTER = slice(24, 28)
"""Its bytes in the header of a database; SQLite only raises it (sqlite.org/fileformat2.html)."""
HEADER_BYTES = 100
INDEX_HEADER_BYTES = 20
"""Bytes of the index's header up to the number of frames (sqlite.org/walformat.html)."""
LOG_HEADER_BYTES, FRAME_HEADER_BYTES = 32, 24


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
        self._index_descriptor: int | None = None
        self._seen: tuple[int, int] | None = None
        self._change_counter = 0
        self._log_bytes = 0
        self._overwritten = False

    def require_database(self) -> None:
        """Raise :exc:`DisplacedError` unless the database is in its place, whatever its log."""
        self._file_in_place()

    def forget_log(self) -> None:
        """Expect no log, since SQLite may delete it when the writer's connection is closed."""
        self._own_log = self._own_index = None

    def keep_files(self) -> None:
        """Prevent SQLite from deleting, when it is closed, what lies beside the database by now."""
        self._lock.keep_log()

    def note_log(self) -> None:
        """Remember the log and its index, which SQLite has just opened or created."""
        self._own_log, self._own_index = _identity_at(self._log), _identity_at(self._index)
        held = self._index_descriptor
        if held is None or _identity_of(os.fstat(held)) != self._own_index:
            self._index_descriptor = self._lock.open_beside(self._index)

    def require_in_place(self) -> None:
        """Raise :exc:`DisplacedError` unless database and log are in place: two system calls.

        They also have to hold what SQLite has written; once they do not, they never do again.
        """
        file = self._file_in_place()
        log = None if self._own_log is None else _stat(self._log)
        if self._own_log is not None and (log is None or _identity_of(log) != self._own_log):
            raise DisplacedError(Part.LOG)
        if self._overwritten or self._is_overwritten(file) or (log and self._is_cut(log)):
            if not self._overwritten:
                self._lock.note_cut()
            self._overwritten = True
            raise DisplacedError(Part.CONTENT)

    def _file_in_place(self) -> os.stat_result:
        """Return the state of the database; raise :exc:`DisplacedError` unless it is in its place.

        A link in its place may lead to it, but the log of the next start would be beside the file.
        """
        file = _stat(self._database, follow=False)
        if file is None or _identity_of(file) != self._own:
            raise DisplacedError(Part.DATABASE)
        if self._name != self._database and _identity_at(self._name) != self._own:
            raise DisplacedError(Part.DATABASE)
        return file

    def displaced_part(self) -> Part | None:
        """Return which file is not in its place, if one is not; lock a new lock file if needed."""
        part = self._displaced_file()
        if part is None and not self._lock.renew():
            # The folder may have gone since the first look, and its lock file with it.
            part = self._displaced_file() or Part.LOCK
        return part

    def _displaced_file(self) -> Part | None:
        try:
            self.require_in_place()
        except DisplacedError as displaced:
            return displaced.part
        if self._own_index is not None and _identity_at(self._index) != self._own_index:
            return Part.INDEX
        return None

    def _is_overwritten(self, file: os.stat_result) -> bool:
        """Return whether the database is another one than when it was last looked at."""
        seen = file.st_size, file.st_mtime_ns
        if seen == self._seen:
            return False
        header = os.pread(self._lock.descriptor, HEADER_BYTES, 0)
        counter = int.from_bytes(header[CHANGE_COUNTER], "big")
        if counter < self._change_counter or (not header and self._change_counter):
            return True
        page = int.from_bytes(header[16:18], "big")
        whole = int.from_bytes(header[28:32], "big") * (2**16 if page == 1 else page)
        if self._seen and file.st_size < min(self._seen[0], whole):
            return True  # what fails for want of room may be shorter, but has not become so
        self._seen, self._change_counter = seen, counter
        return False

    def _is_cut(self, log: os.stat_result) -> bool:
        """Return whether the log is shorter than the frames in it, by its index.

        SQLite cuts the log itself, once no frame is needed any more.
        """
        shorter = log.st_size < self._log_bytes
        self._log_bytes = log.st_size
        return shorter and log.st_size < self._frames_bytes()

    def _frames_bytes(self) -> int:
        if self._index_descriptor is None:
            return 0  # without its index, which is missed by itself, nothing can be said
        header = os.pread(self._index_descriptor, INDEX_HEADER_BYTES, 0)
        page = int.from_bytes(header[14:16], sys.byteorder)
        frames = int.from_bytes(header[16:20], sys.byteorder)
        page = 2**16 if page == 1 else page
        return LOG_HEADER_BYTES + frames * (FRAME_HEADER_BYTES + page) if frames else 0


def _identity_at(path: str) -> Identity | None:
    """Return the identity of the file at *path*, None if there is none that can be seen."""
    file = _stat(path)
    return None if file is None else _identity_of(file)


def _stat(path: str, *, follow: bool = True) -> os.stat_result | None:
    try:
        return os.stat(path, follow_symlinks=follow)  # noqa: PTH116 - twice at every commit
    except OSError:
        return None


def _identity_of(file: os.stat_result) -> Identity:
    return file.st_dev, file.st_ino
