"""The ids of messages: they grow, and none is ever given to a second message, not even after the
first was erased. What is counted on by them (the full-text index, a follower's cursor) needs that.
"""

from sqlalchemy import Connection, func, select

from relay.store.sqlite.schema import message, meta

ERASED = meta.c.name == "last_message"
"""Where an id is kept that may have been the last message's when that was erased."""


def last_given(connection: Connection) -> int:
    """Return the highest id that a message may ever have had."""
    return max(
        connection.execute(select(func.max(message.c.id))).scalar() or 0,
        int(connection.execute(select(meta.c.value).where(ERASED)).scalar() or 0),
    )


def keep_last_given(connection: Connection, last: int) -> None:
    """Remember *last* beside the messages, which may be erased."""
    connection.execute(meta.delete().where(ERASED))
    connection.execute(meta.insert().values(name="last_message", value=str(last)))
