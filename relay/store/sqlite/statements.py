"""The statements of every batch: inserts of customers, requests and messages, updates of summaries.

Compiled once; the driver gets whole rows.
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
    progress_values,
    summary_values,
    visit_values,
)
from relay.store.sqlite.schema import customer, help_request, message

Entry = tuple[int, int, Message]
"""A message id, a request's number, and the message."""


class PreparedStatement:
    """A statement that is compiled once and executed with other values each time."""

    def __init__(self, statement: Insert | Update, columns: Iterable[str]) -> None:
        """Compile *statement* for rows with those *columns*."""
        compiled = statement.compile(dialect=sqlite.dialect(), column_keys=list(columns))
        self._sql = str(compiled)
        self._row = itemgetter(*compiled.positiontup or ())

    def run(self, connection: Connection, rows: Sequence[Values]) -> None:
        """Execute it for each of *rows*."""
        if rows:
            connection.exec_driver_sql(self._sql, [self._row(values) for values in rows])

    def run_one(self, connection: Connection, row: Values) -> int:
        """Execute it for *row*; return the id of the inserted row."""
        return connection.exec_driver_sql(self._sql, self._row(row)).lastrowid


def add_customer(connection: Connection, draft: Customer, at: Millis) -> int:
    """Store and index *draft*, and return its id."""
    number = _CUSTOMER.run_one(connection, customer_values(draft, at))
    search_index.add(connection, search_index.person_entry(number, draft.contact))
    return number


def add_request(connection: Connection, person: Customer, visit: Visit, at: Millis) -> int:
    """Store a request of *person* without messages, and return its number."""
    return _REQUEST.run_one(connection, _request_values(person, visit, at))


def add_messages(connection: Connection, entries: Iterable[Entry]) -> None:
    """Store *entries*; their texts are indexed later (:func:`search_index.fill`)."""
    rows = [message_values(*entry) for entry in entries]
    _MESSAGE.run(connection, rows)


def update_summaries(
    connection: Connection, changes: Iterable[tuple[Record | None, Record]]
) -> None:
    """Store the requests after *changes*, each given as it was stored before, if that is known.

    Where only messages and marks changed, the other columns and their indexes are left alone.
    """
    progressed: list[Values] = []
    changed: list[Values] = []
    for before, after in changes:
        number = {"number": after.request.id}
        if before is not None and _without_progress(before) == _without_progress(after):
            progressed.append(progress_values(after) | number)
        else:
            changed.append(summary_values(after) | number)
    _PROGRESS.run(connection, progressed)
    _SUMMARY.run(connection, changed)


def _without_progress(record: Record) -> tuple[object, ...]:
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


_NO_CUSTOMER = Customer(0, "", "", Contact(), verified=False)
_BLANK = Record(HelpRequest(0, "", 0), _NO_CUSTOMER, Visit())
_NUMBERED = help_request.update().where(help_request.c.id == bindparam("number"))
_CUSTOMER = PreparedStatement(customer.insert(), customer_values(_NO_CUSTOMER, Millis(0)))
_REQUEST = PreparedStatement(
    help_request.insert(), _request_values(_NO_CUSTOMER, Visit(), Millis(0))
)
_MESSAGE = PreparedStatement(message.insert(), message.columns.keys())
_PROGRESS = PreparedStatement(_NUMBERED, progress_values(_BLANK))
_SUMMARY = PreparedStatement(_NUMBERED, summary_values(_BLANK))
