"""Complete copies of a database, also while a relay writes to it.

A copy is written under a temporary name, synced and checked, and renamed last: no failure leaves
an incomplete copy under the requested name.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from relay.errors import StartError
from relay.files import give, sync, temporary_file
from relay.store.offline import DatabaseKind
from relay.store.sqlite.engine import COMPACTABLE
from relay.store.sqlite.files import BESIDE, DatabaseLock, reject_desk_files
from relay.store.sqlite.health import is_damage
from relay.store.sqlite.identity import require
from relay.store.sqlite.integrity import first_finding

PIECE = 2**20
"""Bytes that are copied at once."""


def write_backup(database: Path, target: Path, *, force: bool = False) -> None:
    """Write all that is committed in *database* to *target*, readable by its owner alone.

    Raises :exc:`StartError` if *database* is no desk or is damaged, if *target* exists without
    *force*, or if there is no room; and OSError if the folder cannot be written. *target* is
    unchanged then.
    """
    require(database, DatabaseKind.CURRENT, DatabaseKind.OLDER)
    _check_target(target, database, force=force)
    target = target.resolve()
    with temporary_copy(database, target) as copy:
        require_sound(copy, database)
        copy.replace(target)
        sync(target.parent)


def write_backup_of(
    content: Iterable[bytes], target: Path, database: Path, *, force: bool = False
) -> None:
    """Write the desk whose file is *content* to *target*, as :func:`write_backup` does.

    *database* is where it was.
    """
    _check_target(target, database, force=force)
    target = target.resolve()
    with temporary_database(target) as received:
        with received.open("r+b") as file:
            file.writelines(content)
        require(received, DatabaseKind.CURRENT)
        with temporary_copy(received, target) as copy:
            require_sound(copy, database)
            copy.replace(target)
            sync(target.parent)


@contextmanager
def temporary_copy(source: Path, place: Path) -> Iterator[Path]:
    """Yield a synced copy of *source* beside *place*, deleted at the end unless renamed."""
    try:
        with temporary_database(place) as copy:
            _copy(source, copy)
            sync(copy)
            yield copy
    except sqlite3.Error as error:
        check = f"`helpdesk check --database {source}` tells what is wrong with it"
        remedy = check if is_damage(error) else "make room there"
        raise StartError(f"Cannot copy {source} to {place.parent} ({error}); {remedy}.") from error


@contextmanager
def temporary_database(place: Path) -> Iterator[Path]:
    """Yield an empty file beside *place* for a database, deleted at the end unless renamed by then.

    What SQLite writes beside it is deleted too.
    """
    with temporary_file(place, beside=BESIDE) as copy:
        yield copy


def require_sound(copy: Path, original: Path | str) -> None:
    """Raise :exc:`StartError` if *copy*, and so its *original*, fails an integrity check."""
    finding = first_finding(copy)
    if finding is not None:
        problem = finding.problem.rstrip(".")
        raise StartError(f"{original} is damaged ({finding.check}: {problem}); nothing was done.")


def rescue(lock: DatabaseLock, at: datetime) -> Path | None:
    """Copy the database that *lock* holds beside its former place if it has no name any more.

    Its log has to be empty. Return where the copy is, None if the file still has a name. Raises
    OSError if the copy cannot be written: its folder may be gone, too.
    """
    if os.fstat(lock.descriptor).st_nlink:
        return None
    target, offset = dated_name(lock.database, "rescued", at), 0
    with temporary_file(target) as part:
        with part.open("r+b") as file:
            give(file.fileno(), os.fstat(lock.descriptor))
            while piece := os.pread(lock.descriptor, PIECE, offset):
                offset += file.write(piece)
        sync(part)
        part.replace(target)
        sync(target.parent)
    return target


def dated_name(database: Path, why: str, at: datetime) -> Path:
    """Return an unused name beside *database* for a copy to keep."""
    path = database.with_name(f"{database.name}.{why}-{at:%Y%m%dT%H%M%SZ}")
    number = 1
    while path.exists():
        number += 1
        path = path.with_name(f"{database.name}.{why}-{at:%Y%m%dT%H%M%SZ}-{number}")
    return path


def _copy(source: Path, copy: Path) -> None:
    # Not `query_only`, which forbids VACUUM INTO; it writes nothing to *source*, and must not
    # checkpoint while a relay runs. Attached, so that the first pragma counts for the copy alone.
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as memory:
        memory.execute(COMPACTABLE)
        memory.execute("ATTACH ? AS desk", (str(source),))
        memory.execute("PRAGMA desk.wal_autocheckpoint=0")
        memory.execute("PRAGMA busy_timeout=5000")
        memory.execute("VACUUM desk INTO ?", (str(copy),))


def _check_target(target: Path, database: Path, *, force: bool) -> None:
    if target.is_dir():
        raise StartError(f"{target} is a folder; give a file in it.")
    reject_desk_files(target)
    if not target.exists():
        return
    if not target.is_file():
        raise StartError(f"{target} is a device or a pipe, which holds no database; give a file.")
    if not force:
        raise StartError(f"{target} exists; give another file, or --force to replace it.")
    if database.exists() and target.samefile(database):
        raise StartError(f"{target} is a database in use, the desk itself; give another file.")
