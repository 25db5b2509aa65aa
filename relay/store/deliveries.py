"""How webhooks stand and what they could not be told, for who runs the desk. Changes nothing.

No words of anybody: numbers, names of events, and how tries went.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select

from relay.desk.events import Millis
from relay.store.engine import reader_engine
from relay.store.outbox import NAME, Standing, standing
from relay.store.schema import delivery, message, webhook

MOST_LETTERS = 1_000
"""Dead letters that are told at once."""


@dataclass(frozen=True, slots=True)
class Try:
    """How the last try of something went."""

    outcome: str
    status: int | None
    at: Millis


@dataclass(frozen=True, slots=True)
class Summary:
    """How one webhook stands; ``behind``: events in the log that it was not told yet."""

    name: str
    behind: int
    standing: Standing
    failed: Try | None


@dataclass(frozen=True, slots=True)
class Letter:
    """Something that was given up: the id of the message, and what it tells of."""

    number: int
    webhook: str
    event: str
    request: int
    at: Millis
    tries: int
    failed: Try


def summaries(connection: Connection, wanted: Mapping[str, Iterable[str]]) -> list[Summary]:
    """Return how each webhook stands that has a place, by name; *wanted*: what it is told of."""
    places = connection.execute(select(webhook).order_by(webhook.c.name)).all()
    return [_summary(connection, row, wanted.get(row.name, ())) for row in places]


def summaries_of(database: Path, wanted: Mapping[str, Iterable[str]]) -> list[Summary]:
    """Return :func:`summaries` of the desk in *database*, beside a relay that may be running."""
    engine = reader_engine(database, 1)
    try:
        with engine.connect() as connection:
            return summaries(connection, wanted)
    finally:
        engine.dispose()


def letters(connection: Connection, name: str | None) -> tuple[list[Letter], bool]:
    """Return the oldest dead letters, of the webhook *name* or of all, and if there are more."""
    query = (
        select(delivery, message.c.at, NAME.label("event"))
        .join(message, message.c.id == delivery.c.message_id)
        .where(delivery.c.due_at.is_(None), *_of(name))
        .order_by(delivery.c.message_id, delivery.c.webhook)
    )
    rows = connection.execute(query.limit(MOST_LETTERS + 1)).all()
    return [_letter(row) for row in rows[:MOST_LETTERS]], len(rows) > MOST_LETTERS


def _of(name: str | None) -> list[ColumnElement[bool]]:
    return [] if name is None else [delivery.c.webhook == name]


def _summary(connection: Connection, row: Row[Any], events: Iterable[str]) -> Summary:
    behind = select(func.count()).where(message.c.id > row.place, NAME.in_(sorted(events)))
    own = delivery.c.webhook == row.name
    tried = select(delivery).where(own, delivery.c.tried_at.is_not(None))
    last = connection.execute(tried.order_by(delivery.c.tried_at.desc()).limit(1)).first()
    return Summary(
        row.name,
        connection.execute(behind).scalar_one(),
        standing(connection, row.name, events, row.place),
        None if last is None else _try(last),
    )


def _try(row: Row[Any]) -> Try:
    return Try(row.outcome, row.status, row.tried_at)


def _letter(row: Row[Any]) -> Letter:
    return Letter(
        number=row.message_id,
        webhook=row.webhook,
        event=row.event,
        request=row.request_id,
        at=row.at,
        tries=row.tries,
        failed=_try(row),
    )
