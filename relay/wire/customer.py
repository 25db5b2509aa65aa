"""Frames that a customer's client sends and receives. Data alone."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from relay.desk.contact import Contact
from relay.wire.objects import (
    CustomerRequest,
    DeskObject,
    Error,
    Gone,
    History,
    InboundFrame,
    Limits,
    MessageObject,
    MessagePush,
    Number,
    OutboundFrame,
    PageObject,
    Pong,
    Position,
    Read,
    Ref,
    Sent,
    Typing,
)


class Hello(InboundFrame, frozen=True, tag="hello"):
    """The first frame: who the customer is, on which site, and what the client has already."""

    WAITS = True

    ref: Ref
    token: str | None = None
    site: str = "default"
    locale: str | None = None
    page: PageObject | None = None
    identity: str | None = None
    request: Number | None = None
    after: Position = 0
    epoch: str | None = None


class _ContactFrame(InboundFrame, Contact, frozen=True):
    ref: Ref


class Open(_ContactFrame, frozen=True, kw_only=True, tag="open"):
    """Opens a help request, with the fields of the contact that the customer has typed."""

    MESSAGE = True

    text: str | None = None


class Send(InboundFrame, frozen=True, tag="send"):
    """Stores a text in the customer's open request."""

    MESSAGE = True

    ref: Ref
    text: str
    request: Number | None = None


class HistoryBefore(InboundFrame, frozen=True, tag="history"):
    """Asks for the messages before a seq."""

    WAITS = True

    ref: Ref
    before: Position
    limit: Annotated[int, Meta(ge=1, le=200)] = 50
    request: Number | None = None


class SetTyping(InboundFrame, frozen=True, tag="typing"):
    """Reports that the customer types, or has stopped."""

    on: bool


class SetRead(InboundFrame, frozen=True, tag="read"):
    """Moves the customer's read mark to ``seq``."""

    seq: Position


class SetPage(InboundFrame, frozen=True, tag="page"):
    """Reports the page that the customer is on."""

    page: PageObject
    locale: str | None = None


class Close(InboundFrame, frozen=True, tag="close"):
    """Closes the customer's request."""

    ref: Ref


class Rate(InboundFrame, frozen=True, tag="rate"):
    """Rates a request, 1 to 5."""

    ref: Ref
    score: Annotated[int, Meta(ge=1, le=5)]
    comment: str | None = None
    request: Number | None = None


class Forget(InboundFrame, frozen=True, tag="forget"):
    """Erases the customer with all their requests."""

    ref: Ref


class Ping(InboundFrame, frozen=True, tag="ping"):
    """Asks for a ``pong``."""

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


class Welcome(OutboundFrame, frozen=True, tag="welcome"):
    """The answer to ``hello``; ``version`` is the relay's, which older ones leave out."""

    ref: str
    token: str
    epoch: str
    request: CustomerRequest | None
    messages: list[MessageObject]
    more: bool
    reset: bool
    desk: DeskObject
    limits: Limits
    version: str | UnsetType = UNSET


class Opened(OutboundFrame, frozen=True, tag="opened"):
    """The answer to ``open``."""

    ref: str
    request: CustomerRequest
    messages: list[MessageObject]
    more: bool


class Closed(OutboundFrame, frozen=True, tag="closed"):
    """The answer to ``close``."""

    ref: str
    request: CustomerRequest


class Rated(OutboundFrame, frozen=True, tag="rated"):
    """The answer to ``rate``."""

    ref: str


class Forgotten(OutboundFrame, frozen=True, tag="forgotten"):
    """The answer to ``forget``, the last frame on this connection."""

    ref: str


class RequestPush(OutboundFrame, frozen=True, tag="request"):
    """A field that customers see has changed."""

    request: CustomerRequest


class DeskPush(OutboundFrame, frozen=True, tag="desk"):
    """The desk has changed: the first agent came online, or the last one went."""

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
