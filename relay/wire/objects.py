"""The objects inside frames, field for field as the protocol names them. Data alone."""

from typing import Annotated, ClassVar

from msgspec import UNSET, Meta, UnsetType

from relay.desk.contact import Contact
from relay.value import Value

Ref = Annotated[str, Meta(min_length=1, max_length=64)]
Number = Annotated[int, Meta(ge=1, le=2**53)]
Position = Annotated[int, Meta(ge=0, le=2**53)]


class InboundFrame(Value, frozen=True, tag_field="type"):
    """A frame that a client sends. Its class says how the relay treats it."""

    ADMIN: ClassVar[bool] = False
    """Only admins may send it."""
    WAITS: ClassVar[bool] = False
    """Its answer may be long: the next frame is handled when the answer has been sent."""
    MESSAGE: ClassVar[bool] = False
    """It counts against the rate limit of messages, not against that of other frames."""


class OutboundFrame(Value, frozen=True, tag_field="type"):
    """A frame that the relay sends."""


class AgentName(Value, frozen=True):
    """An agent as everybody may see one."""

    name: str


class AgentLabel(Value, frozen=True):
    """An agent as agents see one in a request."""

    id: int
    name: str


class AgentObject(Value, frozen=True):
    """An agent; ``status`` is ``online``, ``away`` or ``offline``."""

    id: int
    name: str
    role: str
    status: str
    disabled: bool | UnsetType = UNSET


class _CustomerId(Contact, frozen=True):
    id: int


class CustomerObject(_CustomerId, frozen=True, kw_only=True):
    """A customer, for agents: the id, the fields of the contact, and these."""

    verified: bool
    online: bool


class ReadMarks(Value, frozen=True):
    """The last seq that each side has read, in the receiver's numbers."""

    customer: int
    agent: int


class RatingObject(Value, frozen=True):
    """How it went, 1 to 5."""

    score: int
    comment: str | None
    at: str


class LastObject(Value, frozen=True):
    """The latest text, 120 characters of it; ``by`` is a role."""

    text: str
    by: str
    at: str


class PageObject(Value, frozen=True):
    """Where a customer is."""

    url: str | None = None
    title: str | None = None
    referrer: str | None = None


class CustomerRequest(Value, frozen=True):
    """A request as its customer sees it."""

    id: int
    status: str
    agent: AgentName | None
    opened_at: str
    claimed_at: str | None
    closed_at: str | None
    seq: int
    read: ReadMarks
    rating: RatingObject | None


class By(Value, frozen=True):
    """Who wrote a message; customers are not told an id."""

    role: str
    id: int | UnsetType | None = UNSET
    name: str | None = None


class HoldObject(Value, frozen=True):
    """Why, by whom and since when a request is kept from every purge."""

    why: str
    by: By
    at: str


class AgentRequest(Value, frozen=True):
    """A request as agents see it."""

    id: int
    status: str
    agent: AgentLabel | None
    opened_at: str
    claimed_at: str | None
    closed_at: str | None
    seq: int
    read: ReadMarks
    rating: RatingObject | None
    customer: CustomerObject
    site: str
    page: PageObject
    locale: str | None
    user_agent: str | None
    last: LastObject | None
    waiting_since: str | None
    tags: list[str]
    hold: HoldObject | None = None


class MessageObject(Value, frozen=True):
    """One entry of a request's log, numbered for the receiver's side."""

    seq: int
    kind: str
    by: By
    text: str
    at: str
    activity: str | UnsetType = UNSET
    data: dict[str, object] | UnsetType = UNSET
    ref: str | UnsetType = UNSET


class DeskObject(Value, frozen=True):
    """The desk as customers see it; ``away_message`` only while nobody is there."""

    name: str
    online: bool
    away_message: str | None


class Limits(Value, frozen=True):
    """What a client may send: code points, bytes, and messages a second. 0 is no limit."""

    text: int
    frame: int
    messages_per_second: float
    burst: int


class Canned(Value, frozen=True):
    """A canned response."""

    name: str
    text: str


class Error(OutboundFrame, frozen=True, tag="error", omit_defaults=True):
    """A refused frame; the connection stays open."""

    code: str
    message: str
    ref: str | None = None
    retry_after: float | None = None


class Pong(OutboundFrame, frozen=True, tag="pong"):
    """The answer to ``ping``."""

    ref: str


class Typing(OutboundFrame, frozen=True, tag="typing"):
    """Somebody on the other side (a role) writes, or no longer does."""

    request: int
    by: str
    on: bool


class Read(OutboundFrame, frozen=True, tag="read"):
    """A side (a role) has read up to ``seq``, in the receiver's numbers."""

    request: int
    by: str
    seq: int


class MessagePush(OutboundFrame, frozen=True, tag="message"):
    """A new message of a watched request."""

    request: int
    message: MessageObject


class Gone(OutboundFrame, frozen=True, tag="gone"):
    """The request was deleted with all its messages."""

    request: int


class Sent(OutboundFrame, frozen=True, tag="sent"):
    """A text or note is stored and synced."""

    ref: str
    seq: int
    at: str


class History(OutboundFrame, frozen=True, tag="history"):
    """Older messages, oldest first; ``more``: there are older ones still."""

    ref: str
    messages: list[MessageObject]
    more: bool
