"""Opens a file as a store: locks it, creates or migrates the tables.

Refuses, in one sentence and without a change, a file that is foreign, damaged or newer than the
program. An older one is backed up before its migration.
"""

import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from glob import escape
from pathlib import Path

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import DBAPIError

from relay.errors import StartError
from relay.files import give_file, remove_abandoned
from relay.store.offline import DatabaseKind
from relay.store.sqlite import identity
from relay.store.sqlite.backup import dated_name, write_backup
from relay.store.sqlite.engine import APPLICATION_ID, writer_engine
from relay.store.sqlite.files import BESIDE, CUT, INODE, DatabaseLock, lock_database
from relay.store.sqlite.identity import CHECK_TIMEOUT, require
from relay.store.sqlite.integrity import first_finding
from relay.store.sqlite.maintenance import log_bytes
from relay.store.sqlite.owners import require_visible
from relay.store.sqlite.placement import Placement
from relay.store.sqlite.schema import alembic_version, meta, metadata

MIGRATIONS = "relay.store.sqlite:migrations"


@dataclass(frozen=True, slots=True)
class OpenDatabase:
    """A database that this process has open: its lock, the writer's engine, and its placement.

    ``created``: there was none before.
    """

    lock: DatabaseLock
    engine: Engine
    placement: Placement
    created: bool

    def close(self) -> None:
        """Close the writer's connections, and let another process open the database."""
        self.engine.dispose()
        self.lock.release()


def open_database(database: Path, name: Path | None = None) -> OpenDatabase:
    """Open *database*, to which the link *name* leads, if one does; create or migrate it if needed.

    Raises :exc:`StartError` if another process has it, if it is not a Helpdesk database, if a
    newer program wrote it, or if it is not the one that was here.
    """
    make_folder(database)
    lock = lock_database(database)
    try:
        found = require(
            database,
            DatabaseKind.BLANK,
            DatabaseKind.CURRENT,
            DatabaseKind.OLDER,
            check_seconds=CHECK_TIMEOUT,
        )
        created = found.kind is DatabaseKind.BLANK
        _require_whole(database, lock.name.note)
        _require_own_log(database, lock.name.note.removesuffix(CUT))
        remove_abandoned(database.parent, f".{escape(database.name)}.*.part", beside=BESIDE)
        if found.kind is DatabaseKind.OLDER:
            kept = dated_name(database, f"schema-{found.about}", datetime.now(UTC))
            write_backup(database, kept)
            give_file(kept, database.stat(), 0o600)
        lock.create_file()
        placement = Placement(lock, name or database)
        engine = writer_engine(database, placement)
        bring_up_to_date(engine)
        lock.name.write(f"{INODE}{os.fstat(lock.descriptor).st_ino}")
    except BaseException as error:
        lock.release()
        if isinstance(error, DBAPIError):
            raise StartError(f"Cannot open {database}: {error.orig}.") from error
        raise
    return OpenDatabase(lock, engine, placement, created)


def _require_whole(database: Path, note: str) -> None:
    """Raise :exc:`StartError` if *note* says that this very file was cut under a relay."""
    if database.exists() and note == f"{INODE}{database.stat().st_ino}{CUT}":
        raise StartError(
            f"{database} or the log beside it (-wal) was cut or overwritten while a relay had it "
            "open, and what was acknowledged may be missing: restore a backup with `helpdesk "
            f"restore`; to go on with what is there, delete {database}.lock."
        )


def _require_own_log(database: Path, note: str) -> None:
    """Raise :exc:`StartError` if the log beside *database* was written for another file.

    SQLite would apply it all the same. *note* is what the lock file has of the file that was last
    open here.
    """
    if not note.startswith(INODE) or not log_bytes(database):
        return
    if note != f"{INODE}{database.stat().st_ino}":
        finding = first_finding(database)
        if finding is not None:
            raise StartError(
                f"{database} is not the file that the log beside it belongs to ({finding.check}: "
                f"{finding.problem.rstrip('.')}); put that file back, or move {database}-wal away "
                "if this file is a complete backup."
            )


def make_folder(database: Path) -> None:
    """Create the folder of *database*; raise :exc:`StartError` if that is impossible."""
    require_visible(database)
    try:
        database.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StartError(
            f"Cannot make the folder {database.parent} ({error.strerror}); "
            "give another file with --database."
        ) from error
    if database.is_dir():
        raise StartError(f"{database} is a folder; give a file with --database.")


def epoch_of(connection: Connection) -> str:
    """Return the epoch, which is created with the database and changed by a restore."""
    value: str = connection.execute(select(meta.c.value).where(meta.c.name == "epoch")).scalar_one()
    return value


def bring_up_to_date(engine: Engine) -> None:
    """Create or migrate the tables in one transaction, unless the schema is current."""
    with engine.connect() as connection:
        schema = _schema_of(connection)
    if schema == identity.SCHEMA:
        return
    with engine.begin() as connection:
        if schema is None:
            _create(connection)
        else:
            migrate(connection)
        connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")


def _schema_of(connection: Connection) -> str | None:
    if not connection.dialect.has_table(connection, alembic_version.name):
        return None
    return connection.execute(select(alembic_version.c.version_num)).scalar()


def _create(connection: Connection) -> None:
    """Create the tables that the migrations make, without the time that Alembic takes to load."""
    metadata.create_all(connection, checkfirst=False)
    connection.execute(alembic_version.insert().values(version_num=identity.SCHEMA))
    connection.execute(meta.insert().values(name="epoch", value=secrets.token_hex(8)))


def migrate(connection: Connection) -> None:
    """Change the tables of an older schema to those of this program, within a transaction."""
    # Imported here, since most starts need no migration.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", MIGRATIONS)
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
