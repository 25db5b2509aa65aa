"""Renders exported requests as text, Markdown and HTML. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import tzinfo
from html import escape

from rich.cells import cell_len

from cli.text_lines import contact_facts
from cli.time_zone import local_second
from relay.desk.event_data import sentence
from relay.desk.events import Author
from relay.markup import Block, Piece, parse
from relay.sanitize import printable_line, printable_text
from relay.store.export_format import MessageLine, RequestLine
from relay.wire.present import rfc3339

Lines = Iterable[RequestLine | MessageLine]
Names = Mapping[int, str]
"""Of agents, by their ids."""

_MARKUP = re.compile(r"([\\`*_\[\]<>#|~&$])")
_LIST = re.compile(r"^(\d+)([.)])|^([-+=])", re.MULTILINE)
_INDENT = re.compile(r"^ +", re.MULTILINE)
_ELEMENTS = {"a": "a", "b": "strong", "c": "code", "i": "em"}


def plain_text(lines: Lines, names: Names, zone: tzinfo | None) -> Iterator[str]:
    """Yield *lines* as plain text: a heading for each request, then who said what, indented."""
    apart = ""
    for line in lines:
        if isinstance(line, RequestLine):
            heading = title(line)
            yield f"{apart}{heading}\n{'=' * cell_len(heading)}\n"
            yield "".join(f"{name}: {value}\n" for name, value in facts(line, names, zone))
            apart = "\n\n"
        else:
            said = printable_text(words(line)).replace("\n", "\n    ")
            yield f"\n{when(line, zone)}  {who(line.by)}{note_mark(line)}\n    {said}\n"


def markdown(lines: Lines, names: Names, zone: tzinfo | None) -> Iterator[str]:
    """Yield *lines* as Markdown: a heading for each request, and each message as a quotation."""
    apart = ""
    for line in lines:
        if isinstance(line, RequestLine):
            yield f"{apart}## {_escaped(title(line))}\n\n"
            yield "".join(
                f"- {name}: {_escaped(value)}\n" for name, value in facts(line, names, zone)
            )
            apart = "\n"
        elif line.activity:
            yield f"\n*{when(line, zone)} {_escaped(printable_line(words(line), 400))}*\n"
        else:
            said = _escaped(printable_text(words(line))).replace("\n", "  \n> ")
            by = _escaped(who(line.by))
            yield f"\n**{by}**{note_mark(line)} {when(line, zone)}\n\n> {said}\n"


def title(line: RequestLine) -> str:
    """Return what the request is called: its number and its customer."""
    customer = line.customer
    name = printable_line(customer.label or f"customer {customer.id}")
    return f"Request #{line.request.id}: {name}"


def facts(line: RequestLine, names: Names, zone: tzinfo | None) -> Iterator[tuple[str, str]]:
    """Yield what is to be known of a request before its messages, by name."""
    request = line.request
    yield "Status", request.status or ""
    yield from contact_facts(line.customer, verified=line.customer.verified)
    if request.agent is not None:
        yield "Agent", printable_line(names.get(request.agent, f"agent {request.agent}"))
    if request.opened_at is not None:
        yield "Opened", local_second(rfc3339(request.opened_at), zone)
    if request.closed_at is not None:
        yield "Closed", local_second(rfc3339(request.closed_at), zone)
    yield "Site", printable_line(request.site)
    if line.visit.url:
        yield "Page", printable_line(line.visit.url, 2048)
    if request.tags:
        yield "Tags", " ".join(request.tags)
    if request.rating:
        comment = (
            f": {printable_line(request.rating.comment, 1000)}" if request.rating.comment else ""
        )
        yield "Rating", f"{request.rating.score} of 5{comment}"
    if request.hold:
        yield "Hold", printable_line(request.hold.why, 1000)


def words(line: MessageLine) -> str:
    """Return what was said, or of an activity the sentence that tells it."""
    return sentence(line.message.event, line.by)


def when(line: MessageLine, zone: tzinfo | None) -> str:
    """Return the time of *line*, to the second, in *zone*."""
    return local_second(rfc3339(line.at), zone)


def who(by: Author) -> str:
    """Return the name of *by*, or their role."""
    return printable_line(by.name) if by.name else by.role.capitalize()


def note_mark(line: MessageLine) -> str:
    """Return what tells a note from a text."""
    return " (note)" if line.kind == "note" else ""


def _escaped(said: str) -> str:
    said = _LIST.sub(_unlisted, _MARKUP.sub(r"\\\1", said))
    return _INDENT.sub(lambda blanks: "\N{NO-BREAK SPACE}" * len(blanks[0]), said)


def _unlisted(found: re.Match[str]) -> str:
    return f"{found[1]}\\{found[2]}" if found[1] else f"\\{found[3]}"


HEAD = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Help requests</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem;
  color: #1b1b1f; background: #fff; }
section { margin-bottom: 4rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1rem; }
dd { margin: 0; overflow-wrap: anywhere; }
article { border-left: .25rem solid #767680; padding-left: .75rem; margin: 1rem 0; }
article.agent { border-color: #1d5fbf; }
article.note { border-color: #8a6100; background: #fff6df; }
article.activity { border: 0; color: #55555d; }
article p, article pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
article ul, article ol { margin: 0; padding-inline-start: 2rem; }
article h3 { font-size: 1rem; margin: 0; }
time { font-weight: normal; color: #55555d; }
@media print { body { max-width: none; margin: 0; } article { break-inside: avoid; }
  section { break-after: page; } section:last-child { break-after: auto; } }
</style>
</head>
<body>
"""
FOOT = "</body>\n</html>\n"


def html_page(lines: Lines, names: Names, zone: tzinfo | None) -> Iterator[str]:
    """Yield the page of *lines*, a section for each request."""
    yield HEAD
    end = ""
    for line in lines:
        if isinstance(line, RequestLine):
            yield end + _opening(line, names, zone)
            end = "</section>\n"
        else:
            yield _message(line, zone)
    yield end + FOOT


def _opening(line: RequestLine, names: Names, zone: tzinfo | None) -> str:
    known = "".join(
        f"<dt>{name}</dt><dd>{_shown(value)}</dd>\n" for name, value in facts(line, names, zone)
    )
    return f"<section>\n<h2>{_shown(title(line))}</h2>\n<dl>\n{known}</dl>\n"


def _message(line: MessageLine, zone: tzinfo | None) -> str:
    time = f"<time>{when(line, zone)}</time>"
    if line.activity:
        said = _shown(printable_line(words(line), 1200))
        return f'<article class="activity"><p dir="auto">{said} {time}</p></article>\n'
    kind = "note" if line.kind == "note" else line.by.role
    note = " (note)" if line.kind == "note" else ""
    return (
        f'<article class="{kind}"><h3>{_shown(who(line.by))}{note} {time}</h3>'
        f"{html_text(printable_text(words(line)))}</article>\n"
    )


def html_text(said: str) -> str:
    """Return *said* as HTML, with its formats and links."""
    return "".join(map(_block, parse(said)))


def _block(block: Block) -> str:
    lines = ["".join(map(_piece, line)) for line in block.lines]
    if block.kind in {"p", "pre"}:
        said = "\n".join(lines)
        begin = "\n" if block.kind == "pre" else ""  # a parser drops the first one
        return f'<{block.kind} dir="auto">{begin}{said}</{block.kind}>'
    start = f' start="{block.start}"' if block.kind == "ol" else ""
    items = "".join(f'<li dir="auto">{line}</li>' for line in lines)
    return f"<{block.kind}{start}>{items}</{block.kind}>"


def _piece(piece: Piece) -> str:
    said = _shown(piece.words)
    for each in piece.formats:
        name = _ELEMENTS[each]
        address = f' href="{said}" rel="noopener noreferrer nofollow"' if each == "a" else ""
        said = f"<{name}{address}>{said}</{name}>"
    return said


def _shown(said: str) -> str:
    return escape(said, quote=True)
