"""`helpdesk export`: requests as files, read beside a relay that may be running."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli import filters, flags, output
from cli.filters import Filters

if TYPE_CHECKING:
    from relay.store.exporting import Extent, Source
    from relay.store.lines import MessageLine, RequestLine

FORMATS = ("jsonl", "csv", "md", "html", "txt")


@flags.settings_flags("database")
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
            "-o", "--output", metavar="FILE", help="Where it goes.", callback=flags.in_text
        ),
    ] = "-",
    **given: str | None,
) -> None:
    """Export requests, one or all, while the relay runs or not; `import` takes jsonl back."""
    if form not in FORMATS:
        raise flags.WrongUse(f"--format: {form!r} is none of {', '.join(FORMATS)}.")
    numbers = None if not requests else tuple(map(flags.request_number, requests))
    wanted = filters.taken(given, datetime.now().astimezone())
    database = flags.load(**given).database_path

    from cli.writing import STDOUT, target
    from relay.store.exporting import opened

    told = Counter[str]()
    with opened(database) as source:
        extent = _extent(source, wanted, numbers)
        with target(file, never=database) as write:
            for data in _bytes(form, source, extent, told):
                write(data)
    where = "to stdout" if file == STDOUT else f"to {file}"
    output.say(f"{output.much(told['request'], told['message'])} went {where}.")


def _extent(source: "Source", wanted: Filters, numbers: tuple[int, ...] | None) -> "Extent":
    from dataclasses import replace

    customer = wanted.customer
    if isinstance(customer, int) and not source.has_customer(customer):
        wanted = replace(wanted, customer=str(customer))
    narrow = replace(wanted.narrow(source.agents()), requests=numbers)
    for number in numbers or ():
        source.must_have(number)
    return source.extent(narrow)


def _bytes(form: str, source: "Source", extent: "Extent", told: Counter[str]) -> Iterator[bytes]:
    """Yield the export as it is written; *told* counts the lines of each type."""
    from relay.store.exporting import complete
    from relay.store.lines import tag

    progress = output.Progress(extent.messages, "messages")

    def count(kind: str) -> None:
        told[kind] += 1
        if kind == "message":
            progress.step()

    try:
        if form == "jsonl":
            for line, data in complete(source, extent):
                count(tag(line))
                yield data
        else:
            lines = _counted(source.histories(extent), count)
            names = {agent.id: agent.name for agent in source.agents()}
            for part in _rendered(form, lines, names):
                yield part.encode("utf-8", "backslashreplace")
    finally:
        progress.clear()


def _counted(
    lines: "Iterable[RequestLine | MessageLine]", count: Callable[[str], None]
) -> "Iterator[RequestLine | MessageLine]":
    from relay.store.lines import tag

    for line in lines:
        count(tag(line))
        yield line


def _rendered(
    form: str, lines: "Iterable[RequestLine | MessageLine]", names: dict[int, str]
) -> Iterator[str]:
    from cli import printed, spreadsheet, transcripts

    match form:
        case "csv":
            return spreadsheet.rows(lines)
        case "md":
            return transcripts.markdown(lines, names)
        case "html":
            return printed.page(lines, names)
        case _:
            return transcripts.text(lines, names)
