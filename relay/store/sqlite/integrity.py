"""Checks a database: pages, references, dense sequences, times, summaries, audit log.

Read-only, beside a relay that may be running. Requests are checked a few at a time, so that only
the check of the pages holds a long snapshot. Findings contain no text of any person.
"""

from collections import Counter
from collections.abc import Iterator
from functools import reduce
from itertools import chain, islice
from pathlib import Path

from sqlalchemy import Connection, Engine, Row, bindparam, func, select
from sqlalchemy.exc import DBAPIError

from relay.desk.checks import LAST_TIME
from relay.desk.events import Message
from relay.desk.request import HelpRequest, apply
from relay.errors import StartError
from relay.store.offline import Check, CheckReport, DatabaseKind, Finding
from relay.store.sqlite.audit_log import chain_errors
from relay.store.sqlite.engine import reader_engine
from relay.store.sqlite.identity import require
from relay.store.sqlite.rows import MESSAGES, RECORDS, message_of, record_of
from relay.store.sqlite.schema import help_request, message

REQUESTS_AT_ONCE = 200
"""Requests that are checked in one snapshot."""
FINDING_LIMIT = 100
"""Findings of one check; more need not be listed."""


def check_database(database: Path) -> CheckReport:
    """Return the findings of all checks of *database*, which has the current schema.

    Raises :exc:`StartError` if it cannot be read at all.
    """
    engine = reader_engine(database, 1)
    try:
        requests, messages = _counts(engine)
        looks = (
            pages(engine, "quick_check"),
            references(engine),
            _histories(engine),
            _audit_chain(engine),
        )
        findings = [finding for look in looks for finding in islice(look, FINDING_LIMIT)]
    except DBAPIError as error:
        raise StartError(
            f"Cannot read {database} ({error.orig}); put a backup back with `helpdesk restore`."
        ) from error
    finally:
        engine.dispose()
    return CheckReport(requests, messages, tuple(findings))


def first_finding(database: Path) -> Finding | None:
    """Return the first finding in *database*, indexes included, or None.

    An older schema gets the checks that all schemas have in common.
    """
    current = (
        require(database, DatabaseKind.CURRENT, DatabaseKind.OLDER).kind is DatabaseKind.CURRENT
    )
    engine = reader_engine(database, 1)
    try:
        histories = _histories(engine) if current else iter(())
        return next(chain(pages(engine, "integrity_check"), references(engine), histories), None)
    finally:
        engine.dispose()


def pages(engine: Engine, how: str) -> Iterator[Finding]:
    """Yield the findings of SQLite's *how*: ``quick_check``, or ``integrity_check`` with indexes.

    Works with any schema. Severe damage makes both raise instead.
    """
    try:
        with engine.connect() as connection:
            for (said,) in connection.exec_driver_sql(f"PRAGMA {how}({FINDING_LIMIT})"):
                if said != "ok":
                    yield Finding(Check.PAGES, " ".join(said.split()) + ".")
    except DBAPIError as error:
        yield Finding(Check.PAGES, f"SQLite cannot read it: {error.orig}.")


def references(engine: Engine) -> Iterator[Finding]:
    """Yield the tables with rows that refer to missing rows. Works with any schema."""
    try:
        with engine.connect() as connection:
            rows = connection.exec_driver_sql("PRAGMA foreign_key_check")
            broken = Counter((child, parent) for child, _, parent, _ in rows)
    except DBAPIError as error:
        yield Finding(Check.REFERENCES, f"SQLite cannot read it: {error.orig}.")
        return
    for (child, parent), count in broken.items():
        yield Finding(Check.REFERENCES, f"Rows of {child} that name no {parent}: {count}.")


def _audit_chain(engine: Engine) -> Iterator[Finding]:
    with engine.connect() as connection:
        yield from (Finding(Check.AUDIT, problem) for problem in chain_errors(connection))


def has_wal_reset_fault(version: tuple[int, int, int]) -> bool:
    """Return whether SQLite *version* may corrupt a WAL database that two connections write to.

    Fixed in 3.51.3, and in 3.44.6 and 3.50.7 on their lines (sqlite.org/changes.html).
    """
    match version[:2]:
        case (3, 44):
            return version < (3, 44, 6)
        case (3, 50):
            return version < (3, 50, 7)
        case _:
            return (3, 7, 0) <= version < (3, 51, 3)


def _counts(engine: Engine) -> tuple[int, int]:
    with engine.connect() as connection:
        tables = (help_request, message)
        requests, messages = (
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in tables
        )
    return requests, messages


_NEXT = (
    RECORDS.where(help_request.c.id > bindparam("after"))
    .order_by(help_request.c.id)
    .limit(REQUESTS_AT_ONCE)
)
_LOG = MESSAGES.where(message.c.request_id == bindparam("number")).order_by(message.c.seq)


def _histories(engine: Engine) -> Iterator[Finding]:
    after, more = 0, True
    while more:
        try:
            # One snapshot for these requests and their messages, another for the next ones.
            with engine.connect() as connection:
                rows = connection.execute(_NEXT, {"after": after}).all()
                for row in rows:
                    yield from _history(connection, row)
        except DBAPIError as error:
            yield Finding(Check.SUMMARIES, f"SQLite cannot read after {after}: {error.orig}.")
            return
        more = bool(rows)
        after = rows[-1].id if rows else after


def _history(connection: Connection, row: Row) -> Iterator[Finding]:  # type: ignore[type-arg]
    number = row.id
    try:
        kept = record_of(row).request
        log = [message_of(entry) for entry in connection.execute(_LOG, {"number": number})]
    except (ValueError, TypeError) as error:
        what = f"It cannot be understood ({type(error).__name__})."
        yield Finding(Check.SUMMARIES, what, number)
        return
    yield from (Finding(Check.SEQUENCES, gap, number) for gap in _gaps(kept, log))
    if not all(0 <= entry.at <= LAST_TIME for entry in log):
        yield Finding(Check.TIMES, "A time is before 1970 or after the year 9999.", number)
    folded = reduce(apply, log, HelpRequest(kept.id, kept.site, kept.customer_id))
    names = HelpRequest.__struct_fields__
    differ = [name for name in names if getattr(kept, name) != getattr(folded, name)]
    if differ:
        what = f"Its log says otherwise of {', '.join(differ)}."
        yield Finding(Check.SUMMARIES, what, number)


def _gaps(kept: HelpRequest, log: list[Message]) -> Iterator[str]:
    if [entry.seq for entry in log] != list(range(1, kept.seq + 1)):
        yield f"The agents' numbers are not 1 to {kept.seq}."
    theirs = [entry.customer_seq for entry in log if entry.customer_seq is not None]
    if theirs != list(range(1, kept.customer_seq + 1)):
        yield f"The customer's numbers are not 1 to {kept.customer_seq}."
