"""The lines of an export: what each holds, and how it becomes rows again. Pure.

A line is one object of JSON, with its ``type``. Times are milliseconds since 1970 in UTC, as they
are stored: what is written must come back as it was, to the bit.
"""

from typing import Any

import msgspec
from sqlalchemy import Row

from relay.desk.events import Author, Message, Millis, Role
from relay.desk.plain import Data, Plain, from_plain
from relay.desk.record import Customer, Mark, Record, Visit
from relay.desk.request import HelpRequest
from relay.store.rows import record_of
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
        event = from_plain(Plain(self.kind, self.text, self.activity, self.data), self.by.role)
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
