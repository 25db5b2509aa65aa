"""Identifies a file: whether it is a desk, of which schema, and whether it is damaged.

Changes nothing, so that a file which is refused stays as it is.
"""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from glob import escape
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import assert_never

from relay.errors import StartError
from relay.files import read_note
from relay.store.offline import DatabaseIdentity, DatabaseKind
from relay.store.sqlite.engine import APPLICATION_ID
from relay.store.sqlite.files import INODE
from relay.store.sqlite.maintenance import log_bytes
from relay.store.sqlite.owners import denied, require_visible

SCHEMA = "0006"
"""The revision that this program writes; older ones are migrated, newer ones refused."""

OLDER = frozenset(f"{number:04}" for number in range(1, int(SCHEMA)))
"""The revisions that the migrations lead from."""

CHECK_TIMEOUT = 1.0
"""Seconds that a start spends on checking pages: all of a small database, a part of a large one."""
STEPS_PER_CHECK = 10_000
"""Instructions of SQLite's virtual machine between two looks at the clock."""


def identify(database: Path, *, check_seconds: float = 0.0) -> DatabaseIdentity:
    """Return what *database* is; up to *check_seconds* are spent on checking its pages.

    Raises :exc:`StartError` if this process may not read it.
    """
    if not _size_of(database):
        # SQLite creates the log after the database, so a log alone means that the database is lost.
        lost = log_bytes(database) > 0
        return (
            DatabaseIdentity(DatabaseKind.DAMAGED, "only its log is there")
            if lost
            else _nothing(database)
        )
    for end in ("", "-wal", "-shm"):
        path = Path(f"{database}{end}")
        if path.exists() and not os.access(path, os.R_OK):
            raise denied(path)
    try:
        with _read_only(database) as file:
            found = _identity(file)
            if found.kind is DatabaseKind.BLANK:  # all that was written may have been in a lost log
                found = _nothing(database)
            trouble = _damage(file, check_seconds) if found.kind is DatabaseKind.CURRENT else ""
    except sqlite3.DatabaseError as error:
        return DatabaseIdentity(DatabaseKind.DAMAGED, str(error))
    return DatabaseIdentity(DatabaseKind.DAMAGED, trouble) if trouble else found


def require(database: Path, *allowed: DatabaseKind, check_seconds: float = 0.0) -> DatabaseIdentity:
    """Return what *database* is; raise :exc:`StartError` unless it is one of *allowed*."""
    require_visible(database)
    if database.is_dir():
        raise StartError(f"{database} is a folder; give a file in it.")
    found = identify(database, check_seconds=check_seconds)
    if found.kind not in allowed:
        raise StartError(_refusal(database, found))
    return found


def _refusal(database: Path, found: DatabaseIdentity) -> str:
    match found.kind:
        case DatabaseKind.BLANK:
            return f"There is no desk in {database} yet; give the file of one."
        case DatabaseKind.LOST:
            rescued = sorted(database.parent.glob(f"{escape(database.name)}.rescued-*"))
            backup = f"{rescued[-1]}, which the relay saved at its end," if rescued else "a backup"
            return (
                f"There was a desk in {database}, and it is gone: put the file back, or restore "
                f"{backup} with `helpdesk restore`; to begin with an empty desk, delete "
                f"{database}.lock."
            )
        case DatabaseKind.CURRENT:
            return f"{database} is a desk already; give another file."
        case DatabaseKind.OLDER:
            return (
                f"{database} was written by an older Helpdesk (schema {found.about}, this one "
                f"writes {SCHEMA}); the next start of the relay migrates it."
            )
        case DatabaseKind.NEWER:
            return (
                f"{database} was written by a newer Helpdesk (schema {found.about}, this one "
                f"knows {SCHEMA}); upgrade the program."
            )
        case DatabaseKind.FOREIGN:
            return f"{database} is not a Helpdesk database; give another file with --database."
        case DatabaseKind.DAMAGED:
            return (
                f"{database} is no Helpdesk database or is damaged ({found.about}); "
                "put a backup back, or give another file with --database."
            )
        case _:
            assert_never(found.kind)


def _nothing(database: Path) -> DatabaseIdentity:
    """Return what a *database* without content is, by what the lock file beside it remembers."""
    known = read_note(Path(f"{database}.lock")).startswith(INODE)
    return DatabaseIdentity(DatabaseKind.LOST if known else DatabaseKind.BLANK)


def _size_of(database: Path) -> int:
    """Return the size of *database*, 0 if it is absent; raise :exc:`StartError` if it is hidden.

    A pipe or a device would be opened and waited for.
    """
    try:
        found = database.stat()
    except PermissionError as error:
        raise denied(database) from error
    except OSError:
        return 0
    if not (S_ISREG(found.st_mode) or S_ISDIR(found.st_mode)):
        raise StartError(f"{database} is a device, pipe or socket; give a regular file.")
    return found.st_size


@contextmanager
def _read_only(database: Path) -> Iterator[sqlite3.Connection]:
    # Even a reader creates a log beside a database that has none, unless it is immutable.
    settled = not database.with_name(database.name + "-wal").exists()
    uri = f"{database.absolute().as_uri()}?mode=ro{'&immutable=1' if settled else ''}"
    with closing(sqlite3.connect(uri, uri=True)) as file:
        yield file


def _identity(file: sqlite3.Connection) -> DatabaseIdentity:
    (owner,) = file.execute("PRAGMA application_id").fetchone()
    (tables,) = file.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if not owner and not tables:
        return DatabaseIdentity(DatabaseKind.BLANK)
    if owner != APPLICATION_ID:
        return DatabaseIdentity(DatabaseKind.FOREIGN)
    row = file.execute("SELECT version_num FROM alembic_version").fetchone()
    if row is None:
        return DatabaseIdentity(DatabaseKind.DAMAGED, "it does not say its schema")
    schema = str(row[0])
    if schema == SCHEMA:
        return DatabaseIdentity(DatabaseKind.CURRENT, schema)
    return DatabaseIdentity(DatabaseKind.OLDER if schema in OLDER else DatabaseKind.NEWER, schema)


def _damage(file: sqlite3.Connection, check_seconds: float) -> str:
    """Return the first damage found within *check_seconds*, or an empty string."""
    if not check_seconds:
        return ""
    deadline = time.monotonic() + check_seconds
    file.set_progress_handler(lambda: time.monotonic() > deadline, STEPS_PER_CHECK)
    try:
        (said,) = file.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
        return ""
    return "" if said == "ok" else str(said).splitlines()[-1]
