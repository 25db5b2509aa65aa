"""Free space in the file: given back to the disk in small steps after a large erasure.

SQLite keeps the pages of deleted rows for new ones. A desk that stays small after a purge would
keep the size it once had.
"""

from dataclasses import dataclass

from sqlalchemy import PoolProxiedConnection

INCREMENTAL = 2
"""SQLite's ``auto_vacuum`` of a file that can give pages back without being rewritten."""
SPARE_PAGES = 1_024
"""Free pages that are kept for new messages: 4 MiB."""
STEP = 256
"""Pages that one step gives back: some milliseconds of the writer's time."""


@dataclass(frozen=True, slots=True)
class FreeSpace:
    """Pages of a file, and how many of them are free; ``automatic``: it can give them back."""

    pages: int
    free: int
    automatic: bool

    @property
    def is_large(self) -> bool:
        """True if most of the file is free."""
        return self.free > SPARE_PAGES and 2 * self.free > self.pages


def free_space(connection: PoolProxiedConnection) -> FreeSpace:
    """Return the free space of the file of *connection*."""
    cursor = connection.cursor()
    pages, free, mode = (
        cursor.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "auto_vacuum")
    )
    return FreeSpace(pages, free, mode == INCREMENTAL)


def give_back(connection: PoolProxiedConnection) -> bool:
    """Give some free pages back, in a transaction of its own; return whether there are more."""
    # A script, since the driver's `execute` ends after the first page.
    connection.cursor().executescript(f"PRAGMA incremental_vacuum({STEP})")
    return free_space(connection).free > SPARE_PAGES
