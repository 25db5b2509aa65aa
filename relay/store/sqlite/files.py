"""The files of a desk: which belong to its database, and the lock that one process has on them."""

import os
import stat
from glob import escape
from pathlib import Path

from relay.errors import InUseError, StartError
from relay.files import FileLock, LockedError, give, hold, share_bytes
from relay.store.sqlite.mounts import mount_of
from relay.store.sqlite.owners import denied

BESIDE = ("-wal", "-shm", "-journal")
"""Suffixes of SQLite's files beside a database."""
OF_THE_RELAY = (".lock", ".sock")
"""Suffixes of the relay's files beside a database."""
CUT = " cut"
"""End of that note once the database or its log was cut or overwritten under a relay."""
INODE = "inode "
"""Begin of the note in the lock file: the inode of the database that was last open."""
SQLITE_SHARED = (2**30 + 2, 510)
"""Bytes of a database, first and number, that SQLite's readers lock (sqlite.org/lockingv3)."""


class DatabaseLock:
    """The lock of one process on a database: on the lock file beside it, and on the file itself.

    The second holds whatever the file is called: by a link, or mounted into a container. Its
    descriptor is open from before SQLite opens the file until after SQLite has closed it, since
    closing any descriptor of a file ends the locks that SQLite has on it (fcntl(2)).
    """

    def __init__(self, database: Path, name: FileLock) -> None:
        """Hold *name*, the lock file beside *database*, which need not exist yet."""
        self.database = database
        self.name = name
        self._descriptor: int | None = None
        self._beside: list[int] = []

    @property
    def lock_file(self) -> Path:
        """The path of the lock file."""
        return _lock_file(self.database)

    @property
    def descriptor(self) -> int:
        """The descriptor of the database, which nobody but this lock closes."""
        if self._descriptor is None:
            raise ValueError("the database is not open")
        return self._descriptor

    def hold_file(self) -> None:
        """Hold the database itself, if there is one.

        Raises :exc:`StartError` if a process has it by another name, if it has several names, or
        if it is mounted by itself: its log would then be another one for each name.
        """
        if self._descriptor is not None or not self.database.is_file():
            return
        _drop_kept_links(self.database)
        mount = mount_of(self.database)
        if mount is not None and mount.point == self.database:
            raise StartError(
                f"{self.database} is mounted by itself, which keeps its log and its lock outside; "
                f"mount the folder that it is in."
            )
        descriptor = _open(self.database)
        links = os.fstat(descriptor).st_nlink
        if links > 1 or not hold(descriptor):
            os.close(descriptor)
            if links > 1:
                raise StartError(
                    f"{self.database} has {links} names (hard links), and each of them would have "
                    "a log of its own; remove the others, or copy the file."
                )
            raise StartError(
                f"{self.database} is in use by another relay, under another name; "
                "stop that one, or give another file with --database."
            )
        self._descriptor = descriptor

    def create_file(self) -> None:
        """Create the database, empty, for its owner alone, if there is none; and hold it."""
        if not self.database.exists():
            flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            descriptor = os.open(self.database, flags, 0o600)
            give(descriptor, self.database.parent.stat())
            os.close(descriptor)
        self.hold_file()

    def open_beside(self, path: str) -> int | None:
        """Return a descriptor of a file of SQLite's, open until :meth:`release`; None without one.

        Closing it earlier would end the locks that SQLite has on that file.
        """
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return None
        self._beside.append(descriptor)
        return descriptor

    def note_cut(self) -> None:
        """Tell the next start that the files were cut or overwritten while they were open."""
        self.name.write(f"{self.name.note.removesuffix(CUT)}{CUT}")

    def keep_log(self) -> None:
        """Prevent SQLite from touching the files beside the database when it closes it."""
        if self._descriptor is not None:
            share_bytes(self._descriptor, *SQLITE_SHARED)

    def renew(self) -> bool:
        """Lock a new lock file if there is none any more; return whether this process holds it."""
        if self.name.is_at(self.lock_file):
            return True
        try:
            renewed = FileLock.acquire(self.lock_file, owner_of(self.database))
        except (LockedError, OSError):
            return False
        renewed.write(self.name.note)
        self.name.release()
        self.name = renewed
        return True

    def release(self) -> None:
        """Let another process lock the database; does nothing the second time."""
        for descriptor in self._beside:
            os.close(descriptor)
        self._beside = []
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
        self.name.release()


def lock_database(database: Path) -> DatabaseLock:
    """Lock *database* for writing by this process.

    Raises :exc:`InUseError`, which names the process that has it, and :exc:`StartError` if no file
    can be written beside it, or for the reasons of :meth:`DatabaseLock.hold_file`.
    """
    path = _lock_file(database)
    try:
        lock = DatabaseLock(database, FileLock.acquire(path, owner_of(database)))
    except LockedError as error:
        raise InUseError(
            f"{database} is in use by another relay (process {error.holder or 'unknown'}); "
            "stop that one, or give another file with --database."
        ) from error
    except PermissionError as error:
        raise denied(path if path.exists() else path.parent) from error
    except OSError as error:
        raise StartError(
            f"Cannot write beside {database} ({error.strerror}); "
            "give a database in a folder of yours with --database."
        ) from error
    try:
        lock.hold_file()
    except BaseException:
        lock.release()
        raise
    return lock


def owner_of(database: Path) -> os.stat_result:
    """Return the state of *database*, or else of its folder: who owns what is made beside it."""
    try:
        return database.stat()
    except FileNotFoundError:
        return database.parent.stat()


def reject_desk_files(target: Path) -> None:
    """Raise :exc:`StartError` if *target* is a desk's database or one of its other files.

    A database without a lock file beside it was never opened by a relay.
    """
    place = target.resolve()
    for end in (*BESIDE, *OF_THE_RELAY):
        whole = place.with_name(place.name.removesuffix(end))
        if Path(f"{place}{end}").exists() or (whole != place and whole.exists()):
            raise StartError(f"{target} belongs to a database in use; give another file.")


def _lock_file(database: Path) -> Path:
    return database.with_name(f"{database.name}.lock")


def _open(database: Path) -> int:
    """Return a descriptor of *database*, which can write if the file allows it."""
    flags = os.O_NONBLOCK | os.O_CLOEXEC
    try:
        return os.open(database, os.O_RDWR | flags)
    except OSError:
        pass
    try:
        return os.open(database, os.O_RDONLY | flags)
    except PermissionError as error:
        raise denied(database) from error
    except OSError as error:
        raise StartError(f"Cannot open {database} ({error.strerror}).") from error


def _drop_kept_links(database: Path) -> None:
    """Remove the second name that a restore gives the old desk, if it was killed right then."""
    if database.stat().st_nlink == 1:
        return
    for kept in database.parent.glob(f"{escape(database.name)}.replaced-*"):
        if kept.samefile(database) and not stat.S_ISLNK(kept.lstat().st_mode):
            for end in ("", *BESIDE):
                Path(f"{kept}{end}").unlink(missing_ok=True)
