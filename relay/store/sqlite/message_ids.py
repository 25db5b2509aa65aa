"""Message ids: ascending, and never reused, not even after an erasure.

The full-text index, event cursors and webhook places depend on that.
"""

from sqlalchemy import Connection, func, select

from relay.store.sqlite.schema import message, meta

ERASED = meta.c.name == "last_message"
"""Where the highest id is stored, whose message may be erased."""


def highest_id(connection: Connection) -> int:
    """Return the highest id that a message ever had."""
    return max(
        connection.execute(select(func.max(message.c.id))).scalar() or 0,
        int(connection.execute(select(meta.c.value).where(ERASED)).scalar() or 0),
    )


def store_highest_id(connection: Connection, last: int) -> None:
    """Store *last*, since the message that has it may be erased."""
    connection.execute(meta.delete().where(ERASED))
    connection.execute(meta.insert().values(name="last_message", value=str(last)))
