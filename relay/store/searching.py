"""The full-text index: kept in step with the tables, in the same transaction, and asked.

All that only SQLite's FTS5 understands stands here. The index holds no texts: its entries are
those of ``message`` under their id, and of ``customer`` under the negative of theirs. An entry is
removed by telling what was in it, so it must go before its row does.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Row, TextClause, text

from relay.desk.events import Millis
from relay.errors import Code, Refused
from relay.store.words import indexable, question, snippet

MERGED_AT_ONCE = 150
"""Pages of the index that one step rewrites."""

Entry = tuple[int, str]
"""An id, negative for a customer, and the text that it is found by."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A place where all words are: a message, or (``seq`` None) the customer's name or email."""

    request: int
    seq: int | None
    snippet: str
    at: Millis


def add(connection: Connection, entries: Iterable[Entry]) -> None:
    """Let *entries* be found."""
    rows = [(number, indexable(words)) for number, words in entries]
    if rows:
        connection.exec_driver_sql("INSERT INTO search (rowid, words) VALUES (?, ?)", rows)


def remove(connection: Connection, entries: Iterable[Entry]) -> None:
    """Let *entries*, which must be as they were added, be found no more."""
    rows = [(number, indexable(words)) for number, words in entries]
    if rows:
        connection.exec_driver_sql(
            "INSERT INTO search (search, rowid, words) VALUES ('delete', ?, ?)", rows
        )


def person_entry(number: int, name: str | None, email: str | None) -> list[Entry]:
    """Return the entry of the customer *number*, if there is anything to find them by."""
    words = " ".join(part for part in (name, email) if part)
    return [(-number, words)] if words else []


def compact(connection: Connection, *, begin: bool) -> bool:
    """Rewrite a part of the index without what was removed; return whether all of it is done.

    What is removed stays in the index's pages, unseen, until they are rewritten. *begin*: with
    all that has been removed so far.
    """
    driver = connection.connection.driver_connection
    before: int = driver.total_changes  # type: ignore[union-attr]
    pages = -MERGED_AT_ONCE if begin else MERGED_AT_ONCE
    connection.exec_driver_sql("INSERT INTO search (search, rank) VALUES ('merge', ?)", (pages,))
    # The statement itself counts as one change (SQLite's documentation of `merge`).
    changes: int = driver.total_changes - before  # type: ignore[union-attr]
    return changes < 2


def says(words: str) -> TextClause:
    """Return the condition that a row of ``help_request`` has *words* in a message or a name."""
    asked = question(words)
    return text("1 = 0") if asked is None else text(_SAYS).bindparams(asked=asked)


def found(
    connection: Connection, words: str, cursor: str | None, limit: int
) -> tuple[list[Hit], str | None]:
    """Return who is called and then what was said in *words*, the newest first.

    The second value is the *cursor* of the next page, None at the end.
    """
    asked = question(words)
    if asked is None:
        return [], None
    kind, before = _read_cursor(cursor)
    rows: list[tuple[str, Row]] = []  # type: ignore[type-arg]
    if kind == _PERSON:
        rows += [(_PERSON, row) for row in _rows(connection, _PEOPLE, asked, before, limit + 1)]
        kind, before = _MESSAGE, _NEWEST
    if len(rows) <= limit:
        left = limit + 1 - len(rows)
        rows += [(_MESSAGE, row) for row in _rows(connection, _MESSAGES, asked, before, left)]
    hits = [Hit(row.request, row.seq, snippet(row.words, words), row.at) for _, row in rows[:limit]]
    more = len(rows) > limit
    return hits, f"{rows[limit - 1][0]}{rows[limit - 1][1].place}" if more else None


_PERSON, _MESSAGE = "p", "m"
_NEWEST = 2**62
_MESSAGES = """
    SELECT message.request_id AS request, message.seq, message.text AS words, message.at,
           message.id AS place
    FROM search JOIN message ON message.id = search.rowid
    WHERE search MATCH ? AND search.rowid > 0 AND search.rowid < ?
    ORDER BY search.rowid DESC LIMIT ?
"""
_PEOPLE = """
    SELECT help_request.id AS request, NULL AS seq,
           trim(coalesce(name, '') || ' ' || coalesce(email, '')) AS words,
           help_request.opened_at AS at, help_request.id AS place
    FROM search
    JOIN customer ON customer.id = -search.rowid
    JOIN help_request ON help_request.customer_id = customer.id
    WHERE search MATCH ? AND search.rowid < 0 AND help_request.id < ?
    ORDER BY help_request.id DESC LIMIT ?
"""
_SAYS = """
    help_request.id IN (
        SELECT message.request_id FROM search JOIN message ON message.id = search.rowid
        WHERE search MATCH :asked AND search.rowid > 0
        UNION
        SELECT own.id FROM search JOIN help_request AS own ON own.customer_id = -search.rowid
        WHERE search MATCH :asked AND search.rowid < 0
    )
"""


def _rows(connection: Connection, query: str, asked: str, before: int, limit: int) -> Sequence[Row]:  # type: ignore[type-arg]
    return connection.exec_driver_sql(query, (asked, before, limit)).all()


def _read_cursor(cursor: str | None) -> tuple[str, int]:
    if cursor is None:
        return _PERSON, _NEWEST
    kind, place = cursor[:1], cursor[1:]
    if kind not in {_PERSON, _MESSAGE} or not place.isascii() or not place.isdigit():
        raise Refused(Code.INVALID, "`cursor` is none that a search has given.")
    return kind, min(int(place), _NEWEST)
