"""Imports an export as the desk: the same numbers, sequences and times, under a new epoch.

All or nothing: a new database is written beside the old one, checked like a backup, and renamed
last. A file that was cut or changed is refused before anything else.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import Any, BinaryIO, assert_never

import msgspec
from sqlalchemy import Connection, insert, text
from sqlalchemy.exc import DBAPIError

from relay.desk.contact import contact_of
from relay.errors import StartError
from relay.store.export_format import (
    FORMAT,
    AgentLine,
    AuditLine,
    CannedLine,
    End,
    GivenLine,
    Header,
    Line,
    MessageLine,
    RequestLine,
    decoded,
    tag,
    validate_line,
)
from relay.store.offline import ImportResult
from relay.store.sqlite import search_index, statements
from relay.store.sqlite.audit_log import chain_errors
from relay.store.sqlite.backup import require_sound, temporary_database
from relay.store.sqlite.database import bring_up_to_date
from relay.store.sqlite.engine import writer_engine
from relay.store.sqlite.health import is_full, is_io_error
from relay.store.sqlite.restore import erased_since, locked_for_replacement, replace
from relay.store.sqlite.rows import customer_values, summary_values
from relay.store.sqlite.schema import (
    agent,
    audit,
    canned_response,
    customer,
    help_request,
    open_answer,
)
from relay.store.sqlite.usage import UsageCounters

LONGEST_LINE = 2**22
"""Bytes; the longest possible text fits with each character escaped."""
MESSAGES_AT_ONCE = 1_000

NEW_CUSTOMER = insert(customer).prefix_with("OR IGNORE", dialect="sqlite")
"""A customer is repeated in the line of each of their requests."""


def import_export(
    database: Path, source: Path, at: datetime, name: str | None = None
) -> ImportResult:
    """Replace the desk in *database* by the export *source*, called *name* in sentences, if given.

    Raises :exc:`StartError` if a relay runs, if *database* is not a desk, or if *source* is no
    complete and sound export; and OSError if one cannot be read or the other not written.
    """
    if not source.is_file():
        raise StartError(f"There is no file {source}; give one that `helpdesk export` wrote.")
    called = name or str(source)
    with source.open("rb") as file:
        end = _verified_end(file, called)
        with locked_for_replacement(database) as found, temporary_database(database) as copy:
            file.seek(0)
            without_token = _import_lines(copy, file, called, end)
            require_sound(copy, called)
            returned = erased_since(copy, database, found)
            kept = replace(database, found, copy, at)
    counts = (end.lines.get("request", 0), end.lines.get("message", 0))
    return ImportResult(*counts, without_token, kept, returned)


class ImportWriter:
    """Writes the lines of an export to a new desk, messages in batches."""

    def __init__(self, connection: Connection) -> None:
        """Write to the tables behind *connection*, inside its open transaction."""
        self._connection = connection
        self._messages: list[statements.Entry] = []
        self._last = 0
        self.without_token = 0
        """Number of agents who need a new token."""
        # A request comes before the agent who has it.
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")

    def write(self, line: Line) -> None:
        """Store *line*; raise ValueError if it is not valid."""
        validate_line(line)
        match line:
            case RequestLine():
                self._request(line)
            case MessageLine():
                self._message(line)
            case AgentLine():
                self._agent(line)
            case CannedLine():
                values = msgspec.structs.asdict(line)
                self._connection.execute(canned_response.insert().values(values))
            case AuditLine():
                self._connection.execute(audit.insert().values(_audit_values(line)))
            case GivenLine():
                self._given(line)
            case Header() | End():
                pass
            case _:
                assert_never(line)

    def flush(self) -> None:
        """Write the messages that are buffered."""
        if self._messages:
            statements.add_messages(self._connection, self._messages)
            self._messages.clear()

    def _request(self, line: RequestLine) -> None:
        request, person = line.request, line.customer
        values = customer_values(person.customer, line.customer_since)
        values["key"] = person.key or token_hex(32)  # which is the hash of no token
        made = self._connection.execute(NEW_CUSTOMER.values(id=person.id, **values))
        if made.rowcount:
            entry = search_index.person_entry(person.id, contact_of(person))
            search_index.add(self._connection, entry)
        own = {"id": request.id, "site": request.site, "customer_id": person.id}
        self._connection.execute(help_request.insert().values(own | summary_values(line.record)))
        for ref in line.answered:
            values = {"customer_id": person.id, "ref": ref, "request_id": request.id}
            self._connection.execute(open_answer.insert().values(values))

    def _agent(self, line: AgentLine) -> None:
        values = msgspec.structs.asdict(line)
        if line.token_hash is None:
            self.without_token += 1
            values["token_hash"] = token_hex(32)  # which is the hash of no token
        self._connection.execute(agent.insert().values(values))

    def _message(self, line: MessageLine) -> None:
        self._last += 1
        self._messages.append((self._last, line.request, line.message))
        if len(self._messages) == MESSAGES_AT_ONCE:
            self.flush()

    def _given(self, line: GivenLine) -> None:
        rows = self._connection.execute(text("SELECT name, seq FROM sqlite_sequence"))
        used: dict[str, int] = {row.name: row.seq for row in rows}
        for table, number in msgspec.structs.asdict(line).items():
            if number < used.get(table, 0):
                raise ValueError(f"a number of {table} is higher than any that was given out")
            forget = text("DELETE FROM sqlite_sequence WHERE name = :name")
            self._connection.execute(forget, {"name": table})
            know = text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :seq)")
            self._connection.execute(know, {"name": table, "seq": number})


def _verified_end(file: BinaryIO, source: str) -> End:
    """Return the last line of *file*, whose hash must match all before it."""
    digest, last = sha256(), b""
    for data in iter(partial(file.readline, LONGEST_LINE), b""):
        digest.update(last)
        last = data
    try:
        end = decoded(last)
    except msgspec.MsgspecError:
        end = None
    if not isinstance(end, End):
        raise StartError(
            f"{source} is no export or was cut: its last line is missing; get it anew."
        )
    if end.sha256 != digest.hexdigest():
        raise StartError(f"{source} is not as it was written: its hash is another; get it anew.")
    return end


def _import_lines(copy: Path, file: BinaryIO, source: str, end: End) -> int:
    """Write the lines of *file* to *copy*; return how many agents need a new token."""
    engine = writer_engine(copy)
    try:
        bring_up_to_date(engine)
        with engine.begin() as connection:
            writer, counts = ImportWriter(connection), Counter[str]()
            for line in _lines(file, source):
                writer.write(line)
                counts[tag(line)] += 1
            writer.flush()
            while any(search_index.fill(connection)):
                pass
            UsageCounters(connection).count_all()
            del counts[tag(end)]
            if counts != end.lines:
                raise StartError(f"{source} holds other lines than its last one says; get it anew.")
            problem = next(chain_errors(connection), None)
            if problem:
                raise StartError(f"{source} is no desk's export: {problem}")
            return writer.without_token
    except (ValueError, OverflowError, DBAPIError) as error:
        if isinstance(error, DBAPIError) and (is_full(error) or is_io_error(error)):
            raise StartError(f"Cannot write in {copy.parent} ({error.orig}); make room.") from error
        why = error.orig if isinstance(error, DBAPIError) else error
        raise StartError(f"{source} is no desk's export ({why}); nothing was done.") from error
    finally:
        engine.dispose()


def _lines(file: BinaryIO, source: str) -> Iterator[Line]:
    """Yield the lines of *file*; raise unless the first has a known format."""
    for number, data in enumerate(iter(partial(file.readline, LONGEST_LINE), b""), 1):
        try:
            line = decoded(data)
        except msgspec.MsgspecError as error:
            raise StartError(f"Line {number} of {source} is none of an export: {error}.") from error
        if number == 1 and not (isinstance(line, Header) and line.format == FORMAT):
            raise StartError(f"{source} was written by another Helpdesk; upgrade the older one.")
        yield line


def _audit_values(line: AuditLine) -> dict[str, Any]:
    values = msgspec.structs.asdict(line)
    by = values.pop("by")
    return values | {"by_role": by.role, "by_id": by.id, "by_name": by.name}
