"""Messages as CSV, for spreadsheets: RFC 4180, UTF-8, a row a message. Pure.

Never gives a spreadsheet a cell that it would run: whatever could begin a formula is preceded by an
apostrophe, which makes a text of it.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator

from relay.desk.plain import sentence
from relay.store.lines import MessageLine, RequestLine
from relay.wire.view import rfc3339

COLUMNS = (
    "request", "status", "site", "customer", "email", "tags",
    "seq", "at", "kind", "role", "author", "text",
)  # fmt: skip

BEGIN_FORMULAS = "=+-@\t\r＝＋－＠"  # noqa: RUF001 - full-width forms, which some programs take too
BLANKS = "\u200b\u2060\ufeff"
"""What is not white space to Python, but nothing to see either."""
_FORMULA = re.compile(rf"[\s{BLANKS}]*[{re.escape(BEGIN_FORMULAS)}]")


def rows(lines: Iterable[RequestLine | MessageLine]) -> Iterator[str]:
    """Yield the heading and a row for each message in *lines*."""
    yield _row(COLUMNS)
    about: tuple[str | int, ...] = ()
    for line in lines:
        if isinstance(line, RequestLine):
            about = _about(line)
            continue
        kind = line.activity or line.kind
        said = harmless(sentence(line.message.event, line.by))
        own = (line.seq, rfc3339(line.at), kind, line.by.role, harmless(line.by.name or ""), said)
        yield _row((*about, *own))


def harmless(cell: str) -> str:
    """Return *cell* so that no spreadsheet takes it for a formula."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _about(line: RequestLine) -> tuple[str | int, ...]:
    request, customer = line.request, line.customer
    said = (
        request.status or "",
        request.site,
        customer.name or "",
        customer.email or "",
        " ".join(request.tags),
    )
    return (request.id, *map(harmless, said))


def _row(cells: Iterable[str | int]) -> str:
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL).writerow(cells)
    return written.getvalue()
