"""The lines of an export: their types, JSON, and what an import accepts. Pure."""

import re
from collections.abc import Iterable
from typing import Any, assert_never

import msgspec
from sqlalchemy import Row

from relay.desk.event_data import Data, EventData, from_event_data
from relay.desk.events import (
    Announced,
    Author,
    Claimed,
    Closed,
    Event,
    Held,
    Message,
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
from relay.desk.request import Customer, HelpRequest, Mark, Record, Visit
from relay.sanitize import (
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
from relay.store.sqlite.integrity import LAST_TIME
from relay.store.sqlite.rows import record_of
from relay.value import Value

FORMAT = 1
"""Grows when a program of before could not read the lines any more."""


class _Line(Value, frozen=True, omit_defaults=True, tag_field="type", forbid_unknown_fields=True):
    """What all lines have in common."""


class Header(_Line, frozen=True, tag="export"):
    """The first line. ``format`` is checked before any other line is read."""

    format: int


class RequestLine(_Line, frozen=True, tag="request"):
    """A request, before its messages.

    ``customer_since``: when the customer was first stored; ``answered``: the refs of those ``open``
    frames that stored no message and were answered with this request.
    """

    request: HelpRequest
    customer: Customer
    customer_since: Millis
    visit: Visit
    read_by_customer: Mark
    read_by_agent: Mark
    answered: tuple[str, ...] = ()

    @property
    def record(self) -> Record:
        """The request as the desk knows it."""
        return Record(
            self.request, self.customer, self.visit, self.read_by_customer, self.read_by_agent
        )


class MessageLine(_Line, frozen=True, tag="message"):
    """An entry of a request's log: texts, notes and activities."""

    request: int
    seq: int
    at: Millis
    by: Author
    kind: str
    customer_seq: int | None = None
    text: str | None = None
    activity: str | None = None
    data: Data | None = None
    ref: str | None = None

    @property
    def message(self) -> Message:
        """The entry as the desk knows it; raises ValueError if there is no such event."""
        event = from_event_data(
            EventData(self.kind, self.text, self.activity, self.data), self.by.role
        )
        return Message(self.seq, self.customer_seq, event, self.by, self.at, self.ref)


class AgentLine(_Line, frozen=True, tag="agent"):
    """An agent; of the token there is the hash alone."""

    id: int
    name: str
    role: str
    token_hash: str
    disabled: bool
    created_at: Millis


class CannedLine(_Line, frozen=True, tag="canned"):
    """A canned response."""

    name: str
    text: str


class AuditLine(_Line, frozen=True, tag="audit"):
    """An entry of the audit log, with its place in the chain."""

    id: int
    at: Millis
    action: str
    by: Author
    data: str
    hash: str


class GivenLine(_Line, frozen=True, tag="given"):
    """The highest numbers that were ever given out: none is given out again."""

    agent: int
    audit: int
    customer: int
    help_request: int


class End(_Line, frozen=True, tag="end"):
    """The last line: how many lines of each type, and the SHA-256 of all bytes before this one."""

    lines: dict[str, int]
    sha256: str


Line = Header | RequestLine | MessageLine | AgentLine | CannedLine | AuditLine | GivenLine | End

_decoder = msgspec.json.Decoder(Line)
_encoder = msgspec.json.Encoder()


def encoded(line: Line) -> bytes:
    """Return *line* as the file has it, with the line's end."""
    return _encoder.encode(line) + b"\n"


def tag(line: Line) -> str:
    """Return the ``type`` of *line*."""
    return str(line.__struct_config__.tag)


def decoded(data: bytes) -> Line:
    """Return the line in *data*; raise msgspec.MsgspecError if it is none."""
    line: Line = _decoder.decode(data)
    return line


def request_line(row: Row[Any], answered: tuple[str, ...]) -> RequestLine:
    """Return the line of the request in *row*, a row of ``exporting.REQUESTS``."""
    record = record_of(row)
    return RequestLine(
        record.request,
        record.customer,
        row.customer_since,
        record.visit,
        record.read_by_customer,
        record.read_by_agent,
        answered,
    )


def message_line(row: Row[Any]) -> MessageLine:
    """Return the line of the log's entry in *row* of the table ``message``."""
    return MessageLine(
        request=row.request_id,
        seq=row.seq,
        at=row.at,
        by=Author(Role(row.by_role), row.by_id, row.by_name),
        kind=row.kind,
        customer_seq=row.customer_seq,
        text=row.text,
        activity=row.activity,
        data=None if row.data is None else msgspec.json.decode(row.data),
        ref=row.ref,
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
