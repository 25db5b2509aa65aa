"""What every batch writes: entries of logs, with the words that they are found by, and summaries.

The statements are compiled once, and the driver is given whole rows. It decides nothing and commits
nothing.
"""

from collections.abc import Iterable, Sequence
from operator import itemgetter

from sqlalchemy import Connection, Insert, Update, bindparam
from sqlalchemy.dialects import sqlite

from relay.desk.events import Message
from relay.desk.record import Customer, Record, Visit
from relay.desk.request import HelpRequest
from relay.store import searching
from relay.store.rows import Values, message_values, summary_values, talk_values
from relay.store.schema import help_request, message

Entry = tuple[int, int, Message]
"""An id, a request's number, and an entry of that request's log."""


class _Often:
    """A statement of which only the values are new each time."""

    def __init__(self, statement: Insert | Update, columns: Iterable[str]) -> None:
        """Compile *statement* for rows with those *columns*."""
        compiled = statement.compile(dialect=sqlite.dialect(), column_keys=list(columns))
        self._sql = str(compiled)
        self._row = itemgetter(*compiled.positiontup or ())

    def run(self, connection: Connection, rows: Sequence[Values]) -> None:
        """Run it for each of *rows*."""
        if rows:
            connection.exec_driver_sql(self._sql, [self._row(values) for values in rows])


def add_messages(connection: Connection, entries: Iterable[Entry]) -> None:
    """Store *entries*, and let their texts be found."""
    rows = [message_values(request, entry) | {"id": number} for number, request, entry in entries]
    _MESSAGE.run(connection, rows)
    said = ((row["id"], row["text"]) for row in rows if row["text"] is not None)
    searching.add(connection, said)


def summarise(connection: Connection, changes: Iterable[tuple[Record | None, Record]]) -> None:
    """Store what requests now are; of each, what was stored before, None if that is not known.

    Where only talking changed it, the other columns are left alone, and so are their indexes.
    """
    talked: list[Values] = []
    changed: list[Values] = []
    for before, after in changes:
        number = {"number": after.request.id}
        if before is not None and _besides_talk(before) == _besides_talk(after):
            talked.append(talk_values(after) | number)
        else:
            changed.append(summary_values(after) | number)
    _TALK.run(connection, talked)
    _SUMMARY.run(connection, changed)


def _besides_talk(record: Record) -> tuple[object, ...]:
    request = record.request
    return (
        request.status,
        request.agent,
        request.opened_at,
        request.claimed_at,
        request.closed_at,
        request.rating,
        request.tags,
        request.hold,
        record.visit,
    )


_BLANK = Record(HelpRequest(0, "", 0), Customer(0, "", "", None, None, verified=False), Visit())
_NUMBERED = help_request.update().where(help_request.c.id == bindparam("number"))
_MESSAGE = _Often(message.insert(), message.columns.keys())
_TALK = _Often(_NUMBERED, talk_values(_BLANK))
_SUMMARY = _Often(_NUMBERED, summary_values(_BLANK))
