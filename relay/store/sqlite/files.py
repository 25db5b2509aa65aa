"""The files of a desk: which belong to its database, and the lock that one process has on them."""

from pathlib import Path

from relay.errors import InUseError, StartError
from relay.files import FileLock, LockedError

BESIDE = ("-wal", "-shm", "-journal")
"""Suffixes of SQLite's files beside a database."""
OF_THE_RELAY = (".lock", ".sock")
"""Suffixes of the relay's files beside a database."""


def lock_database(database: Path) -> FileLock:
    """Lock *database* for writing by this process.

    Raises :exc:`InUseError`, which names the process that has it, and :exc:`StartError` if no file
    can be written beside it.
    """
    try:
        return FileLock.acquire(database.with_name(f"{database.name}.lock"))
    except LockedError as error:
        raise InUseError(
            f"{database} is in use by another relay (process {error.holder or 'unknown'}); "
            "stop that one, or give another file with --database."
        ) from error
    except OSError as error:
        raise StartError(
            f"Cannot write beside {database} ({error.strerror}); "
            "give a database in a folder of yours with --database."
        ) from error


def reject_desk_files(target: Path) -> None:
    """Raise :exc:`StartError` if *target* is a desk's database or one of its other files.

    A database without a lock file beside it was never opened by a relay.
    """
    place = target.resolve()
    for end in (*BESIDE, *OF_THE_RELAY):
        whole = place.with_name(place.name.removesuffix(end))
        if Path(f"{place}{end}").exists() or (whole != place and whole.exists()):
            raise StartError(f"{target} belongs to a database in use; give another file.")
