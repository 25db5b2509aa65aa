"""A file becomes a store: locked, ours, of this program's schema; else one sentence says why not.

Never changes a file that is not ours, is damaged or is newer than the program.
"""

import secrets
from pathlib import Path

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import DBAPIError

from relay.errors import StartError
from relay.store.engine import APPLICATION_ID, writer_engine
from relay.store.identity import LOOK_FOR, SCHEMA, Kind, must_be
from relay.store.lock import DatabaseLock
from relay.store.schema import meta


def open_database(database: Path) -> tuple[DatabaseLock, Engine]:
    """Return the lock and the writer's engine of *database*, made or migrated where needed.

    Raises :exc:`StartError` if another process has it, if it is not a Helpdesk database, or if a
    newer program wrote it.
    """
    try:
        database.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StartError(
            f"Cannot make the folder {database.parent} ({error.strerror}); "
            "give another file with --database."
        ) from error
    if database.is_dir():
        raise StartError(f"{database} is a folder; give a file with --database.")
    lock = DatabaseLock.take(database)
    try:
        must_be(database, Kind.BLANK, Kind.CURRENT, Kind.OLDER, look_for=LOOK_FOR)
        # Customers' words are in it: made for its owner alone, before SQLite makes it for all.
        database.touch(mode=0o600)
        engine = writer_engine(database)
        _bring_up_to_date(engine)
    except DBAPIError as error:
        lock.release()
        raise StartError(f"Cannot open {database}: {error.orig}.") from error
    except StartError:
        lock.release()
        raise
    return lock, engine


def epoch_of(connection: Connection) -> str:
    """Return the database's epoch, made with it and changed by a restore alone."""
    value: str = connection.execute(select(meta.c.value).where(meta.c.name == "epoch")).scalar_one()
    return value


def _bring_up_to_date(engine: Engine) -> None:
    with engine.connect() as connection:
        if _schema_of(connection) == SCHEMA:
            return
    with engine.begin() as connection:
        _migrate(connection)
        if connection.execute(select(meta.c.value).where(meta.c.name == "epoch")).first() is None:
            connection.execute(meta.insert().values(name="epoch", value=secrets.token_hex(8)))
        connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")


def _schema_of(connection: Connection) -> str | None:
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    row = connection.exec_driver_sql("SELECT version_num FROM alembic_version").first()
    return None if row is None else str(row[0])


def _migrate(connection: Connection) -> None:
    # Imported here: a start that needs no migration does without Alembic.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "relay.store:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
