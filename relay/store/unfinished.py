"""Purges on their way: what each has come to so far, kept in the transactions of its steps.

Where a relay was killed in the midst of one, this is all that still knows what went. It holds
counts alone, in ``meta``: nothing of what was purged.
"""

from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, select

from relay.desk.events import Author, Role
from relay.desk.tally import Tally
from relay.store.schema import audit, meta

PREFIX = "purge:"
"""What stands before a plan's name, in the names of ``meta``."""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A purge that has begun with the entry ``begun`` of the audit log; ``tally`` is gone."""

    begun: int
    tally: Tally


class Purges:
    """The purges on their way, within a transaction."""

    def __init__(self, connection: Connection) -> None:
        """Work on *connection*, inside its open transaction."""
        self._connection = connection

    def plans(self) -> list[str]:
        """Return the plans of all purges that have begun and not ended."""
        names = select(meta.c.name).where(meta.c.name.startswith(PREFIX)).order_by(meta.c.name)
        return [name.removeprefix(PREFIX) for name in self._connection.execute(names).scalars()]

    def begin(self, plan: str, begun: int, tally: Tally) -> None:
        """Keep that the entry *begun* of the audit log says that *plan* is carried out."""
        value = _written(Unfinished(begun, tally))
        self._connection.execute(meta.insert().values(name=PREFIX + plan, value=value))

    def add(self, plan: str, tally: Tally) -> None:
        """Keep that *tally* is gone, too."""
        known = self._known(plan)
        value = _written(Unfinished(known.begun, known.tally + tally))
        own = meta.c.name == PREFIX + plan
        self._connection.execute(meta.update().where(own).values(value=value))

    def end(self, plan: str) -> tuple[Unfinished, Author]:
        """Forget *plan*; return what it came to, and who began it."""
        known = self._known(plan)
        self._connection.execute(meta.delete().where(meta.c.name == PREFIX + plan))
        begun = select(audit).where(audit.c.id == known.begun)
        row = self._connection.execute(begun).one()
        return known, Author(Role(row.by_role), row.by_id, row.by_name)

    def _known(self, plan: str) -> Unfinished:
        value = select(meta.c.value).where(meta.c.name == PREFIX + plan)
        return msgspec.json.decode(self._connection.execute(value).scalar_one(), type=Unfinished)


def _written(purge: Unfinished) -> str:
    return msgspec.json.encode(purge).decode()
