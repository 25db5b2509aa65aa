"""Atomic writes, temporary files and locks on a local file system.

The one copy of each for the store, the console and the command; knows no database and no desk.
"""

import errno
import fcntl
import os
import pwd
import stat
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from secrets import token_urlsafe
from typing import Self

Write = Callable[[bytes], object]

TOKEN_BYTES = 6
"""Random bytes in the name of a temporary file."""
FAR_BYTE = 2**62
"""Offset of the byte that :func:`hold` locks; SQLite's are at 2**30 and below 2**31."""
NO_LOCKS = frozenset({errno.EINVAL, errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP})
"""Errors of a file system that has no such locks."""
NOTE_BYTES = 200
"""Longest note in a lock file."""
FIRST_LINE = 20
"""Bytes of a lock file's first line, padded: as much as earlier releases show of it."""


@contextmanager
def atomic_write(path: Path, *, durable: bool = True, suffix: str = ".part") -> Iterator[Write]:
    """Yield a function that writes to a new file, which replaces *path* at the end of the block.

    The file has mode 0600. If *durable*, it and its folder are synced, so that it survives a power
    loss. If the block raises, or a write fails with OSError, *path* is as it was and no file is
    left; one that a killed process leaves is called ``.<name>.<random><suffix>``.
    """
    with temporary_file(path, suffix=suffix) as part:
        with part.open("r+b") as file:
            yield file.write
            if durable:
                file.flush()
                os.fsync(file.fileno())
        part.replace(path)
        if durable:
            sync(path.parent)


@contextmanager
def temporary_file(
    path: Path, *, suffix: str = ".part", beside: Sequence[str] = ()
) -> Iterator[Path]:
    """Yield an empty file of mode 0600 beside *path*, deleted at the end unless renamed by then.

    Deleted with it are the files called as it is and ending in *beside*; and at the beginning all
    that a killed process has left for the same *path*. Raises OSError, which names *path*, if it
    cannot be created.
    """
    remove_abandoned(path.parent, temporary_names(path.name, suffix), beside=beside)
    held: int | None = None
    try:
        while held is None:
            # Named before it exists, so that a signal right after its creation finds what to
            # delete.
            part = path.with_name(f".{path.name}.{token_urlsafe(TOKEN_BYTES)}{suffix}")
            held = _create_held(part, path)
        yield part
    finally:
        for end in ("", *beside):
            Path(f"{part}{end}").unlink(missing_ok=True)
        if held is not None:
            os.close(held)


def _create_held(part: Path, path: Path) -> int | None:
    """Return the descriptor of the new file *part*, locked; None if another process took it."""
    try:
        held = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    if hold(held) and is_at(part, os.fstat(held)):
        return held
    os.close(held)  # taken for abandoned before it was locked
    return None


def temporary_names(name: str, suffix: str = ".part") -> str:
    """Return the pattern of :func:`temporary_file`'s names for a file called *name*."""
    token = "?" * len(token_urlsafe(TOKEN_BYTES))
    return f".{escape(name)}.{token}{suffix}"


def remove_abandoned(folder: Path, names: str, *, beside: Sequence[str] = ()) -> None:
    """Delete the temporary files in *folder* that match *names* and that no process holds."""
    for part in folder.glob(names):
        try:
            descriptor = os.open(part, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            continue  # it has just gone, or is another user's, who may still write to it
        try:
            if hold(descriptor):
                for end in ("", *beside):
                    Path(f"{part}{end}").unlink(missing_ok=True)
        finally:
            os.close(descriptor)


def hold(descriptor: int) -> bool:
    """Lock the file itself until *descriptor* is closed; return False if another process has it.

    The lock is on one byte far behind the content, by an "open file description lock" (fcntl(2)):
    it is independent of SQLite's locks, on network file systems too, and does not end when another
    descriptor of the file is closed. A descriptor that cannot write gets a shared lock. A file
    system without locks gives none.
    """
    return _lock_bytes(descriptor, FAR_BYTE, 1, shared=not _can_write(descriptor))


def share_bytes(descriptor: int, start: int, length: int) -> bool:
    """Lock bytes against exclusive locks until *descriptor* is closed; return False if one is."""
    return _lock_bytes(descriptor, start, length, shared=True)


def _can_write(descriptor: int) -> bool:
    return fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDONLY


def _lock_bytes(descriptor: int, start: int, length: int, *, shared: bool) -> bool:
    kind = fcntl.F_RDLCK if shared else fcntl.F_WRLCK
    lock = struct.pack("hhqqi4x", kind, os.SEEK_SET, start, length, 0)
    try:
        fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, lock)
    except OSError as error:
        if error.errno not in NO_LOCKS:
            if error.errno in {errno.EAGAIN, errno.EACCES}:
                return False
            raise
    return True


def is_at(path: Path, file: os.stat_result) -> bool:
    """Return whether *path* leads to *file*."""
    try:
        return os.path.samestat(path.stat(), file)
    except OSError:
        return False


def give_file(path: Path, like: os.stat_result, mode: int) -> None:
    """Give *path* the *mode*, and if this process is root the owner of *like*; follow no link."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        give(descriptor, like)
        os.fchmod(descriptor, mode)
    finally:
        os.close(descriptor)


def give(descriptor: int, owner: os.stat_result) -> None:
    """Give the file to the user and group of *owner*, if this process is root.

    A file that root makes among a service's own would be one that the service cannot open.
    """
    mine = os.fstat(descriptor)
    if os.geteuid() or mine.st_nlink > 1 or os.path.samestat(mine, owner):
        return
    if (mine.st_uid, mine.st_gid) != (owner.st_uid, owner.st_gid):
        with suppress(PermissionError):  # root in a container that may not give files away
            os.fchown(descriptor, owner.st_uid, owner.st_gid)


def sync(path: Path) -> None:
    """Flush the contents of a file, or the names in a folder, to the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_note(path: Path) -> str:
    """Return what :meth:`FileLock.write` has stored in *path*, nothing if it cannot be read."""
    try:
        with path.open("rb") as file:
            return _note_in(file.fileno())
    except OSError:
        return ""


def _note_in(descriptor: int) -> str:
    return os.pread(descriptor, NOTE_BYTES, FIRST_LINE).decode(errors="replace").strip()


def read_regular(path: Path, limit: int) -> bytes:
    """Return the content of the regular file *path*, of *limit* bytes at most.

    Raises OSError that names *path* if it is something else, which might be endless or never be
    written to, or if it is larger.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "this is no regular file", str(path))
        parts, left = list[bytes](), limit + 1
        while left and (part := os.read(descriptor, left)):
            parts.append(part)
            left -= len(part)
        if not left:
            raise OSError(errno.EFBIG, f"more than {limit:,} bytes", str(path))
        return b"".join(parts)
    finally:
        os.close(descriptor)


class LockedError(Exception):
    """Another process holds the lock; *holder* is its process id, empty if unknown."""

    def __init__(self, holder: str) -> None:
        super().__init__(holder)
        self.holder = holder


class FileLock:
    """An exclusive lock on a file, held until :meth:`release` or the end of the process.

    The kernel's lock ends with the process, however it dies. The file stays: removing it would let
    two processes lock two files of one name. Child processes do not inherit the lock.
    """

    def __init__(self, descriptor: int) -> None:
        """Own the locked *descriptor*; :meth:`acquire` opens one."""
        self._descriptor: int | None = descriptor
        self.note = _note_in(descriptor)
        """The text that :meth:`write` has last stored in the file, by any process."""

    @classmethod
    def acquire(cls, path: Path, owner: os.stat_result | None = None) -> Self:
        """Lock *path*, created with mode 0600 if need be, and write this process's id into it.

        What root creates belongs to the user of *owner*. Raises :exc:`LockedError` if another
        process holds it, and OSError if it cannot be opened, or is a link.
        """
        while True:
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            descriptor = os.open(path, flags, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                holder = os.pread(descriptor, FIRST_LINE, 0).decode(errors="replace").strip()
                os.close(descriptor)
                if isinstance(error, BlockingIOError):
                    raise LockedError(holder) from error
                raise
            if is_at(path, os.fstat(descriptor)):
                break
            os.close(descriptor)  # removed before it was locked
        if owner is not None:
            give(descriptor, owner)
        lock = cls(descriptor)
        lock.write(lock.note)
        return lock

    def write(self, note: str) -> None:
        """Store *note* behind this process's id, for those who acquire the lock later."""
        self.note = note
        content = f"{os.getpid():<{FIRST_LINE - 1}}\n" + (f"{note}\n" if note else "")
        if self._descriptor is not None:
            with suppress(OSError):  # a full disk: locked all the same, by an unknown process
                os.ftruncate(self._descriptor, 0)
                os.pwrite(self._descriptor, content.encode(), 0)

    def is_at(self, path: Path) -> bool:
        """Return whether the locked file is still the one that *path* leads to."""
        return self._descriptor is not None and is_at(path, os.fstat(self._descriptor))

    def release(self) -> None:
        """Let another process acquire the lock; does nothing the second time."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def user_name(number: int) -> str:
    """Return the name of the user *number*, or the number if it has none."""
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"


def in_home(path: Callable[[], Path]) -> Path | None:
    """Return the *path* that is computed, with the home folder that its ``~`` stands for.

    It is None if the user has no home folder: a container may run as a number that no file of users
    has, and without ``HOME``.
    """
    try:
        return path().expanduser()
    except RuntimeError:
        return None
