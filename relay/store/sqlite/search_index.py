"""Maintains the full-text index: filled after commits, cleared in the transaction that erases.

Messages are added in the order of their ids.

It stores no texts: entries have the ids of ``message``, or the negative ids of ``customer``.
Removing an entry needs the text that was indexed, so it comes before the row is deleted; removing
one that was never added would damage the index.
"""

from collections.abc import Iterable

from sqlalchemy import Connection

from relay.desk.contact import Contact
from relay.store.sqlite.search_text import indexable

STEP = 400
"""Texts that one step adds; a step is a transaction of 3 to 7 ms, which may delay a batch."""
STEP_SIZE = 60_000
"""Most characters that one step adds, unless a single text is longer."""
COUNT_LIMIT = 5_000
"""The backlog is counted up to here: after an import there may be millions."""
MERGED_BY_STEP = 40
"""Pages that a step merges, more than it fills, so that SQLite never merges many at once."""
SEGMENTS = 12
"""Segments of one size that a step merges; SQLite itself would merge 16 at once."""
MERGED_AT_ONCE = 150
"""Pages of the index that one compaction rewrites."""

INDEXED_UP_TO = "(SELECT coalesce(max(id), 0) FROM search_docsize)"
"""SQL for the id up to which all texts are indexed, and none above it.

Derived, since texts are indexed in the order of their ids. After an erasure of the last ones it is
lower, with no text in between.
"""

Entry = tuple[int, str]
"""An id, negative for a customer, and the indexed text."""


def indexed_up_to(connection: Connection) -> int:
    """Return the value of :data:`INDEXED_UP_TO`; below 1 no message is indexed."""
    number: int = connection.exec_driver_sql(f"SELECT {INDEXED_UP_TO}").scalar_one()
    return number


def add(connection: Connection, entries: Iterable[Entry]) -> None:
    """Add *entries* to the index."""
    rows = [(number, indexable(words)) for number, words in entries]
    if rows:
        connection.exec_driver_sql("INSERT INTO search (rowid, words) VALUES (?, ?)", rows)


def remove(connection: Connection, entries: Iterable[Entry]) -> None:
    """Remove *entries*, which must be as they were added."""
    rows = [(number, indexable(words)) for number, words in entries]
    if rows:
        connection.exec_driver_sql(
            "INSERT INTO search (search, rowid, words) VALUES ('delete', ?, ?)", rows
        )


def person_entry(number: int, contact: Contact) -> list[Entry]:
    """Return the entry of the customer *number*, if there is anything to index."""
    words = contact.search_words
    return [(-number, words)] if words else []


def fill(connection: Connection) -> tuple[int, int]:
    """Index one step of the texts that are not indexed yet.

    Return how many these were, and how many are left, counted up to :data:`COUNT_LIMIT`. A single
    statement adds them, which runs without the interpreter's lock.
    """
    step = {"end": indexed_up_to(connection), "most": STEP}
    while (next_ := connection.exec_driver_sql(_NEXT, step).one()).size > STEP_SIZE:
        if step["most"] == 1:
            break
        step["most"] //= 2
    if not next_.texts:
        return 0, 0
    _merge_by_steps(connection)
    connection.exec_driver_sql(_FILL, step)
    _merge(connection, MERGED_BY_STEP)
    left: int = connection.exec_driver_sql(_LEFT).scalar_one()
    return next_.texts, left


def compact(connection: Connection, *, begin: bool) -> bool:
    """Rewrite a part of the index without removed entries; return whether all of it is done.

    Removed entries stay in the pages of the index, unseen, until these are rewritten. *begin*:
    include all that has been removed so far.
    """
    driver = connection.connection.driver_connection
    before: int = driver.total_changes  # type: ignore[union-attr]
    _merge(connection, -MERGED_AT_ONCE if begin else MERGED_AT_ONCE)
    # The statement itself counts as one change (SQLite's documentation of `merge`).
    changes: int = driver.total_changes - before  # type: ignore[union-attr]
    return changes < 2


_NEXT = """
    SELECT count(*) AS texts, total(length(text)) AS size FROM (
        SELECT text FROM message WHERE id > :end AND text IS NOT NULL ORDER BY id LIMIT :most
    )
"""
# ASCII is indexed as it is (see `indexable`), so only other texts are passed to Python.
_FILL = """
    INSERT INTO search (rowid, words)
    SELECT id, iif(length(text) = length(CAST(text AS BLOB)), text, indexable(text))
    FROM message WHERE id > :end AND text IS NOT NULL ORDER BY id LIMIT :most
"""
_LEFT = f"""
    SELECT count(*) FROM (
        SELECT 1 FROM message WHERE id > {INDEXED_UP_TO} AND text IS NOT NULL LIMIT {COUNT_LIMIT}
    )
"""  # noqa: S608 - constants


def _merge_by_steps(connection: Connection) -> None:
    """Disable automatic merges: these take 64 pages per level, some 15 ms at once."""
    known = connection.exec_driver_sql("SELECT k, v FROM search_config").all()
    for key, value in ("automerge", 0), ("usermerge", SEGMENTS):
        if (key, value) not in known:
            connection.exec_driver_sql(
                "INSERT INTO search (search, rank) VALUES (?, ?)", (key, value)
            )


def _merge(connection: Connection, pages: int) -> None:
    connection.exec_driver_sql("INSERT INTO search (search, rank) VALUES ('merge', ?)", (pages,))
