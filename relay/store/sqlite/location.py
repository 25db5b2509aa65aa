"""A SQLite file by its path: implements :class:`relay.store.offline.Database`."""

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

from relay.log import Log
from relay.metrics import Counts
from relay.store.api import Wake
from relay.store.offline import (
    CheckReport,
    DatabaseIdentity,
    DatabaseKind,
    DatabaseState,
    EngineStatus,
    ExportSource,
    ImportResult,
    RestoreResult,
)
from relay.store.sqlite import backup, exporter, identity, importer, integrity, restore
from relay.store.sqlite.clock_record import known_clock
from relay.store.sqlite.engine import reader_engine
from relay.store.sqlite.free_space import free_space
from relay.store.sqlite.maintenance import is_marked_erased
from relay.store.sqlite.mounts import mount_of
from relay.store.sqlite.store import SqliteStore
from relay.store.sqlite.webhook_queue import summaries_of
from relay.store.values import WebhookSummary


class SqliteDatabase:
    """Delegates to the modules of this package; the interface documents each method."""

    def __init__(self, path: Path, name: Path | None = None) -> None:
        """Stand for the file *path*, which need not exist; *name* is a link that leads to it."""
        self._path = path
        self._name = name

    def open(self, wake: Wake, counts: Counts, log: Log) -> SqliteStore:
        """Open the store."""
        return SqliteStore(self._path, wake, counts, log, name=self._name)

    def engine(self) -> EngineStatus:
        """Return the version of SQLite."""
        return engine_status(sqlite3.sqlite_version_info)

    def unreliable_file_system(self) -> str | None:
        """Return the type of the file system if it is no local disk's."""
        mount = mount_of(self._path)
        return mount.kind if mount is not None and mount.is_unreliable else None

    def identify(self) -> DatabaseIdentity:
        """Return what the file is."""
        return identity.identify(self._path)

    def require(self, *kinds: DatabaseKind) -> DatabaseIdentity:
        """Return what the file is, which must be one of *kinds*."""
        return identity.require(self._path, *kinds)

    def check(self) -> CheckReport:
        """Run all integrity checks."""
        return integrity.check_database(self._path)

    def backup(self, target: Path, *, force: bool = False) -> None:
        """Write a checked copy to *target*."""
        backup.write_backup(self._path, target, force=force)

    def backup_of(self, content: Iterable[bytes], target: Path, *, force: bool = False) -> None:
        """Write a checked copy of *content* to *target*."""
        backup.write_backup_of(content, target, self._path, force=force)

    def restore(self, source: Path, at: datetime) -> RestoreResult:
        """Replace the content by the backup *source*."""
        return restore.restore(self._path, source, at)

    def import_export(self, source: Path, at: datetime, name: str | None = None) -> ImportResult:
        """Replace the content by the export *source*, which sentences call *name* if given."""
        return importer.import_export(self._path, source, at, name)

    def export_source(self) -> AbstractContextManager[ExportSource]:
        """Open the file for an export."""
        return exporter.open_source(self._path)

    def state(self) -> DatabaseState:
        """Return the state of the file."""
        return state_of(self._path)

    def webhook_summaries(self, events: Mapping[str, Iterable[str]]) -> list[WebhookSummary]:
        """Return the state of all webhooks."""
        return summaries_of(self._path, events)


def state_of(database: Path) -> DatabaseState:
    """Return the state of *database*, which has the current schema."""
    engine = reader_engine(database, 1)
    try:
        with engine.connect() as connection:
            space = free_space(connection.connection)
            size = connection.exec_driver_sql("PRAGMA page_size").scalar_one()
            wasted = space.free * size if space.is_large and not space.automatic else 0
            return DatabaseState(known_clock(connection), is_marked_erased(connection), wasted)
    finally:
        engine.dispose()


def engine_status(version: tuple[int, ...]) -> EngineStatus:
    """Return SQLite *version*, and whether it has the fault of :func:`has_wal_reset_fault`."""
    major, minor, patch = version[:3]
    name = f"SQLite {major}.{minor}.{patch}"
    fault = None
    if integrity.has_wal_reset_fault((major, minor, patch)):
        fault = (
            f"{name}, well for the relay, which alone writes to the file. With another program "
            "that writes to it, such as sqlite3, it could damage it: do not, or upgrade SQLite."
        )
    return EngineStatus("sqlite", name, fault)
