"""The audit log: what was erased, when and by whom. It only grows, and each entry bears a hash
over all before it, so that none can be changed, left out or cut off unseen.

Never holds a customer's name, email or words: what was erased must not live on in here.
"""

from collections.abc import Iterator, Mapping
from hashlib import sha256

import msgspec
from sqlalchemy import Connection, Row, select, text

from relay.desk.events import Author, Millis
from relay.store.sqlite.schema import audit
from relay.store.values import AuditEntry

NOTHING = ""
"""What the first entry's hash is made over, where the others have the hash before theirs."""


def append(
    connection: Connection, action: str, by: Author, at: Millis, data: Mapping[str, object]
) -> AuditEntry:
    """Add that *by* did *action* at *at*; *data* says what it came to."""
    before = connection.execute(
        select(audit.c.id, audit.c.hash).order_by(audit.c.id.desc()).limit(1)
    ).first()
    number = 1 if before is None else before.id + 1
    values = {
        "id": number,
        "at": at,
        "action": action,
        "by_role": by.role,
        "by_id": by.id,
        "by_name": by.name,
        "data": msgspec.json.encode(data, order="sorted").decode(),
    }
    made = _hash(NOTHING if before is None else before.hash, list(values.values()))
    connection.execute(audit.insert().values(hash=made, **values))
    return AuditEntry(number, made)


def broken(connection: Connection) -> Iterator[str]:
    """Yield a sentence for each place where the log is not what was once written."""
    before, expected = NOTHING, 1
    for row in connection.execute(select(audit).order_by(audit.c.id)):
        if row.id != expected:
            yield f"The audit log lacks what stood before entry {row.id}."
        if row.hash != _hash(before, _covered(row)):
            yield f"Entry {row.id} of the audit log is not what was written, or what precedes it."
        before, expected = row.hash, row.id + 1
    # SQLite remembers the highest number that was given out, so a cut end is missed too.
    given = connection.execute(text("SELECT seq FROM sqlite_sequence WHERE name = 'audit'"))
    if (given.scalar() or 0) >= expected:
        yield "The audit log has lost its end."


def _covered(row: Row) -> list[object]:  # type: ignore[type-arg]
    return [row.id, row.at, row.action, row.by_role, row.by_id, row.by_name, row.data]


def _hash(before: str, covered: list[object]) -> str:
    return sha256(before.encode() + b"\n" + msgspec.json.encode(covered)).hexdigest()
