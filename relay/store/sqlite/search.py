"""Searches the full-text index.

Messages that are not indexed yet are matched beside it in the same snapshot, so that a search finds
all that is committed.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, Row, TextClause, text

from relay.desk.contact import CONTACT_FIELDS
from relay.errors import Code, Refused
from relay.store.sqlite.search_index import INDEXED_UP_TO
from relay.store.sqlite.search_text import match_expression, snippet
from relay.store.values import SearchHit, SearchPage


def matches_text(words: str) -> TextClause:
    """Return the condition that a row of ``help_request`` has *words* in a message or a name."""
    expression = match_expression(words)
    return text("1 = 0") if expression is None else text(_MATCHES).bindparams(expression=expression)


def search(connection: Connection, words: str, cursor: str | None, limit: int) -> SearchPage:
    """Return matches of *words*: customers first, then messages, the newest first.

    *cursor* is that of the page before, None at first.
    """
    expression = match_expression(words)
    if expression is None:
        return SearchPage([], None)
    kind, before = _read_cursor(cursor)
    rows: list[tuple[str, Row]] = []  # type: ignore[type-arg]
    if kind == _CUSTOMER:
        rows += [
            (_CUSTOMER, row) for row in _rows(connection, _CUSTOMERS, expression, before, limit + 1)
        ]
        before = _NEWEST
    for query in (_UNINDEXED, _MESSAGES):
        left = limit + 1 - len(rows)
        if left:
            rows += [(_MESSAGE, row) for row in _rows(connection, query, expression, before, left)]
    hits = [
        SearchHit(row.request, row.seq, snippet(row.words, words), row.at)
        for _, row in rows[:limit]
    ]
    more = len(rows) > limit
    last = f"{rows[limit - 1][0]}{rows[limit - 1][1].place}" if more else None
    return SearchPage(hits, last)


_CUSTOMER, _MESSAGE = "p", "m"
_NEWEST = 2**62
_UNINDEXED_MATCHES = f"""
    SELECT value FROM json_each((
        SELECT matching_ids(id, text, :expression) FROM message
        WHERE id > {INDEXED_UP_TO} AND text IS NOT NULL
    ))
"""  # noqa: S608 - of constants alone
_UNINDEXED = f"""
    SELECT request_id AS request, seq, text AS words, at, id AS place
    FROM message
    WHERE id IN ({_UNINDEXED_MATCHES}) AND id < :before
    ORDER BY id DESC LIMIT :limit
"""  # noqa: S608
_MESSAGES = """
    SELECT message.request_id AS request, message.seq, message.text AS words, message.at,
           message.id AS place
    FROM search JOIN message ON message.id = search.rowid
    WHERE search MATCH :expression AND search.rowid > 0 AND search.rowid < :before
    ORDER BY search.rowid DESC LIMIT :limit
"""
_CONTACT = " || ' ' || ".join(f"coalesce(customer.{field}, '')" for field in CONTACT_FIELDS)
_CUSTOMERS = f"""
    SELECT help_request.id AS request, NULL AS seq,
           trim({_CONTACT}) AS words,
           help_request.opened_at AS at, help_request.id AS place
    FROM search
    JOIN customer ON customer.id = -search.rowid
    JOIN help_request ON help_request.customer_id = customer.id
    WHERE search MATCH :expression AND search.rowid < 0 AND help_request.id < :before
    ORDER BY help_request.id DESC LIMIT :limit
"""  # noqa: S608
_MATCHES = f"""
    help_request.id IN (
        SELECT request_id FROM message WHERE id IN ({_UNINDEXED_MATCHES})
        UNION
        SELECT message.request_id FROM search JOIN message ON message.id = search.rowid
        WHERE search MATCH :expression AND search.rowid > 0
        UNION
        SELECT own.id FROM search JOIN help_request AS own ON own.customer_id = -search.rowid
        WHERE search MATCH :expression AND search.rowid < 0
    )
"""  # noqa: S608


def _rows(
    connection: Connection, query: str, expression: str, before: int, limit: int
) -> Sequence[Row]:  # type: ignore[type-arg]
    values = {"expression": expression, "before": before, "limit": limit}
    return connection.exec_driver_sql(query, values).all()


def _read_cursor(cursor: str | None) -> tuple[str, int]:
    if cursor is None:
        return _CUSTOMER, _NEWEST
    kind, place = cursor[:1], cursor[1:]
    if kind not in {_CUSTOMER, _MESSAGE} or not place.isascii() or not place.isdigit():
        raise Refused(Code.INVALID, "`cursor` is none that a search has given.")
    return kind, min(int(place), _NEWEST)
