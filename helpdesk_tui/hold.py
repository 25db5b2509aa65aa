"""A folder that one running process has for itself, for as long as it runs.

The hold is a lock of the system's, which ends with the process however that ends; a folder of a
process that is gone is free. It never waits.
"""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

LOCK = "lock"


class Hold:
    """A hold on *folder*, until :meth:`end`; :func:`take` gives one."""

    def __init__(self, folder: Path, lock: int) -> None:
        self.folder = folder
        self._lock: int | None = lock

    def end(self) -> None:
        """Leave the folder to others."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.end()


def take(folder: Path) -> Hold | None:
    """Return a hold on *folder*, which is made if need be; None if another process has it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as refused:
        os.close(lock)
        if isinstance(refused, BlockingIOError):
            return None
        raise
    return Hold(folder, lock)
