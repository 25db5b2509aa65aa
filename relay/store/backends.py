"""Selects the store for a location: the only place that knows every implementation.

Implementations are imported when they are used, so that commands which need none start quickly.
"""

from pathlib import Path

from relay.store.offline import Database


def database_at(location: Path, name: Path | None = None) -> Database:
    """Return the database at *location*, which need not exist.

    An open store watches that *name*, by which its users know it, goes on leading to it.
    """
    from relay.store.sqlite.location import SqliteDatabase  # noqa: PLC0415

    return SqliteDatabase(location, name)


def reject_desk_files(target: Path) -> None:
    """Raise :exc:`relay.errors.StartError` if *target* is a file of some desk's database."""
    from relay.store.sqlite import files  # noqa: PLC0415

    files.reject_desk_files(target)
