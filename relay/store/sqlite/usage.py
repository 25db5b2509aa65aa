"""Usage counters: messages and peak connections by day, customers by month, in UTC.

Messages are counted after they are stored, up to a mark and a few thousand at a time: exactly once,
whatever ends the relay. What is to be erased is counted before; only numbers remain.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby

from sqlalchemy import Connection, Table, bindparam, func, select

from relay.desk.events import Role
from relay.desk.stats import UsageDay, UsageMonth
from relay.store.sqlite.schema import customer, message, meta, usage_day, usage_month
from relay.store.values import UsageTotals

DAY = 24 * 3600 * 1000
BATCH_SIZE = 5_000
"""Messages that one transaction counts by default: some milliseconds of the writer's time."""
FUTURE = 31
"""Days after a message up to which its customer's mark is believed: a later one is of a clock that
was wrong, and the customer is counted again."""
DAY_LIMIT = 4_000
"""The newest days that are returned, which fit into one answer."""
MARK = meta.c.name == "usage"
"""Where the message id is stored up to which all is counted."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class UsageCounters:
    """Implements :class:`relay.store.api.UsageCounters`; buffered messages must be flushed."""

    def __init__(self, connection: Connection) -> None:
        """Work on *connection*, inside its open transaction."""
        self._connection = connection

    def uncounted(self) -> int:
        """Return how many messages are not counted yet, at most."""
        return max(0, self._last() - self._marked())

    def count(self, limit: int | None = None) -> int:
        """Count *limit* more messages, :data:`BATCH_SIZE` if None; return how many are left."""
        counted, last = self._marked(), self._last()
        if last <= counted:
            return 0
        until = min(last, counted + (BATCH_SIZE if limit is None else limit))
        self._count_messages(counted, until)
        self._count_people(counted, until)
        self._connection.execute(meta.delete().where(MARK))
        self._connection.execute(meta.insert().values(name="usage", value=str(until)))
        return last - until

    def count_all(self) -> None:
        """Count all messages that are stored."""
        self.count(self.uncounted())

    def record_peak(self, day: str, connections: int) -> None:
        """Store *connections* as the peak of *day* if it is the highest."""
        peak = select(usage_day.c.connections).where(usage_day.c.name == day)
        known = self._connection.execute(peak).scalar() or 0
        if connections > known:
            self._add(usage_day, day, connections=connections - known)

    def _marked(self) -> int:
        return int(self._connection.execute(select(meta.c.value).where(MARK)).scalar() or 0)

    def _last(self) -> int:
        return self._connection.execute(select(func.max(message.c.id))).scalar() or 0

    def _count_messages(self, after: int, until: int) -> None:
        day = message.c.at // DAY
        new = select(day, func.count()).where(message.c.id > after, message.c.id <= until)
        for number, messages in self._connection.execute(new.group_by(day)).all():
            self._add(usage_day, _date(number), messages=messages)

    def _count_people(self, after: int, until: int) -> None:
        """Count the customers who wrote, each once a month (``customer.counted``)."""
        new = (
            select(message.c.by_id, message.c.at // DAY, customer.c.counted)
            .join(customer, customer.c.id == message.c.by_id)
            .where(message.c.id > after, message.c.id <= until)
            .where(message.c.by_role == str(Role.CUSTOMER))
            .distinct()
        )
        wrote = {
            (_month(number), person)
            for person, number, counted in self._connection.execute(new)
            if counted is None or not _month(number) <= counted <= _month(number + FUTURE)
        }
        for month, group in groupby(sorted(wrote), key=lambda it: it[0]):
            people = [{"person": person, "month": month} for _, person in group]
            self._connection.execute(_COUNTED, people)
            self._add(usage_month, month, people=len(people))

    def _add(self, table: Table, name: str, **more: int) -> None:
        raised = {column: table.c[column] + number for column, number in more.items()}
        changed = self._connection.execute(
            table.update().where(table.c.name == name).values(raised)
        )
        if not changed.rowcount:
            nothing = {column.name: 0 for column in table.c}
            self._connection.execute(table.insert().values(nothing | more | {"name": name}))


def usage_totals(connection: Connection) -> UsageTotals:
    """Return the counted days and months, the oldest first."""
    newest = select(usage_day).order_by(usage_day.c.name.desc()).limit(DAY_LIMIT)
    days = [UsageDay(*row) for row in connection.execute(newest)][::-1]
    people = {row.name: row.people for row in connection.execute(select(usage_month))}
    by_month = {name: list(them) for name, them in groupby(days, key=lambda it: it.name[:7])}
    months = [
        _of_month(name, people.get(name, 0), by_month.get(name, ()))
        for name in sorted(people.keys() | by_month.keys())
    ]
    return UsageTotals(days, months)


_COUNTED = (
    customer.update().where(customer.c.id == bindparam("person")).values(counted=bindparam("month"))
)


def _of_month(name: str, people: int, days: Sequence[UsageDay]) -> UsageMonth:
    messages = max((day.messages for day in days), default=0)
    return UsageMonth(name, people, messages, max((day.connections for day in days), default=0))


def _date(day: int) -> str:
    return (_EPOCH + timedelta(days=day)).date().isoformat()


def _month(day: int) -> str:
    return _date(day)[:7]
