"""Renders exported requests as CSV, for programs or for Excel, which runs no cell of it. Pure.

Excel reads a CSV file by rules that depend on its language, and changes what looks like a number.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, tzinfo

from relay.desk.contact import CONTACT_DETAILS
from relay.desk.event_data import sentence
from relay.sanitize import csv_cell
from relay.store.export_format import MessageLine, RequestLine
from relay.wire.present import rfc3339

Lines = Iterable[RequestLine | MessageLine]

BOM = "\ufeff"
"""First character of the file, by which Excel knows that it is UTF-8."""
CELL_LIMIT = 32_767
"""UTF-16 code units in a cell of Excel; it cuts what is longer."""
_ABOUT = ("request", "status", "site", "customer", *CONTACT_DETAILS, "tags", "seq")
COLUMNS = (*_ABOUT, "at", "kind", "role", "author", "text")
EXCEL_COLUMNS = (*_ABOUT, "at", "utc_offset", "kind", "role", "author", "part", "text")
_MONTH = (
    "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
    "|mär|mrz|mai|okt|dez|gen|mag|giu|lug|ago|ott|dic|ene|abr|mei|maj|fév|avr|juil|aoû|déc|fev"
)
"""Beginnings of months in English, German, Italian, Spanish, Dutch, Danish, French, Portuguese."""
_CHANGED = re.compile(
    r"(?=\D*\d)[\d.,:/\s%$€£()-]*+"
    rf"(?:e[+-]?\d++|(?:{_MONTH})\w*+[\d.,:/\s-]*+|[ap]m?)?[\s)]*+",
    re.IGNORECASE,
)
"""What Excel takes for a number, a date or a time: it drops zeros, and digits after the 15th.

A number in parentheses is a negative one to it. No part gives back what it has matched, so that a
long text takes linear time.
"""
_COMMA = frozenset({
    "az", "be", "bg", "bs", "ca", "cs", "da", "de", "el", "es", "et", "eu", "fi", "fr", "gl", "hr",
    "hu", "hy", "id", "is", "it", "ka", "kk", "lt", "lv", "mk", "nb", "nl", "nn", "no", "pl", "pt",
    "ro", "ru", "sk", "sl", "sq", "sr", "sv", "tr", "uk", "uz", "vi",
})  # fmt: skip
"""Languages that write a decimal comma, by CLDR."""
_POINT = frozenset({
    "de_CH", "de_LI", "es_DO", "es_GT", "es_HN", "es_MX", "es_NI", "es_PA", "es_PE", "es_PR",
    "es_SV", "es_US", "it_CH",
})  # fmt: skip
"""Countries in which one of them is written with a decimal point."""


def separator(environment: Mapping[str, str]) -> str:
    """Return what Excel expects between cells: ``;`` where the locale has a decimal comma.

    The locale is that of LC_ALL, LC_NUMERIC or LANG, the first of them that *environment* has.
    """
    names = (environment.get(name) for name in ("LC_ALL", "LC_NUMERIC", "LANG"))
    locale = re.split("[.@]", next(filter(None, names), ""))[0]
    return ";" if locale[:2] in _COMMA and locale not in _POINT else ","


def csv_rows(lines: Lines, zone: tzinfo | None) -> Iterator[str]:
    """Yield the heading and a row for each message in *lines*, with times in *zone*."""
    yield BOM + _row(COLUMNS)
    about: tuple[str | int, ...] = ()
    for line in lines:
        if isinstance(line, RequestLine):
            about = _about(line, csv_cell)
            continue
        at, author = _local(line, zone).isoformat(timespec="milliseconds"), line.by.name or ""
        said = csv_cell(sentence(line.message.event, line.by))
        own = (line.seq, at, line.activity or line.kind, line.by.role, csv_cell(author), said)
        yield _row((*about, *own))


def excel_rows(lines: Lines, zone: tzinfo | None, delimiter: str) -> Iterator[str]:
    """Yield the same for Excel, with *delimiter* between cells, which keep digits as they are.

    A text that is too long for a cell goes on in further rows, which have the same number and the
    next ``part``.
    """
    yield BOM + _row(EXCEL_COLUMNS, delimiter)
    about: tuple[str | int, ...] = ()
    for line in lines:
        if isinstance(line, RequestLine):
            about = _about(line, excel_cell)
            continue
        at, author = _local(line, zone), excel_cell(line.by.name or "")
        moment = (f"{at:%Y-%m-%d %H:%M:%S}", f"UTC{at.isoformat()[-6:]}")
        own = (line.seq, *moment, line.activity or line.kind, line.by.role, author)
        for part, piece in enumerate(_pieces(sentence(line.message.event, line.by)), 1):
            yield _row((*about, *own, part, excel_cell(piece)), delimiter)


def excel_cell(said: str) -> str:
    """Return *said* so that Excel neither evaluates it nor changes its digits."""
    return f"'{said}" if _CHANGED.fullmatch(said) else csv_cell(said)


def _local(line: MessageLine, zone: tzinfo | None) -> datetime:
    return datetime.fromisoformat(rfc3339(line.at)).astimezone(zone)


def _about(line: RequestLine, cell: Callable[[str], str]) -> tuple[str | int, ...]:
    request, customer = line.request, line.customer
    said = (
        request.status or "",
        request.site,
        *(value or "" for value in customer.values().values()),
        " ".join(request.tags),
    )
    return (request.id, *map(cell, said))


def _pieces(said: str) -> Iterator[str]:
    """Yield *said* in pieces that fit into a cell, with an apostrophe before each."""
    if len(said) * 2 < CELL_LIMIT:  # also if each character has two code units
        yield said
        return
    start, used = 0, 1
    for place, character in enumerate(said):
        units = 1 + (ord(character) > 0xFFFF)
        if used + units > CELL_LIMIT:
            yield said[start:place]
            start, used = place, 1
        used += units
    yield said[start:]


def _row(cells: Iterable[str | int], delimiter: str = ",") -> str:
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL, delimiter=delimiter).writerow(cells)
    return written.getvalue()
