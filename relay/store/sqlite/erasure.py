"""Deletes requests with all that belongs to them, and stores the progress of purges.

SQLite overwrites deleted rows (``secure_delete``), and maintenance empties the write-ahead log
afterwards, so that nothing of them remains in the files.
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import ColumnElement, Connection, LargeBinary, TextClause, cast, func, select

from relay.desk.events import Author, Role
from relay.desk.stats import ErasureTotals
from relay.store.sqlite import search_index
from relay.store.sqlite.maintenance import mark_erased
from relay.store.sqlite.request_queries import conditions
from relay.store.sqlite.rows import customer_of
from relay.store.sqlite.schema import (
    audit,
    customer,
    delivery,
    help_request,
    message,
    meta,
    open_answer,
)
from relay.store.sqlite.usage import UsageCounters
from relay.store.values import ErasureScope, PurgeProgress, RequestFilter

PREFIX = "purge:"
"""The prefix of plans in the names of ``meta``."""


class Purges:
    """Implements :class:`relay.store.api.Purges`."""

    def __init__(self, connection: Connection) -> None:
        """Work on *connection*, inside its open transaction."""
        self._connection = connection

    def plans(self) -> list[str]:
        """Return the plans of all purges that have begun and not ended."""
        names = select(meta.c.name).where(meta.c.name.startswith(PREFIX)).order_by(meta.c.name)
        return [name.removeprefix(PREFIX) for name in self._connection.execute(names).scalars()]

    def begin(self, plan: str, begun: int, tally: ErasureTotals) -> None:
        """Store that *plan* began with the entry *begun* of the audit log."""
        value = _written(PurgeProgress(begun, tally))
        self._connection.execute(meta.insert().values(name=PREFIX + plan, value=value))

    def add(self, plan: str, tally: ErasureTotals) -> None:
        """Add *tally* to what *plan* has deleted."""
        known = self._known(plan)
        value = _written(PurgeProgress(known.begun, known.tally + tally))
        own = meta.c.name == PREFIX + plan
        self._connection.execute(meta.update().where(own).values(value=value))

    def end(self, plan: str) -> tuple[PurgeProgress, Author]:
        """Delete *plan*; return its progress and who began it."""
        known = self._known(plan)
        self._connection.execute(meta.delete().where(meta.c.name == PREFIX + plan))
        begun = select(audit).where(audit.c.id == known.begun)
        row = self._connection.execute(begun).one()
        return known, Author(Role(row.by_role), row.by_id, row.by_name)

    def _known(self, plan: str) -> PurgeProgress:
        value = select(meta.c.value).where(meta.c.name == PREFIX + plan)
        return msgspec.json.decode(self._connection.execute(value).scalar_one(), type=PurgeProgress)


def _written(purge: PurgeProgress) -> str:
    return msgspec.json.encode(purge).decode()


def erasure_scope(connection: Connection, where: RequestFilter) -> ErasureScope:
    """Return the requests in *where* that no hold keeps; held ones are only counted."""
    wanted = conditions(where)
    matching = select(help_request.c.id).join(customer).where(*wanted)
    free = matching.where(help_request.c.hold.is_(None)).order_by(help_request.c.id)
    held = matching.where(help_request.c.hold.is_not(None))
    counted = _counted(connection, *wanted, help_request.c.hold.is_(None))
    kept = len(connection.execute(held).all())
    numbers = list(connection.execute(free).scalars())
    return ErasureScope(numbers, counted + ErasureTotals(held=kept))


def erase(
    connection: Connection, numbers: Sequence[int], customers: Sequence[int]
) -> ErasureTotals:
    """Delete the requests *numbers*, and those of *customers* who have no other request."""
    counted = _counted(connection, help_request.c.id.in_(numbers))
    UsageCounters(connection).count_all()
    mark_erased(connection)
    said = select(message.c.id, message.c.text).where(
        message.c.request_id.in_(numbers),
        message.c.text.is_not(None),
        message.c.id <= search_index.indexed_up_to(connection),
    )
    search_index.remove(connection, map(tuple, connection.execute(said)))
    for table in (delivery, message, open_answer):
        connection.execute(table.delete().where(table.c.request_id.in_(numbers)))
    connection.execute(help_request.delete().where(help_request.c.id.in_(numbers)))
    left = select(help_request.c.id).where(help_request.c.customer_id == customer.c.id).exists()
    leaving = select(customer).where(customer.c.id.in_(customers), ~left)
    for person in map(customer_of, connection.execute(leaving).all()):
        search_index.remove(connection, search_index.person_entry(person.id, person.contact))
        connection.execute(customer.delete().where(customer.c.id == person.id))
    return counted


def _counted(connection: Connection, *wanted: ColumnElement[bool] | TextClause) -> ErasureTotals:
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
        .where(message.c.request_id.in_(select(help_request.c.id).join(customer).where(*wanted)))
    ).one()
    return ErasureTotals(requests[0], messages[0], messages[1] or 0, requests[1], requests[2])
