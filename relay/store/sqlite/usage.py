"""Usage counters: messages and peak connections by quarter of an hour, customers by month of UTC.

Messages are counted after they are stored, up to a mark and a few thousand at a time: exactly once,
whatever ends the relay. What is to be erased is counted before; only numbers remain.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby

from sqlalchemy import Connection, bindparam, func, select, union_all
from sqlalchemy.dialects.sqlite import insert

from relay.desk.events import Millis, Role
from relay.desk.stats import QUARTER, UsageDay, UsageMonth, UsageQuarter, day_of
from relay.store.sqlite.schema import (
    customer,
    message,
    meta,
    usage_day,
    usage_month,
    usage_quarter,
)
from relay.store.values import UsagePeriod, UsageTotals

DAY = 24 * 3600 * 1000
BATCH_SIZE = 5_000
"""Messages that one transaction counts by default: some milliseconds of the writer's time."""
FUTURE = 31
"""Days after a message up to which its customer's mark is believed: a later one is of a clock that
was wrong, and the customer is counted again."""
DAY_LIMIT = 4_000
"""The newest days that are returned, which fit into one answer."""
QUARTER_LIMIT = 4_000
"""The oldest quarters of a period that are returned, six weeks without a pause."""
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

    def record_peak(self, quarter: Millis, connections: int) -> None:
        """Store *connections* as the peak of *quarter* if it is the highest."""
        if connections:
            row = {"at": quarter, "messages": 0, "connections": connections}
            self._connection.execute(_PEAK, row)

    def _marked(self) -> int:
        return int(self._connection.execute(select(meta.c.value).where(MARK)).scalar() or 0)

    def _last(self) -> int:
        return self._connection.execute(select(func.max(message.c.id))).scalar() or 0

    def _count_messages(self, after: int, until: int) -> None:
        quarter = message.c.at - message.c.at % QUARTER
        new = select(quarter, func.count()).where(message.c.id > after, message.c.id <= until)
        for at, messages in self._connection.execute(new.group_by(quarter)).all():
            row = {"at": at, "messages": messages, "connections": 0}
            self._connection.execute(_MESSAGES, row)

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
            self._connection.execute(_PEOPLE, {"name": month, "people": len(people)})


def usage_totals(connection: Connection) -> UsageTotals:
    """Return the counted days and months of UTC, the oldest first."""
    days = [UsageDay(*row) for row in connection.execute(_DAYS)][::-1]
    people = {row.name: row.people for row in connection.execute(select(usage_month))}
    by_month = {name: list(them) for name, them in groupby(days, key=lambda it: it.name[:7])}
    months = [
        _of_month(name, people.get(name, 0), by_month.get(name, ()))
        for name in sorted(people.keys() | by_month.keys())
    ]
    return UsageTotals(days, months)


def usage_between(connection: Connection, since: Millis, until: Millis) -> UsagePeriod:
    """Return the quarters from *since* on and before *until*, and the whole days these touch."""
    at = usage_quarter.c.at
    some = select(usage_quarter).where(at >= since, at < until).order_by(at)
    found = connection.execute(some.limit(QUARTER_LIMIT + 1)).all()
    quarters = [UsageQuarter(*row) for row in found[:QUARTER_LIMIT]]
    name = usage_day.c.name
    old = select(usage_day).where(name.between(day_of(since), day_of(Millis(until - 1))))
    newest = connection.execute(old.order_by(name.desc()).limit(DAY_LIMIT))
    days = [UsageDay(*row) for row in newest][::-1]
    return UsagePeriod(quarters, days, len(found) > QUARTER_LIMIT)


_new = insert(usage_quarter)
_PEAK = _new.on_conflict_do_update(
    index_elements=["at"],
    set_={"connections": func.max(usage_quarter.c.connections, _new.excluded.connections)},
)
_MESSAGES = _new.on_conflict_do_update(
    index_elements=["at"],
    set_={"messages": usage_quarter.c.messages + _new.excluded.messages},
)
_person = insert(usage_month)
_PEOPLE = _person.on_conflict_do_update(
    index_elements=["name"], set_={"people": usage_month.c.people + _person.excluded.people}
)
_by_day = func.date(usage_quarter.c.at / 1000, "unixepoch").label("name")
_counts = union_all(
    select(usage_day),
    select(
        _by_day,
        func.sum(usage_quarter.c.messages).label("messages"),
        func.max(usage_quarter.c.connections).label("connections"),
    ).group_by(_by_day),
).subquery()
_DAYS = (
    select(_counts.c.name, func.sum(_counts.c.messages), func.max(_counts.c.connections))
    .group_by(_counts.c.name)
    .order_by(_counts.c.name.desc())
    .limit(DAY_LIMIT)
)
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
