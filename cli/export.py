"""`helpdesk export`: writes requests to files, beside a relay that may be running."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli import filters, options, output
from cli.filters import Filters
from relay.errors import StartError

if TYPE_CHECKING:
    from relay.store.export_format import MessageLine, RequestLine
    from relay.store.offline import ExportExtent, ExportSource

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
    wanted = filters.parse_filters(given, datetime.now().astimezone())
    if for_them and wanted.customer is None:
        raise options.UsageError("--for-them: Say whose copy it is, with --customer.")
    database = options.load(**given).database_path

    from cli.output_file import STDOUT, open_output
    from relay.store.backends import database_at

    counts = Counter[str]()
    with database_at(database).export_source() as source:
        extent = _extent(source, wanted, numbers)
        if for_them:
            _require_one_person(source, extent, wanted.customer)
        with open_output(file, never=database) as write:
            for data in _bytes(form, source, extent, counts, for_them=for_them):
                write(data)
    where = "to stdout" if file == STDOUT else f"to {file}"
    output.info(f"{output.count_text(counts['request'], counts['message'])} went {where}.")


def _extent(
    source: "ExportSource", wanted: Filters, numbers: tuple[int, ...] | None
) -> "ExportExtent":
    from dataclasses import replace

    customer = wanted.customer
    if isinstance(customer, int) and not source.has_customer(customer):
        wanted = replace(wanted, customer=str(customer))
    narrow = replace(wanted.narrow(source.agents()), requests=numbers)
    for number in numbers or ():
        source.require_request(number)
    return source.extent(narrow)


def _require_one_person(
    source: "ExportSource", extent: "ExportExtent", wanted: int | str | None
) -> None:
    """Raise :exc:`StartError` if *wanted* is the name of several customers, or of none."""
    from relay.store.export_format import RequestLine

    lines = source.histories(extent)
    found = {line.customer.id for line in lines if isinstance(line, RequestLine)}
    if not found:
        raise StartError(f"There is no request of {wanted}; see `helpdesk requests list`.")
    if len(found) > 1 and "@" not in str(wanted):
        ids = ", ".join(map(str, sorted(found)))
        raise StartError(f"Several customers are called {wanted}; give the id of one: {ids}.")


def _bytes(
    form: str,
    source: "ExportSource",
    extent: "ExportExtent",
    counts: Counter[str],
    *,
    for_them: bool,
) -> Iterator[bytes]:
    """Yield the export as it is written; *counts* counts the lines of each type."""
    from cli.customer_copy import customer_copy
    from relay.store.export_format import encoded, tag

    progress = output.Progress(extent.messages, "messages")

    def count(kind: str) -> None:
        counts[kind] += 1
        if kind == "message":
            progress.step()

    try:
        if form == "jsonl" and not for_them:
            for line, data in source.complete(extent):
                count(tag(line))
                yield data
            return
        histories = source.histories(extent)
        lines = _counted(customer_copy(histories) if for_them else histories, count)
        if form == "jsonl":
            yield from map(encoded, lines)
        else:
            names = {agent.id: agent.name for agent in source.agents()}
            for part in _rendered(form, lines, names):
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
    form: str, lines: "Iterable[RequestLine | MessageLine]", names: dict[int, str]
) -> Iterator[str]:
    from cli import formats

    match form:
        case "csv":
            return formats.csv_rows(lines)
        case "md":
            return formats.markdown(lines, names)
        case "html":
            return formats.html_page(lines, names)
        case _:
            return formats.plain_text(lines, names)
