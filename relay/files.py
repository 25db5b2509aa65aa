"""Atomic writes, temporary files and locks on a local file system.

The one copy of each for the store, the console and the command; knows no database and no desk.
"""

import fcntl
import os
import pwd
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_urlsafe
from typing import Self

Write = Callable[[bytes], object]


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
def temporary_file(path: Path, *, suffix: str = ".part") -> Iterator[Path]:
    """Yield an empty file of mode 0600 beside *path*, deleted at the end unless renamed by then.

    Raises OSError, which names *path*, if it cannot be created.
    """
    # Named before it exists, so that a signal right after its creation finds what to delete.
    part = path.with_name(f".{path.name}.{token_urlsafe(6)}{suffix}")
    try:
        try:
            os.close(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(path)) from error
        yield part
    finally:
        part.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Flush the contents of a file, or the names in a folder, to the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
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

    @classmethod
    def acquire(cls, path: Path) -> Self:
        """Lock *path*, created with mode 0600 if need be, and write this process's id into it.

        Raises :exc:`LockedError` if another process holds it, and OSError if it cannot be opened.
        """
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(descriptor, 20, 0).decode(errors="replace").strip()
            os.close(descriptor)
            if isinstance(error, BlockingIOError):
                raise LockedError(holder) from error
            raise
        with suppress(OSError):  # a full disk: locked all the same, by an unknown process
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        return cls(descriptor)

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
