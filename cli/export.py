"""`helpdesk export`: writes requests to files, beside a relay that may be running."""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from cli import filters, options, output
from cli.filters import Filters
from cli.time_zone import pop_zone
from relay.errors import StartError

if TYPE_CHECKING:
    from relay.store.export_format import MessageLine, RequestLine
    from relay.store.offline import ExportExtent, ExportSource

STANDARD, EXCEL = DIALECTS = ("standard", "excel")
FORMATS = ("jsonl", "csv", "md", "html", "txt")


@options.settings_flags("database")
@filters.filter_flags()
def export(
    requests: Annotated[
        list[str] | None, typer.Argument(metavar="[REQUEST]...", help="Numbers of requests.")
    ] = None,
    form: Annotated[
        str,
        typer.Option("--format", metavar="FORMAT", help=f"One of {', '.join(FORMATS)}."),
    ] = "jsonl",
    dialect: Annotated[
        str,
        typer.Option(
            metavar="DIALECT",
            help=f"Of csv, one of {', '.join(DIALECTS)}; see docs/exports.md.",
        ),
    ] = STANDARD,
    file: Annotated[
        str,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="The file to write; - is stdout.",
            callback=options.require_utf8_name,
        ),
    ] = "-",
    for_them: Annotated[
        bool,
        typer.Option(
            "--for-them",
            help="With --customer: only what the customer saw, without notes and agents' data.",
        ),
    ] = False,
    **given: str | None,
) -> None:
    """Export requests, whether the relay runs or not; `import` reads jsonl."""
    if form not in FORMATS:
        raise options.UsageError(f"--format: {form!r} is none of {', '.join(FORMATS)}.")
    numbers = None if not requests else tuple(map(options.request_number, requests))
    if dialect != STANDARD and form != "csv":
        raise options.UsageError("--dialect: Only csv has dialects; give --format csv, too.")
    if dialect not in DIALECTS:
        raise options.UsageError(f"--dialect: {dialect!r} is none of {', '.join(DIALECTS)}.")
    zone = pop_zone(given)
    wanted = filters.parse_filters(given, datetime.now(UTC), zone)
    if for_them and wanted.customer is None:
        raise options.UsageError("--for-them: Say whose copy it is, with --customer.")
    settings = options.load(**given)
    database = settings.database_path

    from cli.displacement import require_place
    from cli.output_file import STDOUT, open_output
    from relay.store.backends import database_at

    require_place(settings)
    counts = Counter[str]()
    with database_at(database).export_source() as source:
        extent = _extent(source, wanted, numbers)
        if for_them:
            extent = _extent_of_one(source, extent, wanted.customer)
        with open_output(file, never=database) as write:
            render = None if form == "jsonl" else partial(_rendered, form, zone, dialect)
            for data in _bytes(render, source, extent, counts, for_them=for_them):
                write(data)
    where = "to stdout" if file == STDOUT else f"to {file}"
    output.info(f"{output.count_text(counts['request'], counts['message'])} went {where}.")


def _extent(
    source: "ExportSource", wanted: Filters, numbers: tuple[int, ...] | None
) -> "ExportExtent":
    customer = wanted.customer
    if isinstance(customer, int) and not source.has_customer(customer):
        wanted = replace(wanted, customer=str(customer))
    narrow = replace(wanted.narrow(source.agents()), requests=numbers)
    for number in numbers or ():
        source.require_request(number)
    return source.extent(narrow)


def _extent_of_one(
    source: "ExportSource", extent: "ExportExtent", wanted: int | str | None
) -> "ExportExtent":
    """Return *extent* without the requests of others than the one person *wanted*.

    An email is one person's if one verified customer has it: anybody can type it. Raises
    :exc:`StartError` if *wanted* names nobody, or somebody who cannot be told from others.
    """
    from relay.store.export_format import RequestLine

    lines = [line for line in source.histories(extent) if isinstance(line, RequestLine)]
    people = {line.customer.id: line.customer.verified for line in lines}
    if not people:
        raise StartError(f"There is no request of {wanted}; see `helpdesk requests list`.")
    if isinstance(wanted, int) or "@" not in str(wanted):
        if len(people) > 1:
            ids = _listed(people)
            raise StartError(f"Several customers are called {wanted}; give the id of one: {ids}.")
        return extent
    proven = [number for number, verified in people.items() if verified]
    if len(proven) != 1:
        why = "several verified customers have" if proven else "no verified customer has"
        raise StartError(
            f"A copy of {wanted} could be of somebody who only typed that address: {why} it. "
            f"See the requests of each, and give the id of who asks: {_listed(people)}."
        )
    others = people.keys() - set(proven)
    if others:
        output.info(
            f"Left out: who typed {wanted} without proof. If it was the same person, give their "
            f"ids, one by one: {_listed(others)}."
        )
    numbers = tuple(line.request.id for line in lines if line.customer.id == proven[0])
    return source.extent(replace(extent.where, requests=numbers))


def _listed(customers: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(customers)))


def _bytes(
    render: "Callable[[Iterator[RequestLine | MessageLine], dict[int, str]], Iterator[str]] | None",
    source: "ExportSource",
    extent: "ExportExtent",
    counts: Counter[str],
    *,
    for_them: bool,
) -> Iterator[bytes]:
    """Yield the export as it is written, by *render*, or as JSONL.

    *counts* counts the lines of each type.
    """
    from cli.customer_copy import customer_copy
    from relay.store.export_format import encoded, tag

    progress = output.Progress(extent.messages, "messages")

    def count(kind: str) -> None:
        counts[kind] += 1
        if kind == "message":
            progress.step()

    try:
        if render is None and not for_them:
            for line, data in source.complete(extent):
                count(tag(line))
                yield data
            return
        histories = source.histories(extent)
        lines = _counted(customer_copy(histories) if for_them else histories, count)
        if render is None:
            yield from map(encoded, lines)
        else:
            names = {agent.id: agent.name for agent in source.agents()}
            for part in render(lines, names):
                yield part.encode("utf-8", "backslashreplace")
    finally:
        progress.clear()


def _counted(
    lines: "Iterable[RequestLine | MessageLine]", count: Callable[[str], None]
) -> "Iterator[RequestLine | MessageLine]":
    from relay.store.export_format import tag

    for line in lines:
        count(tag(line))
        yield line


def _rendered(
    form: str,
    zone: tzinfo | None,
    dialect: str,
    lines: "Iterable[RequestLine | MessageLine]",
    names: dict[int, str],
) -> Iterator[str]:
    from cli import formats, spreadsheet

    match form:
        case "csv":
            if dialect == EXCEL:
                return spreadsheet.excel_rows(lines, zone, spreadsheet.separator(os.environ))
            return spreadsheet.csv_rows(lines, zone)
        case "md":
            return formats.markdown(lines, names, zone)
        case "html":
            return formats.html_page(lines, names, zone)
        case _:
            return formats.plain_text(lines, names, zone)
