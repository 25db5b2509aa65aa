"""Objects inside frames, field for field as the protocol names them. Data alone."""

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
    """Agent as customers see one: the name alone."""

    name: str


class AgentLabel(Value, frozen=True):
    """Agent as agents see one in a request."""

    id: int
    name: str


class AgentObject(Value, frozen=True):
    """Agent with presence; ``status`` is ``online``, ``away`` or ``offline``."""

    id: int
    name: str
    role: str
    status: str
    disabled: bool | UnsetType = UNSET


class _CustomerId(Contact, frozen=True):
    id: int


class CustomerObject(_CustomerId, frozen=True, kw_only=True):
    """Customer, for agents: the id, the fields of :class:`Contact`, and these."""

    verified: bool
    online: bool


class ReadMarks(Value, frozen=True):
    """Last ``seq`` that each side has read, in the receiver's numbers."""

    customer: int
    agent: int


class RatingObject(Value, frozen=True):
    """Rating by the customer, 1 to 5."""

    score: int
    comment: str | None
    at: str


class LastObject(Value, frozen=True):
    """First 120 characters of the latest text; ``by`` is a role."""

    text: str
    by: str
    at: str


class PageObject(Value, frozen=True):
    """Page on which a customer is."""

    url: str | None = None
    title: str | None = None
    referrer: str | None = None


class CustomerRequest(Value, frozen=True):
    """Request as its customer sees it."""

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
    """Author of a message; customers are not told an id."""

    role: str
    id: int | UnsetType | None = UNSET
    name: str | None = None


class HoldObject(Value, frozen=True):
    """Hold that keeps a request from every purge: reason, author and time."""

    why: str
    by: By
    at: str


class AgentRequest(Value, frozen=True):
    """Request as agents see it."""

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
    """Entry of a request's log, numbered for the receiver's side."""

    seq: int
    kind: str
    by: By
    text: str
    at: str
    activity: str | UnsetType = UNSET
    data: dict[str, object] | UnsetType = UNSET
    ref: str | UnsetType = UNSET


class DeskObject(Value, frozen=True):
    """Desk as customers see it; ``away_message`` is null while an agent is online."""

    name: str
    online: bool
    away_message: str | None


class Limits(Value, frozen=True):
    """Limits of a client: code points of a text, bytes of a frame, messages a second; 0: none."""

    text: int
    frame: int
    messages_per_second: float
    burst: int


class Canned(Value, frozen=True):
    """Canned response."""

    name: str
    text: str


class Error(OutboundFrame, frozen=True, tag="error", omit_defaults=True):
    """Refusal of a frame; the connection stays open."""

    code: str
    message: str
    ref: str | None = None
    retry_after: float | None = None


class Pong(OutboundFrame, frozen=True, tag="pong"):
    """Answer to ``ping``."""

    ref: str


class Typing(OutboundFrame, frozen=True, tag="typing"):
    """Typing state of the other side, which ``by`` names as a role."""

    request: int
    by: str
    on: bool


class Read(OutboundFrame, frozen=True, tag="read"):
    """Read mark of a side (a role) in the receiver's numbers."""

    request: int
    by: str
    seq: int


class MessagePush(OutboundFrame, frozen=True, tag="message"):
    """New message of a watched request."""

    request: int
    message: MessageObject


class Gone(OutboundFrame, frozen=True, tag="gone"):
    """Deletion of a request with all its messages."""

    request: int


class Sent(OutboundFrame, frozen=True, tag="sent"):
    """Acknowledgement: a text or note is stored and synced."""

    ref: str
    seq: int
    at: str


class History(OutboundFrame, frozen=True, tag="history"):
    """Answer to ``history``, oldest first; ``more``: there are older messages still."""

    ref: str
    messages: list[MessageObject]
    more: bool
