"""The record of the clock: the time that the relay last trusted, for its next start."""

import msgspec
from sqlalchemy import Connection, func, select

from relay.desk.events import Millis
from relay.store.sqlite.schema import audit, help_request, message, meta
from relay.store.values import ClockRecord

RECORD = meta.c.name == "clock"
NEWEST = 1_000
"""Messages, the last ones, among which the newest time is looked for."""


def store_clock(connection: Connection, record: ClockRecord) -> None:
    """Store *record* instead of the one before."""
    connection.execute(meta.delete().where(RECORD))
    value = msgspec.json.encode(record).decode()
    connection.execute(meta.insert().values(name="clock", value=value))


def known_clock(connection: Connection) -> ClockRecord | None:
    """Return the record, or else the newest time in the desk; None if there is nothing in it."""
    value = connection.execute(select(meta.c.value).where(RECORD)).scalar()
    if value is not None:
        return msgspec.json.decode(value, type=ClockRecord)
    last = select(message.c.at).order_by(message.c.id.desc()).limit(NEWEST).subquery()
    newest = (
        select(func.max(last.c.at)),
        select(func.max(help_request.c.closed_at)),
        select(audit.c.at).order_by(audit.c.id.desc()).limit(1),
    )
    times = [connection.execute(query).scalar() for query in newest]
    at = max((time for time in times if time is not None), default=None)
    return None if at is None else ClockRecord(Millis(at))
