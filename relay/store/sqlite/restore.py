"""Restores a backup as the desk. A crash at any point leaves the old desk or the new one.

The old desk is kept beside it. The new one has a new epoch, so that clients start over.
"""

import os
import secrets
import sqlite3
import stat
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from glob import escape
from pathlib import Path

from msgspec import json
from sqlalchemy.exc import DBAPIError

from relay.desk.events import Millis
from relay.errors import StartError
from relay.files import give_file, remove_abandoned, sync
from relay.store.offline import (
    DatabaseIdentity,
    DatabaseKind,
    ErasureEntry,
    RestoreResult,
    Returned,
)
from relay.store.sqlite.backup import dated_name, require_sound, temporary_copy
from relay.store.sqlite.database import bring_up_to_date, make_folder
from relay.store.sqlite.engine import writer_engine
from relay.store.sqlite.files import BESIDE, lock_database, owner_of
from relay.store.sqlite.identity import require
from relay.store.sqlite.schema import meta

ERASURES = ("expired", "forgotten", "purged", "purge_interrupted")
"""Entries of the audit log about what is gone."""
PURGE_BEGUN = "purge_begun"
"""Followed by one of those, with its number as ``begun``, unless the relay was killed meanwhile."""
_SAME_DESK = "SELECT 1 FROM old.agent JOIN agent USING (id, created_at)"
_SINCE = (
    "SELECT id, at, action, by_name, data FROM old.audit "
    "WHERE hash NOT IN (SELECT hash FROM audit) ORDER BY id"
)
_RETURNED = (
    "SELECT id FROM help_request WHERE id NOT IN (SELECT id FROM old.help_request) ORDER BY id"
)


def restore(database: Path, source: Path, at: datetime) -> RestoreResult:
    """Make a copy of *source* the desk in *database*; return what comes back with it.

    Raises :exc:`StartError` if a relay runs or another process reads the old desk, if *source* is
    no sound desk, or if *database* is not a desk; and OSError if the folder cannot be written.
    """
    require(source, DatabaseKind.CURRENT, DatabaseKind.OLDER)
    with locked_for_replacement(database) as found:
        if database.exists() and source.samefile(database):
            raise StartError(f"{source} is the desk already; give a backup of it.")
        with temporary_copy(source, database) as copy:
            _assign_epoch(copy)
            require_sound(copy, source)
            returned = erased_since(copy, database, found)
            return RestoreResult(replace(database, found, copy, at), returned)


@contextmanager
def locked_for_replacement(database: Path) -> Iterator[DatabaseIdentity]:
    """Hold the lock of *database* to replace it; yield what it is now.

    Deletes what a killed restore or import has left, since it contains what people wrote. Raises
    :exc:`StartError` if a relay runs, or if it is not a desk.
    """
    make_folder(database)
    lock = lock_database(database)
    try:
        remove_abandoned(database.parent, f".{escape(database.name)}.*.part", beside=BESIDE)
        yield require(
            database, *(kind for kind in DatabaseKind if kind is not DatabaseKind.FOREIGN)
        )
    finally:
        lock.release()


def replace(database: Path, found: DatabaseIdentity, copy: Path, at: datetime) -> Path | None:
    """Make *copy* the desk in *database*; return where the old one, *found* to be that, is kept.

    It gets the owner and the mode of the old one, or else its folder's owner and 0600. Raises
    :exc:`StartError` if another process reads the old desk.
    """
    mode = stat.S_IMODE(database.stat().st_mode) if database.exists() else 0o600
    give_file(copy, owner_of(database), mode)
    sync(copy)
    nothing = found.kind in {DatabaseKind.BLANK, DatabaseKind.LOST}
    kept = None if nothing else _keep_old(database, found, at)
    # Before the rename: an old log would be checkpointed into the new desk.
    for end in BESIDE:
        Path(f"{database}{end}").unlink(missing_ok=True)
    sync(database.parent)
    copy.replace(database)
    sync(database.parent)
    return kept


def erased_since(copy: Path, database: Path, found: DatabaseIdentity) -> Returned:
    """Return what was erased in *database* since *copy* was made of it, and is in the copy.

    Nothing if it is a copy of another desk. It is unknown if *database*, *found* to be that, cannot
    be read, or is gone: that is why many restore.
    """
    if found.kind is DatabaseKind.BLANK:
        return Returned([], [])
    if found.kind not in {DatabaseKind.CURRENT, DatabaseKind.OLDER}:
        return Returned([], [], unknown=True)
    try:
        return Returned(*_compare(copy, database))
    except sqlite3.DatabaseError:
        return Returned([], [], unknown=True)


def _compare(copy: Path, database: Path) -> tuple[list[ErasureEntry], list[int]]:
    with closing(sqlite3.connect(copy, isolation_level=None)) as file:
        file.execute("ATTACH ? AS old", (str(database),))
        file.execute("PRAGMA old.wal_autocheckpoint=0")
        if file.execute(_SAME_DESK).fetchone() is None:
            return [], []
        entries = _erasures(file.execute(_SINCE))
        return entries, [number for (number,) in file.execute(_RETURNED)] if entries else []


def _erasures(rows: Iterable[tuple[int, Millis, str, str | None, str]]) -> list[ErasureEntry]:
    """Return the entries about erasures, and those of purges that were killed before their end."""
    entries: list[ErasureEntry] = []
    begun: dict[int, ErasureEntry] = {}
    for number, at, action, by, text in rows:
        data = json.decode(text)
        begun.pop(data.get("begun"), None)
        entry = ErasureEntry(at, action, by, int(data.get("requests", 0)))
        if action in ERASURES:
            entries.append(entry)
        elif action == PURGE_BEGUN:
            begun[number] = entry
    return entries + list(begun.values())


def _assign_epoch(copy: Path) -> None:
    """Migrate *copy* to the current schema, and give it a new epoch."""
    engine = writer_engine(copy)
    try:
        bring_up_to_date(engine)
        with engine.begin() as connection:
            epoch = meta.update().where(meta.c.name == "epoch")
            connection.execute(epoch.values(value=secrets.token_hex(8)))
    except DBAPIError as error:
        raise StartError(f"The backup cannot be read: {error.orig}; give another.") from error
    finally:
        engine.dispose()


def _keep_old(database: Path, found: DatabaseIdentity, at: datetime) -> Path:
    """Link the old desk under a second name, under which it is complete."""
    kept = dated_name(database, "replaced", at)
    if found.kind is not DatabaseKind.DAMAGED:
        _remove_log(database)
    else:  # no longer readable; its log is kept for a repair
        database.touch(mode=0o600)
        for end in BESIDE:
            if Path(f"{database}{end}").exists():
                os.link(f"{database}{end}", f"{kept}{end}")
    os.link(database, kept)
    return kept


def _remove_log(database: Path) -> None:
    """Checkpoint and remove the log: possible only while no other process has it open."""
    try:
        with closing(sqlite3.connect(database, isolation_level=None)) as file:
            file.execute("PRAGMA busy_timeout=2000")
            file.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.DatabaseError as error:
        raise StartError(
            f"Cannot put {database} aside ({error}); stop what reads it, or move it away yourself."
        ) from error
