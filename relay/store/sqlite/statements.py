"""What every batch writes: entries of logs, and summaries; and customers, to be found by name.

The statements are compiled once, and the driver is given whole rows. It decides nothing and commits
nothing.
"""

from collections.abc import Iterable, Sequence
from operator import itemgetter

from sqlalchemy import Connection, Insert, Update, bindparam
from sqlalchemy.dialects import sqlite

from relay.desk.contact import Contact
from relay.desk.events import Message, Millis
from relay.desk.request import Customer, HelpRequest, Record, Visit
from relay.store.sqlite import search_index
from relay.store.sqlite.rows import (
    Values,
    customer_values,
    message_values,
    summary_values,
    talk_values,
    visit_values,
)
from relay.store.sqlite.schema import customer, help_request, message

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

    def run_one(self, connection: Connection, row: Values) -> int:
        """Run it for *row*; return the id that SQLite has given to what it inserted."""
        return connection.exec_driver_sql(self._sql, self._row(row)).lastrowid


def add_customer(connection: Connection, draft: Customer, at: Millis) -> int:
    """Store *draft*, let them be found, and return their id."""
    number = _CUSTOMER.run_one(connection, customer_values(draft, at))
    search_index.add(connection, search_index.person_entry(number, draft.contact))
    return number


def add_request(connection: Connection, person: Customer, visit: Visit, at: Millis) -> int:
    """Store a blank request of *person* and return its number."""
    return _REQUEST.run_one(connection, _request_values(person, visit, at))


def add_messages(connection: Connection, entries: Iterable[Entry]) -> None:
    """Store *entries*; the index of their texts is filled later (:func:`search_index.fill`)."""
    rows = [message_values(*entry) for entry in entries]
    _MESSAGE.run(connection, rows)


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


def _request_values(person: Customer, visit: Visit, at: Millis) -> Values:
    return {
        "site": person.site,
        "customer_id": person.id,
        "status": "waiting",
        "opened_at": at,
        "tags": "[]",
        "seq": 0,
        "customer_seq": 0,
        "customer_read_seq": 0,
        "customer_read_customer_seq": 0,
        "agent_read_seq": 0,
        "agent_read_customer_seq": 0,
        **visit_values(visit),
    }


_NOBODY = Customer(0, "", "", Contact(), verified=False)
_BLANK = Record(HelpRequest(0, "", 0), _NOBODY, Visit())
_NUMBERED = help_request.update().where(help_request.c.id == bindparam("number"))
_CUSTOMER = _Often(customer.insert(), customer_values(_NOBODY, Millis(0)))
_REQUEST = _Often(help_request.insert(), _request_values(_NOBODY, Visit(), Millis(0)))
_MESSAGE = _Often(message.insert(), message.columns.keys())
_TALK = _Often(_NUMBERED, talk_values(_BLANK))
_SUMMARY = _Often(_NUMBERED, summary_values(_BLANK))
