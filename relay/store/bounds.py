"""What the lines of an export may hold: no more than the relay would have taken from people. Pure.

Whoever forges a file brings nothing into a desk that nobody could have said to it. Only what held
for every desk there ever was is asked for: settings may have been others.
"""

import re
from collections.abc import Iterable
from typing import assert_never

from relay.desk.events import (
    Announced,
    Claimed,
    Closed,
    Event,
    Held,
    Millis,
    Noted,
    Opened,
    Rated,
    Released,
    Reopened,
    Role,
    Sent,
    Tagged,
    Transferred,
)
from relay.desk.record import Mark, Visit
from relay.store.checking import LAST_TIME
from relay.store.lines import (
    AgentLine,
    AuditLine,
    CannedLine,
    End,
    GivenLine,
    Header,
    Line,
    MessageLine,
    RequestLine,
)
from relay.text import (
    COMMENT_LIMIT,
    EMAIL_LIMIT,
    LOCALE_LIMIT,
    LONGEST_TEXT,
    NAME_LIMIT,
    TAG,
    TITLE_LIMIT,
    URL_LIMIT,
    USER_AGENT_LIMIT,
    clean_line,
    clean_text,
)

LAST_NUMBER = 2**52
"""Half of what the wire can tell: as many numbers again can be given out after it."""
_HTTP = re.compile("https?://", re.IGNORECASE)
_TAG = re.compile(TAG)


def must_be_sayable(line: Line) -> None:
    """Raise ValueError, in words without anybody's, if the relay would never have taken *line*."""
    match line:
        case RequestLine():
            _request(line)
        case MessageLine():
            _message(line)
        case AgentLine():
            _number(line.id)
            _said("an agent's name", line.name, NAME_LIMIT)
            _time(line.created_at)
            if line.role not in {"agent", "admin"}:
                raise ValueError("an agent has a role that there is none of")
        case CannedLine():
            _said("a canned response's name", line.name, NAME_LIMIT)
            _text(line.text)
        case AuditLine():
            _number(line.id)
            _time(line.at)
            _line("a name", line.by.name, NAME_LIMIT)
        case GivenLine():
            for number in (line.agent, line.audit, line.customer, line.help_request):
                _number(number or 1)
        case Header() | End():
            pass
        case _:
            assert_never(line)


def _request(line: RequestLine) -> None:
    request, person = line.request, line.customer
    _number(request.id)
    _number(person.id)
    _time(line.customer_since)
    _line("a customer's name", person.name, NAME_LIMIT)
    _line("an email", person.email, EMAIL_LIMIT)
    _visit(line.visit)
    last = Mark(request.seq, request.customer_seq)
    for mark in (line.read_by_customer, line.read_by_agent):
        if not (0 <= mark.seq <= last.seq and 0 <= mark.customer_seq <= last.customer_seq):
            raise ValueError("somebody has read further than was written")


def _visit(visit: Visit) -> None:
    _line("a page's title", visit.title, TITLE_LIMIT)
    _line("a locale", visit.locale, LOCALE_LIMIT)
    _line("a browser's name", visit.user_agent, USER_AGENT_LIMIT)
    for url in (visit.url, visit.referrer):
        _line("a page's address", url, URL_LIMIT)
        if url is not None and not _HTTP.match(url):
            raise ValueError("a page's address is none of http or https")


def _message(line: MessageLine) -> None:
    event, role = line.message.event, line.by.role
    _line("a name", line.by.name, NAME_LIMIT)
    if not _may(role, event):
        raise ValueError(f"a {role} did what no {role} can do")
    match event:
        case Sent(text) | Noted(text):
            _text(text)
        case Rated(score, comment):
            _line("a comment", comment, COMMENT_LIMIT)
            if not 1 <= score <= 5:
                raise ValueError("a rating is not from 1 to 5")
        case Tagged(add, remove):
            _tags((*add, *remove))
        case Held(str(why)):
            _said("a reason", why, COMMENT_LIMIT)
        case Transferred(to, name):
            _number(to)
            _said("an agent's name", name, NAME_LIMIT)
        case Announced(text):
            _length(text)  # a greeting is as the settings have it
        case Opened() | Claimed() | Released() | Closed() | Reopened() | Held():
            pass
        case _:
            assert_never(event)


def _may(role: Role, event: Event) -> bool:
    """Whether *role* can have caused *event*: customers alone open and rate, all talk and close."""
    if isinstance(event, Sent | Closed):
        return True
    return (role is Role.CUSTOMER) is isinstance(event, Opened | Rated)


def _text(text: str) -> None:
    if not text or text != clean_text(text):
        raise ValueError("a text is empty, or has signs in it that no text can have")
    _length(text)


def _length(text: str) -> None:
    if len(text) > LONGEST_TEXT:
        raise ValueError("a text is longer than any can be")


def _said(what: str, line: str, most: int) -> None:
    if not line:
        raise ValueError(f"{what} is empty")
    _line(what, line, most)


def _line(what: str, line: str | None, most: int) -> None:
    # Between two signs, since a blank at the end may stand where a longer one was cut.
    if line is not None and clean_line(f"|{line}|") != f"|{line}|":
        raise ValueError(f"{what} has signs in it that no line can have")
    if line is not None and len(line) > most:
        raise ValueError(f"{what} is longer than any can be")


def _tags(tags: Iterable[str]) -> None:
    if not all(map(_TAG.match, tags)):
        raise ValueError("a tag is not of 1 to 32 characters of a-z 0-9 -")


def _time(at: Millis) -> None:
    if not 0 <= at <= LAST_TIME:
        raise ValueError("a time is before 1970 or after the year 9999")


def _number(number: int) -> None:
    if not 1 <= number <= LAST_NUMBER:
        raise ValueError("a number is none that a desk gives out")
