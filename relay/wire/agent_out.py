"""Frames that an agent's client receives. Data alone."""

from msgspec import UNSET, UnsetType

from relay.desk.stats import Statistics, UsageDay, UsageMonth
from relay.value import Value
from relay.wire.objects import (
    AgentLabel,
    AgentObject,
    AgentRequest,
    By,
    Canned,
    Error,
    Gone,
    History,
    Limits,
    MessageObject,
    MessagePush,
    OutboundFrame,
    Pong,
    Read,
    Sent,
    Typing,
)
from relay.wire.webhooks import DeadLetters, Deliveries, Webhooks


class Welcome(OutboundFrame, frozen=True, tag="welcome"):
    """The answer to ``hello``; ``agent`` is null for the desk itself on the control socket.

    ``version`` is the relay's, which older ones leave out.
    """

    ref: str
    epoch: str
    agent: AgentObject | None
    agents: list[AgentObject]
    requests: list[AgentRequest]
    more: bool
    canned: list[Canned]
    limits: Limits
    version: str | UnsetType = UNSET


class Joined(OutboundFrame, frozen=True, tag="joined"):
    """The answer to ``join``."""

    ref: str
    request: AgentRequest
    messages: list[MessageObject]
    more: bool


class Ok(OutboundFrame, frozen=True, tag="ok"):
    """Success; with the request or the agent as it now is, where there is one."""

    ref: str
    request: AgentRequest | UnsetType = UNSET
    agent: AgentObject | UnsetType = UNSET


class Listed(OutboundFrame, frozen=True, tag="listed"):
    """The answer to ``list``."""

    ref: str
    requests: list[AgentRequest]
    more: bool


class Hit(Value, frozen=True):
    """A place that has all searched words; ``seq`` is null for the customer's name or email."""

    request: int
    seq: int | None
    snippet: str
    at: str


class Found(OutboundFrame, frozen=True, tag="found"):
    """The answer to ``search``; ``cursor`` brings the next page, null at the end."""

    ref: str
    hits: list[Hit]
    cursor: str | None


class Slice(Value, frozen=True):
    """The figures of one group; ``id`` is that of an agent, absent for other groups."""

    name: str
    figures: Statistics
    id: int | UnsetType = UNSET


class Stats(OutboundFrame, frozen=True, tag="stats"):
    """The answer to ``stats``; ``more``: there are older days than those that fit."""

    ref: str
    total: Statistics
    days: list[Slice]
    hours: list[Slice]
    agents: list[Slice]
    sites: list[Slice]
    more: bool


class Quarter(Value, frozen=True):
    """Usage of the quarter of an hour that begins ``at``, in RFC 3339."""

    at: str
    messages: int
    connections: int


class Usage(OutboundFrame, frozen=True, tag="usage"):
    """The answer to ``usage``, the oldest first; the last three if a period was asked for.

    ``whole_days`` has what is known by the day in UTC alone; ``more``: later quarters do not fit.
    """

    ref: str
    days: list[UsageDay]
    months: list[UsageMonth]
    quarters: list[Quarter] | UnsetType = UNSET
    whole_days: list[UsageDay] | UnsetType = UNSET
    more: bool | UnsetType = UNSET


class Following(OutboundFrame, frozen=True, tag="following"):
    """The answer to ``follow``: events come from ``cursor`` on."""

    ref: str
    cursor: str


class Event(OutboundFrame, frozen=True, tag="event"):
    """A stored message, for a follower; ``cursor`` is where to follow from after it."""

    cursor: str
    request: int
    message: MessageObject


class AgentsListed(OutboundFrame, frozen=True, tag="agents"):
    """The answer to ``agents``."""

    ref: str
    agents: list[AgentObject]


class AgentAdded(OutboundFrame, frozen=True, tag="agent_added"):
    """A new agent, and the only time their token is shown."""

    ref: str
    agent: AgentObject
    token: str


class AgentTokenMade(OutboundFrame, frozen=True, tag="agent_token"):
    """An agent's new token, shown this once."""

    ref: str
    agent: AgentObject
    token: str


class Receipt(Value, frozen=True):
    """The result of a purge, or of its dry run. ``number`` and ``hash`` are those of its entry in
    the audit log, null for a dry run; ``held``: requests that were left because of a hold.
    ``overwritten``: the files hold nothing any more that was erased; null for a dry run."""

    plan: str
    number: int | None
    at: str
    by: By
    requests: int
    messages: int
    bytes: int
    oldest: str | None
    newest: str | None
    held: int
    hash: str | None
    overwritten: bool | None = None


class Purged(OutboundFrame, frozen=True, tag="purged"):
    """The answer to ``purge``."""

    ref: str
    receipt: Receipt


class Purging(OutboundFrame, frozen=True, tag="purging"):
    """Progress of a purge, in requests."""

    ref: str
    done: int
    total: int


class RequestPush(OutboundFrame, frozen=True, tag="request"):
    """A request has changed."""

    request: AgentRequest


class AgentPush(OutboundFrame, frozen=True, tag="agent"):
    """Another agent came, went, or changed."""

    agent: AgentObject


class Watching(OutboundFrame, frozen=True, tag="watching"):
    """The agents who have a request open."""

    request: int
    agents: list[AgentLabel]


class CannedPush(OutboundFrame, frozen=True, tag="canned"):
    """The canned responses as they now are."""

    canned: list[Canned]


CommandAnswer = (
    Usage
    | Following
    | Event
    | AgentsListed
    | AgentAdded
    | AgentTokenMade
    | Purged
    | Purging
    | Webhooks
    | DeadLetters
    | Deliveries
)
"""Frames that only clients get who ask for them, as commands do and the console does not."""

RelayFrame = (
    Welcome
    | Joined
    | Ok
    | Listed
    | Found
    | Stats
    | CommandAnswer
    | RequestPush
    | AgentPush
    | Watching
    | CannedPush
    | Error
    | Pong
    | Typing
    | Read
    | MessagePush
    | Gone
    | Sent
    | History
)
