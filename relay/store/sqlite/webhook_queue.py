"""The queue of webhook deliveries: what is due, retries, dead letters, summaries."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, case, func, literal, select

from relay.desk.events import Millis
from relay.store.sqlite.engine import reader_engine
from relay.store.sqlite.rows import MESSAGES, RECORDS, message_of, record_of
from relay.store.sqlite.schema import delivery, help_request, message, webhook
from relay.store.values import (
    DeadLetter,
    DeadLetterPage,
    DeliveryBacklog,
    DeliveryRound,
    DueDelivery,
    DueFilter,
    LastTry,
    RoundOutcome,
    WebhookSummary,
)

CHAIN_LIMIT = 10
"""Deliveries of one request that are read at a time, so that several requests fit in memory."""
WAITING_LIMIT = 1_000
"""Deliveries of one webhook that may wait for a retry; its place does not advance beyond."""
CLOCK_TOLERANCE = 24 * 3600 * 1000
"""Milliseconds; a retry due later than that is due now, since the clock was set back."""

EVENT_NAME = func.coalesce(
    message.c.activity, case((message.c.kind == "text", "message"), else_=message.c.kind)
)
"""The name of the event in a row of ``message``."""


def due_deliveries(connection: Connection, where: DueFilter) -> DeliveryRound:
    """Return the deliveries in *where*: of each request in their order, and not too many."""
    waiting, heads = _waiting(connection, where.webhook), defaultdict[int, list[Row[Any]]](list)
    for row in waiting:
        heads[row.request_id].append(row)
    due, later = list[Row[Any]](), list[int]()
    for request, rows in heads.items():
        if request in where.busy:
            continue
        if where.now < rows[0].due_at <= where.now + CLOCK_TOLERANCE:
            later.append(rows[0].due_at)
        else:
            due += rows[: min(CHAIN_LIMIT, where.room - len(due))]
    room = min(where.room - len(due), WAITING_LIMIT - len(waiting))
    fresh, reached = _new_messages(connection, where.events, where.place, room)
    first, behind = _split(fresh, heads.keys() | where.busy)
    return DeliveryRound(
        chains=_chains(connection, {row.message_id: row.tries for row in due}, first),
        behind=behind,
        place=reached,
        more=len(due) == where.room or (room > 0 and len(fresh) == room),
        next_due=Millis(min(later)) if later else None,
        backlog=backlog_of(connection, where.webhook, where.events, where.place),
    )


def _split(fresh: Sequence[Any], held: Collection[int]) -> tuple[list[int], tuple[int, ...]]:
    """Return the messages to deliver, and those that wait behind others of their request.

    *held*: the requests of which others wait already.
    """
    first, behind, counts = list[int](), list[int](), Counter[int]()
    for row in fresh:
        counts[row.request_id] += 1
        waits = row.request_id in held or counts[row.request_id] > CHAIN_LIMIT
        (behind if waits else first).append(row.id)
    return first, tuple(behind)


def backlog_of(
    connection: Connection, name: str, events: Iterable[str], place: int
) -> DeliveryBacklog:
    """Return the backlog of the webhook *name*, which is sent *events* and is at *place*."""
    own, queued = delivery.c.webhook == name, delivery.c.due_at.is_not(None)
    there = message.c.id == delivery.c.message_id
    times = select(func.min(message.c.at)).select_from(delivery).join(message, there)
    oldest = connection.execute(times.where(own, queued)).scalar()
    counted = select(func.count()).select_from(delivery).where(own)
    waiting = connection.execute(counted.where(_retried(name))).scalar_one()
    dead = connection.execute(counted.where(~queued)).scalar_one()
    new = select(message.c.at).where(message.c.id > place, EVENT_NAME.in_(sorted(events)))
    first = connection.execute(new.order_by(message.c.id).limit(1)).scalar()
    moments = [at for at in (oldest, first) if at is not None]
    return DeliveryBacklog(waiting, dead, min(moments, default=None))


def _retried(name: str) -> ColumnElement[bool]:
    """Return the condition of deliveries that wait for a retry, or behind one of their request.

    Others in the queue are in progress, or behind one that is.
    """
    failed = select(delivery.c.request_id).where(
        delivery.c.webhook == name, delivery.c.due_at.is_not(None), delivery.c.tries > 0
    )
    return and_(delivery.c.due_at.is_not(None), delivery.c.request_id.in_(failed))


def _waiting(connection: Connection, name: str) -> Sequence[Row[Any]]:
    query = select(delivery).where(delivery.c.webhook == name, delivery.c.due_at.is_not(None))
    return connection.execute(query.order_by(delivery.c.message_id)).all()


def _new_messages(
    connection: Connection, events: Iterable[str], place: int, most: int
) -> tuple[Sequence[Any], int]:
    """Return *most* messages after *place* that are *events*, and the id read up to."""
    if most <= 0:
        return [], place
    top = connection.execute(select(func.max(message.c.id))).scalar() or 0
    query = select(message.c.id, message.c.request_id).where(
        message.c.id > place, message.c.id <= top, EVENT_NAME.in_(sorted(events))
    )
    rows = connection.execute(query.order_by(message.c.id).limit(most)).all()
    return rows, rows[-1].id if len(rows) == most else max(place, top)


def _chains(
    connection: Connection, tries: Mapping[int, int], first: Sequence[int]
) -> tuple[tuple[DueDelivery, ...], ...]:
    """Return the deliveries by request: those that wait, with their *tries*, and the new ones."""
    query = MESSAGES.where(message.c.id.in_([*tries, *first])).order_by(message.c.id)
    found = connection.execute(query).all()
    numbers = {row.request_id for row in found}
    records = {
        row.id: record_of(row)
        for row in connection.execute(RECORDS.where(help_request.c.id.in_(numbers)))
    }
    chains = defaultdict[int, list[DueDelivery]](list)
    for row in found:
        due = DueDelivery(
            number=row.id,
            record=records[row.request_id],
            message=message_of(row),
            tries=tries.get(row.id, 0),
            waits=row.id in tries,
        )
        chains[row.request_id].append(due)
    return tuple(map(tuple, chains.values()))


class WebhookQueue:
    """Implements :class:`relay.store.api.WebhookQueue`."""

    def __init__(self, connection: Connection) -> None:
        """Work on *connection*, inside its open transaction."""
        self._connection = connection

    def enroll(self, names: Sequence[str], last: int) -> dict[str, int]:
        """Return the places of the webhooks *names*; a new one begins at *last*."""
        rows = self._connection.execute(select(webhook).where(webhook.c.name.in_(names)))
        places: dict[str, int] = {row.name: row.place for row in rows}
        for name in names:
            if name not in places:
                self._connection.execute(webhook.insert().values(name=name, place=last))
        return dict.fromkeys(names, last) | places

    def settle(self, name: str, outcome: RoundOutcome) -> None:
        """Store the outcome of deliveries."""
        own = delivery.c.webhook == name
        place = webhook.update().where(webhook.c.name == name)
        self._connection.execute(place.values(place=outcome.place))
        again = [*outcome.delivered, *(failed.number for failed in outcome.failed)]
        self._connection.execute(delivery.delete().where(own, delivery.c.message_id.in_(again)))
        for one in outcome.failed:
            values = (one.tries, one.due_at, one.outcome, one.status, one.at)
            self._wait(name, [one.number], values)
        self._wait(name, outcome.behind, (0, 0, None, None, None))

    def retry_waiting(self, name: str, now: Millis) -> None:
        """Make all retries of the webhook *name* due *now*."""
        later = delivery.c.due_at > now
        change = delivery.update().where(delivery.c.webhook == name, later)
        self._connection.execute(change.values(due_at=now))

    def names(self) -> set[str]:
        """Return the names of all webhooks that were enrolled and not removed."""
        return set(self._connection.execute(select(webhook.c.name)).scalars())

    def retry_dead(self, name: str | None, number: int | None, now: Millis) -> int:
        """Make dead letters due *now*, with no tries; return how many.

        Those of the webhook *name*, or of all; of the message *number* also one that waits for a
        retry.
        """
        chosen = delivery.update().where(*_chosen(name, number))
        return self._connection.execute(chosen.values(due_at=now, tries=0)).rowcount

    def drop_dead(self, name: str | None, number: int | None) -> int:
        """Delete dead letters, chosen as in :meth:`retry_dead`; return how many."""
        return self._connection.execute(delivery.delete().where(*_chosen(name, number))).rowcount

    def remove(self, name: str) -> int:
        """Delete the webhook *name* with all its deliveries; return how many those were."""
        own = delivery.c.webhook == name
        gone = self._connection.execute(delivery.delete().where(own)).rowcount
        self._connection.execute(webhook.delete().where(webhook.c.name == name))
        return gone

    def _wait(
        self, name: str, numbers: Sequence[int], values: tuple[int | str | None, ...]
    ) -> None:
        """Insert retries for the messages *numbers*, as far as these exist."""
        columns = ["tries", "due_at", "outcome", "status", "tried_at"]
        there = select(
            literal(name),
            message.c.id,
            message.c.request_id,
            *(
                literal(value, type_=delivery.c[column].type)
                for column, value in zip(columns, values, strict=True)
            ),
        ).where(message.c.id.in_(numbers))
        self._connection.execute(
            delivery.insert().from_select(["webhook", "message_id", "request_id", *columns], there)
        )


def _chosen(name: str | None, number: int | None) -> list[ColumnElement[bool]]:
    one = delivery.c.due_at.is_(None) if number is None else delivery.c.message_id == number
    return [one] if name is None else [one, delivery.c.webhook == name]


DEAD_LETTER_LIMIT = 1_000
"""Dead letters of one page."""


def webhook_summaries(
    connection: Connection, wanted: Mapping[str, Iterable[str]]
) -> list[WebhookSummary]:
    """Return all enrolled webhooks by name; *wanted*: the events that each is sent."""
    places = connection.execute(select(webhook).order_by(webhook.c.name)).all()
    return [_summary(connection, row, wanted.get(row.name, ())) for row in places]


def summaries_of(database: Path, wanted: Mapping[str, Iterable[str]]) -> list[WebhookSummary]:
    """Return :func:`webhook_summaries` of *database*, beside a relay that may be running."""
    engine = reader_engine(database, 1)
    try:
        with engine.connect() as connection:
            return webhook_summaries(connection, wanted)
    finally:
        engine.dispose()


def dead_letters(connection: Connection, name: str | None) -> DeadLetterPage:
    """Return the oldest dead letters, of the webhook *name* or of all."""
    query = (
        select(delivery, message.c.at, EVENT_NAME.label("event"))
        .join(message, message.c.id == delivery.c.message_id)
        .where(delivery.c.due_at.is_(None), *_of(name))
        .order_by(delivery.c.message_id, delivery.c.webhook)
    )
    rows = connection.execute(query.limit(DEAD_LETTER_LIMIT + 1)).all()
    return DeadLetterPage(
        [_letter(row) for row in rows[:DEAD_LETTER_LIMIT]], len(rows) > DEAD_LETTER_LIMIT
    )


def _of(name: str | None) -> list[ColumnElement[bool]]:
    return [] if name is None else [delivery.c.webhook == name]


def _summary(connection: Connection, row: Row[Any], events: Iterable[str]) -> WebhookSummary:
    behind = select(func.count()).where(message.c.id > row.place, EVENT_NAME.in_(sorted(events)))
    own = delivery.c.webhook == row.name
    begun = (
        select(func.count())
        .select_from(delivery)
        .where(own, delivery.c.due_at.is_not(None), ~_retried(row.name))
    )
    tried = select(delivery).where(own, delivery.c.tried_at.is_not(None))
    last = connection.execute(tried.order_by(delivery.c.tried_at.desc()).limit(1)).first()
    return WebhookSummary(
        row.name,
        connection.execute(behind).scalar_one() + connection.execute(begun).scalar_one(),
        backlog_of(connection, row.name, events, row.place),
        None if last is None else _try(last),
    )


def _try(row: Row[Any]) -> LastTry:
    return LastTry(row.outcome, row.status, row.tried_at)


def _letter(row: Row[Any]) -> DeadLetter:
    return DeadLetter(
        number=row.message_id,
        webhook=row.webhook,
        event=row.event,
        request=row.request_id,
        at=row.at,
        tries=row.tries,
        failed=_try(row),
    )
