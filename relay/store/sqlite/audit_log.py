"""The audit log: an append-only record of erasures, with a hash chain over all entries.

An entry that was changed, removed or cut off at the end breaks the chain. Entries contain no
customer's name, email or text, since erased data must not remain in them.
"""

from collections.abc import Iterator, Mapping
from hashlib import sha256

import msgspec
from sqlalchemy import Connection, Row, select, text

from relay.desk.events import Author, Millis
from relay.store.sqlite.schema import audit
from relay.store.values import AuditEntry

NO_HASH = ""
"""Stands for the hash before the first entry."""


def append(
    connection: Connection, action: str, by: Author, at: Millis, data: Mapping[str, object]
) -> AuditEntry:
    """Append that *by* did *action* at *at*; *data* has the totals."""
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
    made = _hash(NO_HASH if before is None else before.hash, list(values.values()))
    connection.execute(audit.insert().values(hash=made, **values))
    return AuditEntry(number, made)


def chain_errors(connection: Connection) -> Iterator[str]:
    """Yield a sentence for each place where the chain is broken."""
    before, expected = NO_HASH, 1
    for row in connection.execute(select(audit).order_by(audit.c.id)):
        if row.id != expected:
            yield f"The audit log lacks what stood before entry {row.id}."
        if row.hash != _hash(before, _hashed_values(row)):
            yield f"Entry {row.id} of the audit log is not what was written, or what precedes it."
        before, expected = row.hash, row.id + 1
    # SQLite stores the highest number it has assigned, which reveals a cut end.
    given = connection.execute(text("SELECT seq FROM sqlite_sequence WHERE name = 'audit'"))
    if (given.scalar() or 0) >= expected:
        yield "The audit log has lost its end."


def _hashed_values(row: Row) -> list[object]:  # type: ignore[type-arg]
    return [row.id, row.at, row.action, row.by_role, row.by_id, row.by_name, row.data]


def _hash(before: str, covered: list[object]) -> str:
    return sha256(before.encode() + b"\n" + msgspec.json.encode(covered)).hexdigest()
