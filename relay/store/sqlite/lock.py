"""One process owns the database: a lock on a file beside it, held as long as the store is open.

The lock is the kernel's and ends with the process, however it dies; the file itself stays, since
removing it would let two processes lock two files of one name.
"""

import fcntl
import os
from pathlib import Path
from typing import Self

from relay.errors import InUseError, StartError


class DatabaseLock:
    """The exclusive right to open a database for writing."""

    def __init__(self, descriptor: int) -> None:
        """Own *descriptor*, which is locked; :meth:`take` makes one."""
        self._descriptor = descriptor

    @classmethod
    def take(cls, database: Path) -> Self:
        """Lock *database* for this process, or raise :exc:`InUseError` naming who has it."""
        path = database.with_name(database.name + ".lock")
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StartError(
                f"Cannot write beside {database} ({error.strerror}); "
                "give a database in a folder of yours with --database."
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(descriptor, 20, 0).decode(errors="replace").strip()
            os.close(descriptor)
            raise InUseError(
                f"{database} is in use by another relay (process {holder or 'unknown'}); "
                "stop that one, or give another file with --database."
            ) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        return cls(descriptor)

    def release(self) -> None:
        """Let another process have the database."""
        os.close(self._descriptor)
