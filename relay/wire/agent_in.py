"""Frames that an agent's client sends. Data alone; those it receives are in ``agent_out``."""

from typing import Annotated, Literal

from msgspec import Meta, field

from relay.sanitize import TAG
from relay.value import Value
from relay.wire.objects import InboundFrame, Number, Position, Ref
from relay.wire.webhooks import ListDeadLetters, ListWebhooks, WebhookDrop, WebhookRetry

TagName = Annotated[str, Meta(pattern=TAG)]
AgentRole = Literal["agent", "admin"]
Limit = Annotated[int, Meta(ge=1, le=200)]


class Hello(InboundFrame, frozen=True, tag="hello"):
    """The first frame: proves the agent by their token. ``queue``: push every request's changes;
    ``as_`` only on the control socket: the id or name of the agent to speak for."""

    WAITS = True

    ref: Ref
    token: str | None = None
    client: str | None = None
    queue: bool = True
    as_: str | int | None = field(default=None, name="as")


class Join(InboundFrame, frozen=True, tag="join"):
    """Watches a request: answered with its messages, all later ones are pushed."""

    WAITS = True

    ref: Ref
    request: Number
    after: Position | None = None


class Leave(InboundFrame, frozen=True, tag="leave"):
    """Stops watching a request."""

    request: Number


class Claim(InboundFrame, frozen=True, tag="claim"):
    """Assigns a request to the sender."""

    ref: Ref
    request: Number


class Release(InboundFrame, frozen=True, tag="release"):
    """Returns a request to the queue."""

    ref: Ref
    request: Number


class Transfer(InboundFrame, frozen=True, tag="transfer"):
    """Assigns a request to another agent."""

    ref: Ref
    request: Number
    to: Number
    note: str | None = None


class Send(InboundFrame, frozen=True, tag="send"):
    """Stores a text for the customer."""

    MESSAGE = True

    ref: Ref
    request: Number
    text: str


class Note(InboundFrame, frozen=True, tag="note"):
    """Stores a note that only agents see."""

    MESSAGE = True

    ref: Ref
    request: Number
    text: str


class SetTyping(InboundFrame, frozen=True, tag="typing"):
    """Reports that the agent types in a request, or has stopped."""

    request: Number
    on: bool


class SetRead(InboundFrame, frozen=True, tag="read"):
    """Moves the agents' read mark to ``seq``."""

    request: Number
    seq: Position


class Close(InboundFrame, frozen=True, tag="close"):
    """Closes a request."""

    ref: Ref
    request: Number


class Reopen(InboundFrame, frozen=True, tag="reopen"):
    """Reopens a closed request."""

    ref: Ref
    request: Number


class Tag(InboundFrame, frozen=True, tag="tag"):
    """Adds and removes tags."""

    ref: Ref
    request: Number
    add: list[TagName] = field(default_factory=list)
    remove: list[TagName] = field(default_factory=list)


class Hold(InboundFrame, frozen=True, tag="hold"):
    """Exempts a request from every purge, for the reason ``why``."""

    ADMIN = True

    ref: Ref
    request: Number
    why: str


class Unhold(InboundFrame, frozen=True, tag="unhold"):
    """Ends the exemption from purges."""

    ADMIN = True

    ref: Ref
    request: Number


class HistoryBefore(InboundFrame, frozen=True, tag="history"):
    """Asks for the messages before a seq."""

    WAITS = True

    ref: Ref
    request: Number
    before: Position
    limit: Limit = 50


class Filter(Value, frozen=True):
    """Selects requests: each field narrows; times are RFC 3339. ``customer``: id, name or email.

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


class List(InboundFrame, frozen=True, tag="list"):
    """Lists requests by number, descending."""

    WAITS = True

    ref: Ref
    filter: Filter = Filter()
    before: Position | None = None
    limit: Limit = 50


class Search(InboundFrame, frozen=True, tag="search"):
    """Finds words in messages, names and emails; ``cursor`` is from the page before."""

    WAITS = True

    ref: Ref
    text: str
    cursor: Annotated[str, Meta(max_length=64)] | None = None
    limit: Limit = 50


class Stats(InboundFrame, frozen=True, tag="stats"):
    """Asks for the figures of the requests opened from ``since`` on and before ``until``."""

    WAITS = True

    ref: Ref
    since: str
    until: str
    filter: Filter = Filter()


class Usage(InboundFrame, frozen=True, tag="usage"):
    """Asks how many messages and connections the desk had, by day and month.

    With ``since`` and ``until`` also by quarter of an hour in that period.
    """

    WAITS = True

    ref: Ref
    since: str | None = None
    until: str | None = None


class Follow(InboundFrame, frozen=True, tag="follow"):
    """Subscribes to the desk's events from ``cursor``, or from now, on."""

    WAITS = True

    ref: Ref
    cursor: Annotated[str, Meta(max_length=64)] | None = None
    filter: Filter = Filter()


class SetStatus(InboundFrame, frozen=True, tag="status"):
    """Sets the agent's status."""

    ref: Ref
    status: Literal["online", "away"]


class Agents(InboundFrame, frozen=True, tag="agents"):
    """Lists all agents, disabled ones too."""

    ADMIN = True
    WAITS = True

    ref: Ref


class AgentAdd(InboundFrame, frozen=True, tag="agent_add"):
    """Adds an agent."""

    ADMIN = True

    ref: Ref
    name: str
    role: AgentRole = "agent"


class AgentToken(InboundFrame, frozen=True, tag="agent_token"):
    """Replaces an agent's token; the old one is invalid at once."""

    ADMIN = True

    ref: Ref
    agent: Number


class AgentSet(InboundFrame, frozen=True, tag="agent_set"):
    """Renames, promotes or disables an agent."""

    ADMIN = True

    ref: Ref
    agent: Number
    name: str | None = None
    role: AgentRole | None = None
    disabled: bool | None = None


class CannedSet(InboundFrame, frozen=True, tag="canned_set"):
    """Stores a canned response under a name, with all those before it that said ``more``."""

    ADMIN = True

    ref: Ref
    name: str
    text: str
    more: bool = False


class CannedRemove(InboundFrame, frozen=True, tag="canned_remove"):
    """Removes a canned response."""

    ADMIN = True

    ref: Ref
    name: str


class Purge(InboundFrame, frozen=True, tag="purge"):
    """Deletes requests: first a dry run that makes a ``plan``, then that plan."""

    ADMIN = True
    WAITS = True

    ref: Ref
    dry_run: bool
    filter: Filter = Filter()
    plan: str | None = None


class Ping(InboundFrame, frozen=True, tag="ping"):
    """Asks for a ``pong``."""

    ref: Ref


ClientFrame = (
    Hello
    | Join
    | Leave
    | Claim
    | Release
    | Transfer
    | Send
    | Note
    | Close
    | Reopen
    | Tag
    | Hold
    | Unhold
    | SetTyping
    | SetRead
    | HistoryBefore
    | List
    | Search
    | Stats
    | Usage
    | Follow
    | SetStatus
    | Agents
    | AgentAdd
    | AgentToken
    | AgentSet
    | CannedSet
    | CannedRemove
    | Purge
    | ListWebhooks
    | ListDeadLetters
    | WebhookRetry
    | WebhookDrop
    | Ping
)
