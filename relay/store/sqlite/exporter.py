"""Reads requests with their messages for an export, beside a relay that may be running.

Holds one page in memory, and no snapshot while the caller processes it: a slow reader must not
keep the write-ahead log from being checkpointed.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

from msgspec import structs
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Engine,
    Row,
    TextClause,
    bindparam,
    func,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError

from relay.desk.events import Author, Millis, Role
from relay.desk.request import Agent
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
    encoded,
    tag,
)
from relay.store.offline import DatabaseKind, ExportExtent
from relay.store.sqlite.engine import reader_engine
from relay.store.sqlite.identity import require
from relay.store.sqlite.request_queries import conditions
from relay.store.sqlite.rows import AGENTS, MESSAGES, RECORDS, agent_of, message_line, request_line
from relay.store.sqlite.schema import agent, audit, canned_response, customer, help_request, message
from relay.store.sqlite.schema import open_answer as answers
from relay.store.values import RequestFilter

REQUESTS_AT_ONCE, MESSAGES_AT_ONCE = 200, 1_000
"""How many are in memory at once."""

REQUESTS = RECORDS.add_columns(customer.c.created_at.label("customer_since"))
_NUMBERS: BindParameter[list[int]] = bindparam("numbers", expanding=True)
_LOG = (
    MESSAGES.where(message.c.request_id.in_(_NUMBERS), message.c.seq > bindparam("seq"))
    .order_by(message.c.request_id, message.c.seq)
    .limit(MESSAGES_AT_ONCE)
)
_ANSWERS = (
    select(answers)
    .where(answers.c.request_id.in_(_NUMBERS))
    .order_by(answers.c.request_id, answers.c.ref)
)


class SqliteExportSource:
    """Implements :class:`relay.store.offline.ExportSource`; see :func:`open_source`."""

    def __init__(self, engine: Engine) -> None:
        """Read through *engine*."""
        self._engine = engine

    def agents(self) -> list[Agent]:
        """Return all agents, disabled ones too."""
        with self._engine.connect() as connection:
            return [agent_of(row) for row in connection.execute(AGENTS.order_by(agent.c.id))]

    def has_customer(self, number: int) -> bool:
        """Return whether there is a customer with that id."""
        query = select(customer.c.id).where(customer.c.id == number)
        with self._engine.connect() as connection:
            return connection.execute(query).first() is not None

    def require_request(self, number: int) -> None:
        """Raise :exc:`StartError` unless there is a request *number*."""
        query = select(help_request.c.id).where(help_request.c.id == number)
        with self._engine.connect() as connection:
            if connection.execute(query).first() is None:
                raise StartError(f"There is no request #{number}; see `helpdesk requests list`.")

    def extent(self, where: RequestFilter) -> ExportExtent:
        """Return what an export of *where* would contain now."""
        number, messages = help_request.c.id, func.sum(help_request.c.seq)
        counted = select(func.min(number), func.max(number), func.count(), messages)
        query = counted.select_from(help_request.join(customer)).where(*conditions(where))
        with self._engine.connect() as connection:
            first, last, requests, said = connection.execute(query).one()
        # New requests would change what is newest; between these bounds they do not.
        each = replace(where, newest=None)
        return ExportExtent(
            each, where == RequestFilter(), first or 0, last or 0, requests, said or 0
        )

    def histories(self, extent: ExportExtent) -> Iterator[RequestLine | MessageLine]:
        """Yield each request of *extent*, by number, followed by its messages.

        Raises :exc:`StartError` if one is erased after a part of it was yielded.
        """
        after, page = 0, REQUESTS.where(*_within(extent)).order_by(help_request.c.id)
        while True:
            with self._engine.connect() as connection:
                query = page.where(help_request.c.id > after).limit(REQUESTS_AT_ONCE)
                rows = connection.execute(query).all()
                numbers = [row.id for row in rows]
                answered = _answered(connection, numbers)
                log = _log(connection, numbers)
            if not rows:
                return
            yield from _together(rows, answered, self._rest(numbers, log))
            after = numbers[-1]

    def complete(self, extent: ExportExtent) -> Iterator[tuple[Line, bytes]]:
        """Yield the lines of an export that can be imported.

        The same desk gives the same bytes. Hashes of tokens and the audit log are included if all
        requests are.
        """
        digest, counts = sha256(), Counter[str]()
        histories = self.histories(extent)
        for part in (
            [Header(FORMAT)],
            histories if extent.everything else map(_without_token, histories),
            self._desk(everything=extent.everything),
        ):
            for line in part:
                data = encoded(line)
                digest.update(data)
                counts[tag(line)] += 1
                yield line, data
        end = End(dict(sorted(counts.items())), digest.hexdigest())
        yield end, encoded(end)

    def _desk(self, *, everything: bool) -> Iterator[Line]:
        """Yield the agents, the canned responses and, if *everything*, tokens and audit log."""
        with self._engine.connect() as connection:
            agents = connection.execute(AGENTS.order_by(agent.c.id)).all()
            query = select(canned_response).order_by(canned_response.c.name)
            canned = connection.execute(query).all()
        yield from (_agent_line(row, hashed=everything) for row in agents)
        yield from (CannedLine(row.name, row.text) for row in canned)
        last = 0
        for entry in self._audit() if everything else ():
            yield entry
            last = entry.id
        with self._engine.connect() as connection:
            given = _given(connection, entries=last)
        yield given

    def _audit(self) -> Iterator[AuditLine]:
        after, more = 0, True
        while more:
            query = select(audit).where(audit.c.id > after).order_by(audit.c.id)
            with self._engine.connect() as connection:
                rows = connection.execute(query.limit(MESSAGES_AT_ONCE)).all()
            yield from map(_audit_line, rows)
            more = bool(rows)
            after = rows[-1].id if rows else after

    def _rest(self, numbers: Sequence[int], log: Sequence[Row[Any]]) -> Iterator[Row[Any]]:
        """Yield *log*, and the following messages of the requests *numbers*."""
        yield from log
        while len(log) == MESSAGES_AT_ONCE:
            # First the rest of the request in which the page ended, which an index finds quickly.
            number, seq = log[-1].request_id, log[-1].seq
            with self._engine.connect() as connection:
                log = _log(connection, [number], seq)
            yield from log
            if len(log) < MESSAGES_AT_ONCE:
                numbers = [later for later in numbers if later > number]
                with self._engine.connect() as connection:
                    log = _log(connection, numbers)
                yield from log


@contextmanager
def open_source(database: Path) -> Iterator[SqliteExportSource]:
    """Yield *database* for reading; raise :exc:`StartError` if there is none or it is damaged."""
    require(database, DatabaseKind.CURRENT)
    engine = reader_engine(database, 1)
    try:
        yield SqliteExportSource(engine)
    except DBAPIError as error:
        raise StartError(
            f"Cannot read {database} ({error.orig}); see what `helpdesk check` says."
        ) from error
    finally:
        engine.dispose()


def _within(extent: ExportExtent) -> list[ColumnElement[bool] | TextClause]:
    """Return the conditions on ``help_request`` joined with ``customer`` that select *extent*."""
    return [*conditions(extent.where), help_request.c.id.between(extent.first, extent.last)]


def _log(connection: Connection, numbers: Sequence[int], seq: int = 0) -> Sequence[Row[Any]]:
    """Return a page of the messages of the requests *numbers*, each after *seq*."""
    return connection.execute(_LOG, {"numbers": list(numbers), "seq": seq}).all()


def _answered(connection: Connection, numbers: Sequence[int]) -> dict[int, tuple[str, ...]]:
    refs = defaultdict[int, list[str]](list)
    for row in connection.execute(_ANSWERS, {"numbers": list(numbers)}):
        refs[row.request_id].append(row.ref)
    return {number: tuple(found) for number, found in refs.items()}


def _together(
    rows: Iterable[Row[Any]], answered: dict[int, tuple[str, ...]], log: Iterator[Row[Any]]
) -> Iterator[RequestLine | MessageLine]:
    """Yield the requests in *rows*, each followed by its messages in *log* up to its ``seq``."""
    logs = groupby(log, key=attrgetter("request_id"))
    number, entries = next(logs, (0, iter(())))
    for row in rows:
        yield request_line(row, answered.get(row.id, ()))
        count = 0
        if number == row.id:
            for entry in entries:
                if entry.seq <= row.seq:  # newer ones came after the request was read
                    count += 1
                    yield message_line(entry)
            number, entries = next(logs, (0, iter(())))
        if count != row.seq:
            raise StartError(
                f"Request #{row.id} lost messages while it was read, to a purge or to damage; "
                "try again, and see what `helpdesk check` says."
            )


def _without_token(line: RequestLine | MessageLine) -> RequestLine | MessageLine:
    """Return *line* without the hash of a customer's token; a verified customer's key is none."""
    if isinstance(line, MessageLine) or line.customer.verified:
        return line
    return structs.replace(line, customer=structs.replace(line.customer, key=""))


def _agent_line(row: Row[Any], *, hashed: bool) -> AgentLine:
    return AgentLine(
        id=row.id,
        name=row.name,
        role=row.role,
        token_hash=row.token_hash if hashed else None,
        disabled=bool(row.disabled),
        created_at=row.created_at,
    )


def _audit_line(row: Row[Any]) -> AuditLine:
    by = Author(Role(row.by_role), row.by_id, row.by_name)
    return AuditLine(row.id, Millis(row.at), row.action, by, row.data, row.hash)


def _given(connection: Connection, *, entries: int) -> GivenLine:
    rows = connection.execute(text("SELECT name, seq FROM sqlite_sequence"))
    given: dict[str, int] = {row.name: row.seq for row in rows}
    return GivenLine(
        agent=given.get("agent", 0),
        audit=entries,
        customer=given.get("customer", 0),
        help_request=given.get("help_request", 0),
    )
