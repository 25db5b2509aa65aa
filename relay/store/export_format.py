"""The lines of an export: their types, JSON, and what an import accepts. Pure."""

import re
from typing import assert_never

import msgspec

from relay.desk.checks import (
    check_line,
    check_name,
    check_number,
    check_text,
    check_time,
)
from relay.desk.contact import Contact, contact_of
from relay.desk.event_data import Data, EventData, from_event_data
from relay.desk.events import (
    Author,
    Message,
    Millis,
)
from relay.desk.request import Customer, HelpRequest, ReadMark, Record, Visit
from relay.sanitize import (
    LOCALE_LIMIT,
    NAME_LIMIT,
    TITLE_LIMIT,
    URL_LIMIT,
    USER_AGENT_LIMIT,
)
from relay.value import Value

FORMAT = 1
"""The version of the format; it rises when older programs cannot read the lines."""


class _Line(Value, frozen=True, omit_defaults=True, tag_field="type", forbid_unknown_fields=True):
    """Base of all lines."""


class Header(_Line, frozen=True, tag="export"):
    """The first line. ``format`` is checked before any other line is read."""

    format: int


class _ExportedKey(Contact, frozen=True):
    id: int
    site: str
    key: str


class ExportedCustomer(_ExportedKey, frozen=True, kw_only=True):
    """Customer in an export: id, site, key, the fields of :class:`Contact`, and ``verified``.

    The key of an unverified customer is a hash of their token, and empty in an export of some
    requests.
    """

    verified: bool

    @property
    def customer(self) -> Customer:
        """The customer as a value of the desk."""
        return Customer(self.id, self.site, self.key, contact_of(self), self.verified)


class RequestLine(_Line, frozen=True, tag="request"):
    """A request, before its messages.

    ``customer_since``: when the customer was first stored; ``answered``: the refs of those ``open``
    frames that stored no message and were answered with this request.
    """

    request: HelpRequest
    customer: ExportedCustomer
    customer_since: Millis
    visit: Visit
    read_by_customer: ReadMark
    read_by_agent: ReadMark
    answered: tuple[str, ...] = ()

    @property
    def record(self) -> Record:
        """The request as the desk knows it."""
        person = self.customer.customer
        return Record(self.request, person, self.visit, self.read_by_customer, self.read_by_agent)


class MessageLine(_Line, frozen=True, tag="message"):
    """A message of a request: a text, a note or an activity."""

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


class AgentLine(_Line, frozen=True, tag="agent", kw_only=True):
    """An agent, with the hash of the token; it is None in an export of some requests."""

    id: int
    name: str
    role: str
    token_hash: str | None = None
    disabled: bool
    created_at: Millis


class CannedLine(_Line, frozen=True, tag="canned"):
    """A canned response."""

    name: str
    text: str


class AuditLine(_Line, frozen=True, tag="audit"):
    """An entry of the audit log, with its hash."""

    id: int
    at: Millis
    action: str
    by: Author
    data: str
    hash: str


class GivenLine(_Line, frozen=True, tag="given"):
    """The highest ids that were ever assigned: none is assigned again."""

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


_HTTP = re.compile("https?://", re.IGNORECASE)


def validate_line(line: Line) -> None:
    """Raise ValueError, without quoting it, if the relay would never have stored *line*."""
    match line:
        case RequestLine():
            _request(line)
        case MessageLine():
            _message(line)
        case AgentLine():
            check_number(line.id)
            check_name("an agent's name", line.name, NAME_LIMIT)
            check_time(line.created_at)
            if line.role not in {"agent", "admin"}:
                raise ValueError("an agent has a role that there is none of")
        case CannedLine():
            check_name("a canned response's name", line.name, NAME_LIMIT)
            check_text(line.text)
        case AuditLine():
            check_number(line.id)
            check_time(line.at)
            check_line("a name", line.by.name, NAME_LIMIT)
        case GivenLine():
            for number in (line.agent, line.audit, line.customer, line.help_request):
                check_number(number or 1)
        case Header() | End():
            pass
        case _:
            assert_never(line)


def _request(line: RequestLine) -> None:
    request, person = line.request, line.customer
    check_number(request.id)
    check_number(person.id)
    check_time(line.customer_since)
    person.check()
    _visit(line.visit)
    last = ReadMark(request.seq, request.customer_seq)
    for mark in (line.read_by_customer, line.read_by_agent):
        if not (0 <= mark.seq <= last.seq and 0 <= mark.customer_seq <= last.customer_seq):
            raise ValueError("somebody has read further than was written")


def _visit(visit: Visit) -> None:
    check_line("a page's title", visit.title, TITLE_LIMIT)
    check_line("a locale", visit.locale, LOCALE_LIMIT)
    check_line("a browser's name", visit.user_agent, USER_AGENT_LIMIT)
    for url in (visit.url, visit.referrer):
        check_line("a page's address", url, URL_LIMIT)
        if url is not None and not _HTTP.match(url):
            raise ValueError("a page's address is none of http or https")


def _message(line: MessageLine) -> None:
    event, role = line.message.event, line.by.role
    check_line("a name", line.by.name, NAME_LIMIT)
    if role not in event.roles:
        raise ValueError(f"a {role} did what no {role} can do")
    event.check()
