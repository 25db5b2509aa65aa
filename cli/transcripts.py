"""Requests to be read by people: plain text and Markdown. Pure.

Never hands on what a terminal would obey, or what Markdown would take for more than text.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from helpdesk_tui.safety import clean, clean_line
from relay.desk.events import Author
from relay.desk.plain import sentence
from relay.store.lines import MessageLine, RequestLine
from relay.wire.view import rfc3339

Lines = Iterable[RequestLine | MessageLine]
Names = Mapping[int, str]
"""Of agents, by their ids."""

_MARKUP = re.compile(r"([\\`*_\[\]<>#|~&$])")
_LIST = re.compile(r"^(\d+)([.)])|^([-+=])", re.MULTILINE)
_INDENT = re.compile(r"^ +", re.MULTILINE)


def text(lines: Lines, names: Names) -> Iterator[str]:
    """Yield *lines* as plain text: a heading for each request, then who said what, indented."""
    apart = ""
    for line in lines:
        if isinstance(line, RequestLine):
            heading = title(line)
            yield f"{apart}{heading}\n{'=' * len(heading)}\n"
            yield "".join(f"{name}: {value}\n" for name, value in facts(line, names))
            apart = "\n\n"
        else:
            said = clean(words(line)).replace("\n", "\n    ")
            yield f"\n{when(line)}  {who(line.by)}{note_mark(line)}\n    {said}\n"


def markdown(lines: Lines, names: Names) -> Iterator[str]:
    """Yield *lines* as Markdown: a heading for each request, and each message as a quotation."""
    apart = ""
    for line in lines:
        if isinstance(line, RequestLine):
            yield f"{apart}## {_escaped(title(line))}\n\n"
            yield "".join(f"- {name}: {_escaped(value)}\n" for name, value in facts(line, names))
            apart = "\n"
        elif line.activity:
            yield f"\n*{when(line)} {_escaped(clean_line(words(line), 400))}*\n"
        else:
            said = _escaped(clean(words(line))).replace("\n", "  \n> ")
            yield f"\n**{_escaped(who(line.by))}**{note_mark(line)} {when(line)}\n\n> {said}\n"


def title(line: RequestLine) -> str:
    """Return what the request is called: its number and its customer."""
    customer = line.customer
    name = clean_line(customer.name or customer.email or f"customer {customer.id}")
    return f"Request #{line.request.id}: {name}"


def facts(line: RequestLine, names: Names) -> Iterator[tuple[str, str]]:
    """Yield what is to be known of a request before its messages, by name."""
    request = line.request
    yield "Status", request.status or ""
    if line.customer.email:
        verified = " (verified)" if line.customer.verified else ""
        yield "Email", clean_line(line.customer.email, 254) + verified
    if request.agent is not None:
        yield "Agent", clean_line(names.get(request.agent, f"agent {request.agent}"))
    if request.opened_at is not None:
        yield "Opened", rfc3339(request.opened_at)
    if request.closed_at is not None:
        yield "Closed", rfc3339(request.closed_at)
    yield "Site", clean_line(request.site)
    if line.visit.url:
        yield "Page", clean_line(line.visit.url, 2048)
    if request.tags:
        yield "Tags", " ".join(request.tags)
    if request.rating:
        comment = f": {clean_line(request.rating.comment, 1000)}" if request.rating.comment else ""
        yield "Rating", f"{request.rating.score} of 5{comment}"
    if request.hold:
        yield "Hold", clean_line(request.hold.why, 1000)


def words(line: MessageLine) -> str:
    """Return what was said, or of an activity the sentence that tells it."""
    return sentence(line.message.event, line.by)


def when(line: MessageLine) -> str:
    """Return the time of *line*, to the second, in UTC."""
    return f"{rfc3339(line.at)[:10]} {rfc3339(line.at)[11:19]}"


def who(by: Author) -> str:
    """Return the name of *by*, or their role."""
    return clean_line(by.name) if by.name else by.role.capitalize()


def note_mark(line: MessageLine) -> str:
    """Return what tells a note from a text."""
    return " (note)" if line.kind == "note" else ""


def _escaped(said: str) -> str:
    said = _LIST.sub(_unlisted, _MARKUP.sub(r"\\\1", said))
    return _INDENT.sub(lambda blanks: "\N{NO-BREAK SPACE}" * len(blanks[0]), said)


def _unlisted(found: re.Match[str]) -> str:
    return f"{found[1]}\\{found[2]}" if found[1] else f"\\{found[3]}"
