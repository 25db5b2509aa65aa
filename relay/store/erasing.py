"""Requests go with all that hangs on them. Whether one may go is decided elsewhere.

The engine overwrites what is deleted (``secure_delete``), and the writer empties the write-ahead
log afterwards: nothing of it is left in the files.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, LargeBinary, TextClause, cast, func, select

from relay.desk.tally import Tally
from relay.store import indexing
from relay.store.reading import Narrow, conditions
from relay.store.schema import customer, delivery, help_request, message, open_answer
from relay.store.upkeep import mark_traces
from relay.store.usage import ALL, Usage


def planned(connection: Connection, narrow: Narrow) -> tuple[list[int], Tally]:
    """Return the numbers, ascending, of the requests in *narrow* that no hold keeps, and a tally.

    Of the requests that a hold keeps, the tally says only how many there are.
    """
    wanted = conditions(narrow)
    matching = select(help_request.c.id).join(customer).where(*wanted)
    free = matching.where(help_request.c.hold.is_(None)).order_by(help_request.c.id)
    held = matching.where(help_request.c.hold.is_not(None))
    counted = _counted(connection, *wanted, help_request.c.hold.is_(None))
    kept = len(connection.execute(held).all())
    return list(connection.execute(free).scalars()), counted + Tally(held=kept)


def erase(connection: Connection, numbers: Sequence[int], customers: Sequence[int]) -> Tally:
    """Delete the requests *numbers*, and those of *customers* who have none left."""
    counted = _counted(connection, help_request.c.id.in_(numbers))
    Usage(connection).count(ALL)
    mark_traces(connection)
    said = select(message.c.id, message.c.text).where(
        message.c.request_id.in_(numbers),
        message.c.text.is_not(None),
        message.c.id <= indexing.end(connection),
    )
    indexing.remove(connection, map(tuple, connection.execute(said)))
    for table in (delivery, message, open_answer):
        connection.execute(table.delete().where(table.c.request_id.in_(numbers)))
    connection.execute(help_request.delete().where(help_request.c.id.in_(numbers)))
    left = select(help_request.c.id).where(help_request.c.customer_id == customer.c.id).exists()
    leaving = select(customer.c.id, customer.c.name, customer.c.email).where(
        customer.c.id.in_(customers), ~left
    )
    for number, name, email in connection.execute(leaving).all():
        indexing.remove(connection, indexing.person_entry(number, name, email))
        connection.execute(customer.delete().where(customer.c.id == number))
    return counted


def _counted(connection: Connection, *wanted: ColumnElement[bool] | TextClause) -> Tally:
    requests = connection.execute(
        select(func.count(), func.min(help_request.c.opened_at), func.max(help_request.c.opened_at))
        .select_from(help_request)
        .join(customer)
        .where(*wanted)
    ).one()
    size = func.sum(func.length(cast(message.c.text, LargeBinary)))
    messages = connection.execute(
        select(func.count(), size)
        .select_from(message)
        .join(help_request)
        .join(customer)
        .where(*wanted)
    ).one()
    return Tally(requests[0], messages[0], messages[1] or 0, requests[1], requests[2])
