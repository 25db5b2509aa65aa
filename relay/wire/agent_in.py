"""What an agent's connection sends. Data alone; what it hears is in ``agent_hears``."""

from typing import Annotated, Literal

from msgspec import Meta, field

from relay.sanitize import TAG
from relay.value import Value
from relay.wire.objects import Number, Position, Ref
from relay.wire.webhooks import WebhookFrame

TagName = Annotated[str, Meta(pattern=TAG)]
AgentRole = Literal["agent", "admin"]
Limit = Annotated[int, Meta(ge=1, le=200)]


class Frame(Value, frozen=True, tag_field="type"):
    """A frame that an agent's client sends."""


class Hello(Frame, frozen=True, tag="hello"):
    """Who it is. ``queue``: push every request's changes; ``as_`` only on the control socket."""

    ref: Ref
    token: str | None = None
    client: str | None = None
    queue: bool = True
    as_: str | int | None = field(default=None, name="as")


class Join(Frame, frozen=True, tag="join"):
    """Watch a request."""

    ref: Ref
    request: Number
    after: Position | None = None


class Leave(Frame, frozen=True, tag="leave"):
    """Stop watching."""

    request: Number


class Claim(Frame, frozen=True, tag="claim"):
    """Take it."""

    ref: Ref
    request: Number


class Release(Frame, frozen=True, tag="release"):
    """Back to the queue."""

    ref: Ref
    request: Number


class Transfer(Frame, frozen=True, tag="transfer"):
    """To another agent."""

    ref: Ref
    request: Number
    to: Number
    note: str | None = None


class Send(Frame, frozen=True, tag="send"):
    """Say something."""

    ref: Ref
    request: Number
    text: str


class Note(Frame, frozen=True, tag="note"):
    """Write something down for agents alone."""

    ref: Ref
    request: Number
    text: str


class SetTyping(Frame, frozen=True, tag="typing"):
    """The agent writes, or no longer does."""

    request: Number
    on: bool


class SetRead(Frame, frozen=True, tag="read"):
    """The agents have read up to ``seq``."""

    request: Number
    seq: Position


class Close(Frame, frozen=True, tag="close"):
    """End it."""

    ref: Ref
    request: Number


class Reopen(Frame, frozen=True, tag="reopen"):
    """Take it up again."""

    ref: Ref
    request: Number


class Tag(Frame, frozen=True, tag="tag"):
    """Put tags on and take tags off."""

    ref: Ref
    request: Number
    add: list[TagName] = field(default_factory=list)
    remove: list[TagName] = field(default_factory=list)


class Hold(Frame, frozen=True, tag="hold"):
    """Keep it from every purge, and say why."""

    ref: Ref
    request: Number
    why: str


class Unhold(Frame, frozen=True, tag="unhold"):
    """Keep it no longer."""

    ref: Ref
    request: Number


class HistoryBefore(Frame, frozen=True, tag="history"):
    """Ask for older messages."""

    ref: Ref
    request: Number
    before: Position
    limit: Limit = 50


class Filter(Value, frozen=True):
    """Which requests: each field narrows; times are RFC 3339. ``customer``: id, name or email.

    ``newest``: of what the others leave only so many, those with the highest numbers.
    """

    status: Literal["waiting", "active", "closed"] | None = None
    agent: Number | None = None
    customer: Number | str | None = None
    site: str | None = None
    tag: TagName | None = None
    since: str | None = None
    until: str | None = None
    closed_before: str | None = None
    text: str | None = None
    requests: Annotated[list[Number], Meta(max_length=500)] | None = None
    newest: Number | None = None


class List(Frame, frozen=True, tag="list"):
    """Requests by number, descending."""

    ref: Ref
    filter: Filter = Filter()
    before: Position | None = None
    limit: Limit = 50


class Search(Frame, frozen=True, tag="search"):
    """Find words in messages, names and emails; ``cursor`` is from the page before."""

    ref: Ref
    text: str
    cursor: Annotated[str, Meta(max_length=64)] | None = None
    limit: Limit = 50


class Stats(Frame, frozen=True, tag="stats"):
    """What the requests come to that were opened from ``since`` on and before ``until``."""

    ref: Ref
    since: str
    until: str
    filter: Filter = Filter()


class Usage(Frame, frozen=True, tag="usage"):
    """How much the desk was used."""

    ref: Ref


class Follow(Frame, frozen=True, tag="follow"):
    """The desk's events from ``cursor``, or from now, on."""

    ref: Ref
    cursor: Annotated[str, Meta(max_length=64)] | None = None
    filter: Filter = Filter()


class SetStatus(Frame, frozen=True, tag="status"):
    """At the desk, or away."""

    ref: Ref
    status: Literal["online", "away"]


class Agents(Frame, frozen=True, tag="agents"):
    """All agents, disabled ones too."""

    ref: Ref


class AgentAdd(Frame, frozen=True, tag="agent_add"):
    """A new agent."""

    ref: Ref
    name: str
    role: AgentRole = "agent"


class AgentToken(Frame, frozen=True, tag="agent_token"):
    """A new token for an agent; the old one is dead at once."""

    ref: Ref
    agent: Number


class AgentSet(Frame, frozen=True, tag="agent_set"):
    """Rename, promote or disable an agent."""

    ref: Ref
    agent: Number
    name: str | None = None
    role: AgentRole | None = None
    disabled: bool | None = None


class CannedSet(Frame, frozen=True, tag="canned_set"):
    """Store a canned response under a name, with all those before it that said ``more``."""

    ref: Ref
    name: str
    text: str
    more: bool = False


class CannedRemove(Frame, frozen=True, tag="canned_remove"):
    """Forget a canned response."""

    ref: Ref
    name: str


class Purge(Frame, frozen=True, tag="purge"):
    """Delete requests: first a dry run that makes a ``plan``, then that plan."""

    ref: Ref
    dry_run: bool
    filter: Filter = Filter()
    plan: str | None = None


class Ping(Frame, frozen=True, tag="ping"):
    """Is anybody there?"""

    ref: Ref


RequestCommand = Claim | Release | Transfer | Send | Note | Close | Reopen | Tag | Hold | Unhold
DeskChange = Agents | AgentAdd | AgentToken | AgentSet | CannedSet | CannedRemove
Question = List | Search | Stats
AdminFrame = DeskChange | Hold | Unhold | Purge | WebhookFrame
ClientFrame = (
    Hello
    | Join
    | Leave
    | RequestCommand
    | SetTyping
    | SetRead
    | HistoryBefore
    | Question
    | Usage
    | Follow
    | SetStatus
    | AdminFrame
    | Ping
)
