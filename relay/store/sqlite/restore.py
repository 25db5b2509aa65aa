"""A backup becomes the desk. A crash at any point leaves the old desk or the new, never a mix.

What is replaced is kept beside. The new desk has a new epoch, so that clients which know the old
one start over.
"""

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from glob import escape
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from relay.errors import StartError
from relay.files import sync
from relay.store.offline import DatabaseIdentity, DatabaseKind
from relay.store.sqlite.backup import copied, dated, must_be_sound
from relay.store.sqlite.database import bring_up_to_date, make_folder
from relay.store.sqlite.engine import writer_engine
from relay.store.sqlite.files import BESIDE, lock_database
from relay.store.sqlite.identity import require
from relay.store.sqlite.schema import meta


def restore(database: Path, source: Path, at: datetime) -> Path | None:
    """Make a copy of *source* the desk in *database*; return where the old one is kept, if one was.

    Raises :exc:`StartError` if a relay runs or another process reads the old desk, if *source* is
    no sound desk, or if *database* is not ours; and OSError if the folder cannot be written.
    """
    require(source, DatabaseKind.CURRENT, DatabaseKind.OLDER)
    with replaceable(database) as found:
        if database.exists() and source.samefile(database):
            raise StartError(f"{source} is the desk already; give a backup of it.")
        with copied(source, database) as copy:
            _begin_anew(copy)
            must_be_sound(copy, source)
            return replace(database, found, copy, at)


@contextmanager
def replaceable(database: Path) -> Iterator[DatabaseIdentity]:
    """Hold the lock of *database*, which another may become; yield what it is now.

    A copy that was killed before it became one is deleted: it holds what people wrote. Raises
    :exc:`StartError` if a relay runs, or if it is not ours.
    """
    make_folder(database)
    lock = lock_database(database)
    try:
        for left in database.parent.glob(f".{escape(database.name)}.*.part*"):
            left.unlink()
        yield require(
            database, *(kind for kind in DatabaseKind if kind is not DatabaseKind.FOREIGN)
        )
    finally:
        lock.release()


def replace(database: Path, found: DatabaseIdentity, copy: Path, at: datetime) -> Path | None:
    """Make *copy* the desk in *database*; return where that, *found* as it was, is kept, if so.

    Raises :exc:`StartError` if another process reads the old desk.
    """
    sync(copy)
    kept = None if found.kind is DatabaseKind.BLANK else _keep(database, found, at)
    # Before the new desk has the name: an old log would be carried over into it.
    for end in BESIDE:
        Path(f"{database}{end}").unlink(missing_ok=True)
    sync(database.parent)
    copy.replace(database)
    sync(database.parent)
    return kept


def _begin_anew(copy: Path) -> None:
    """Bring *copy* up to this program's schema, and give it an epoch that nobody has heard of."""
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


def _keep(database: Path, found: DatabaseIdentity, at: datetime) -> Path:
    """Give the old desk a second name, under which it is complete."""
    kept = dated(database, "replaced", at)
    if found.kind is not DatabaseKind.DAMAGED:
        _settle(database)
    else:  # no desk any more; its log is kept with it, for who may mend it
        database.touch(mode=0o600)
        for end in BESIDE:
            if Path(f"{database}{end}").exists():
                os.link(f"{database}{end}", f"{kept}{end}")
    os.link(database, kept)
    return kept


def _settle(database: Path) -> None:
    """Carry the log over and do without one: possible only while nobody else has it open."""
    try:
        with closing(sqlite3.connect(database, isolation_level=None)) as file:
            file.execute("PRAGMA busy_timeout=2000")
            file.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.DatabaseError as error:
        raise StartError(
            f"Cannot put {database} aside ({error}); stop what reads it, or move it away yourself."
        ) from error
