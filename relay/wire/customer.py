"""What a customer's connection sends and hears. Data alone."""

from typing import Annotated

from msgspec import Meta

from relay.desk.contact import Contact
from relay.value import Value
from relay.wire.objects import (
    CustomerRequest,
    DeskObject,
    Error,
    Gone,
    History,
    Limits,
    MessageObject,
    MessagePush,
    Number,
    PageObject,
    Pong,
    Position,
    Read,
    Ref,
    Sent,
    Typing,
)


class Frame(Value, frozen=True, tag_field="type"):
    """A frame that a customer's client sends."""


class Hello(Frame, frozen=True, tag="hello"):
    """Who it is, where, and what the client has already."""

    ref: Ref
    token: str | None = None
    site: str = "default"
    locale: str | None = None
    page: PageObject | None = None
    identity: str | None = None
    request: Number | None = None
    after: Position = 0
    epoch: str | None = None


class _ContactFrame(Frame, Contact, frozen=True):
    ref: Ref


class Open(_ContactFrame, frozen=True, kw_only=True, tag="open"):
    """Ask for help, with the fields of the contact that the customer has typed."""

    text: str | None = None


class Send(Frame, frozen=True, tag="send"):
    """Say something."""

    ref: Ref
    text: str
    request: Number | None = None


class HistoryBefore(Frame, frozen=True, tag="history"):
    """Ask for older messages."""

    ref: Ref
    before: Position
    limit: Annotated[int, Meta(ge=1, le=200)] = 50
    request: Number | None = None


class SetTyping(Frame, frozen=True, tag="typing"):
    """The customer writes, or no longer does."""

    on: bool


class SetRead(Frame, frozen=True, tag="read"):
    """The customer has read up to ``seq``."""

    seq: Position


class SetPage(Frame, frozen=True, tag="page"):
    """Where the customer now is."""

    page: PageObject
    locale: str | None = None


class Close(Frame, frozen=True, tag="close"):
    """The customer leaves."""

    ref: Ref


class Rate(Frame, frozen=True, tag="rate"):
    """How it went."""

    ref: Ref
    score: Annotated[int, Meta(ge=1, le=5)]
    comment: str | None = None
    request: Number | None = None


class Forget(Frame, frozen=True, tag="forget"):
    """Erase me and all that I wrote."""

    ref: Ref


class Ping(Frame, frozen=True, tag="ping"):
    """Is anybody there?"""

    ref: Ref


ClientFrame = (
    Hello
    | Open
    | Send
    | HistoryBefore
    | SetTyping
    | SetRead
    | SetPage
    | Close
    | Rate
    | Forget
    | Ping
)


class Heard(Value, frozen=True, tag_field="type"):
    """A frame that a customer's client hears."""


class Welcome(Heard, frozen=True, tag="welcome"):
    """The answer to ``hello``."""

    ref: str
    token: str
    epoch: str
    request: CustomerRequest | None
    messages: list[MessageObject]
    more: bool
    reset: bool
    desk: DeskObject
    limits: Limits


class Opened(Heard, frozen=True, tag="opened"):
    """The answer to ``open``."""

    ref: str
    request: CustomerRequest
    messages: list[MessageObject]
    more: bool


class Closed(Heard, frozen=True, tag="closed"):
    """The answer to ``close``."""

    ref: str
    request: CustomerRequest


class Rated(Heard, frozen=True, tag="rated"):
    """The answer to ``rate``."""

    ref: str


class Forgotten(Heard, frozen=True, tag="forgotten"):
    """The answer to ``forget``, the last thing that this connection hears."""

    ref: str


class RequestPush(Heard, frozen=True, tag="request"):
    """A field that customers see has changed."""

    request: CustomerRequest


class DeskPush(Heard, frozen=True, tag="desk"):
    """Somebody came, or the last one went."""

    desk: DeskObject


RelayFrame = (
    Welcome
    | Opened
    | Closed
    | Rated
    | Forgotten
    | RequestPush
    | DeskPush
    | Error
    | Pong
    | Typing
    | Read
    | MessagePush
    | Gone
    | Sent
    | History
)
