"""The values that a store exchanges with the rest of the program. Data alone, no behaviour."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from relay.desk.events import Message, Millis, Role
from relay.desk.request import Agent, Record
from relay.desk.stats import ErasureTotals, UsageDay, UsageMonth, UsageQuarter

PAGE_BYTES = 2**19
"""Bytes of texts in one page of messages; a page is cut before it has more."""
EVENT_PAGE_SIZE = 2**16
"""Characters in one page of events, with the overhead of each."""


# Requests and messages


@dataclass(frozen=True, slots=True)
class RequestFilter:
    """Selects requests; each field narrows. ``customer`` is an id, a name or an email.

    ``text`` are words, all of which are in one message, or in the name and email; ``newest``: only
    so many of what the others leave, those with the highest numbers.
    """

    status: str | None = None
    agent: int | None = None
    customer: int | str | None = None
    site: str | None = None
    tag: str | None = None
    since: Millis | None = None
    until: Millis | None = None
    closed_before: Millis | None = None
    text: str | None = None
    requests: tuple[int, ...] | None = None
    held: bool | None = None
    newest: int | None = None


@dataclass(frozen=True, slots=True)
class RequestPage:
    """Requests by number, descending; ``more``: there are others below."""

    records: list[Record]
    more: bool


@dataclass(frozen=True, slots=True)
class MessageRange:
    """Selects messages that ``role`` sees, after ``after`` and before ``before``.

    The newest ``limit`` of them, all if it is None. Numbers are of that role's own sequence.
    """

    role: Role
    after: int = 0
    before: int | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class MessagePage:
    """Messages, oldest first; ``more``: there are older ones in the range."""

    messages: list[Message]
    more: bool


@dataclass(frozen=True, slots=True)
class EventPage:
    """Messages of any request in the order of storing: message id, request and message.

    ``place`` is the message id up to which there is nothing else; ``more``: there is, after it.
    """

    entries: list[tuple[int, int, Message]]
    place: int
    more: bool


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A match of all words: in a message, or (``seq`` None) in the customer's name or email."""

    request: int
    seq: int | None
    snippet: str
    at: Millis


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Matches, the newest first; ``cursor`` asks for the next page, None at the end."""

    hits: list[SearchHit]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class UsageTotals:
    """Usage by day and by month of UTC, the oldest first."""

    days: list[UsageDay]
    months: list[UsageMonth]


@dataclass(frozen=True, slots=True)
class UsagePeriod:
    """Usage of a period, the oldest first. ``more``: later quarters did not fit.

    ``whole_days`` has what earlier releases counted, of which only the day in UTC is known; it is
    not in ``quarters``.
    """

    quarters: list[UsageQuarter]
    whole_days: list[UsageDay]
    more: bool


# Erasure


@dataclass(frozen=True, slots=True)
class ErasureScope:
    """Numbers of the requests that an erasure would delete, ascending, and how much that is."""

    numbers: list[int]
    count: ErasureTotals


@dataclass(frozen=True, slots=True)
class PurgeProgress:
    """A purge that began with the entry ``begun`` of the audit log and has deleted ``tally``."""

    begun: int
    tally: ErasureTotals


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """The number of an entry in the audit log; ``hash`` is 64 hexadecimal digits of SHA-256."""

    number: int
    hash: str


# Webhooks


@dataclass(frozen=True, slots=True)
class DueFilter:
    """Selects the deliveries of ``events`` that are due ``now`` to a webhook at ``place``.

    At most ``room`` of them, none of the requests in ``busy``, whose deliveries are under way.
    """

    webhook: str
    events: Collection[str]
    place: int
    now: Millis
    busy: Collection[int]
    room: int


@dataclass(frozen=True, slots=True)
class DueDelivery:
    """A delivery to make: the id of its message, and how often it was tried.

    ``waits``: it is one of those that wait for a retry.
    """

    number: int
    record: Record
    message: Message
    tries: int
    waits: bool


@dataclass(frozen=True, slots=True)
class DeliveryBacklog:
    """Counts of deliveries that wait for a retry, or behind one, and of dead letters.

    ``oldest``: the time of the first message that was not delivered yet.
    """

    waiting: int = 0
    dead: int = 0
    oldest: Millis | None = None


@dataclass(frozen=True, slots=True)
class DeliveryRound:
    """The next deliveries to one webhook.

    ``chains``: those of one request each, in their order. ``behind``: new messages that wait behind
    others of their request. ``place``: the message id up to which the log was read; ``more``: there
    may be others, for which there was no room; ``next_due``: the time of the next retry.
    """

    chains: tuple[tuple[DueDelivery, ...], ...]
    behind: tuple[int, ...]
    place: int
    more: bool
    next_due: Millis | None
    backlog: DeliveryBacklog


@dataclass(frozen=True, slots=True)
class FailedDelivery:
    """A failed try; ``due_at`` is the time of the retry, None if the delivery is given up."""

    number: int
    tries: int
    due_at: Millis | None
    outcome: str
    status: int | None
    at: Millis


@dataclass(slots=True)
class RoundOutcome:
    """The outcomes of deliveries, by message id. ``place`` covers all that is in no list.

    ``delivered``: of those that the queue has; ``behind``: for the queue, without a try so far.
    """

    place: int
    delivered: list[int] = field(default_factory=list)
    failed: list[FailedDelivery] = field(default_factory=list)
    behind: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class LastTry:
    """The last failed try of a delivery."""

    outcome: str
    status: int | None
    at: Millis


@dataclass(frozen=True, slots=True)
class WebhookSummary:
    """The state of one webhook; ``behind``: stored events that it was not sent yet."""

    name: str
    behind: int
    backlog: DeliveryBacklog
    failed: LastTry | None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A delivery that was given up: the id of its message, and the event that it is about."""

    number: int
    webhook: str
    event: str
    request: int
    at: Millis
    tries: int
    failed: LastTry


@dataclass(frozen=True, slots=True)
class DeadLetterPage:
    """The oldest dead letters; ``more``: there are others."""

    letters: list[DeadLetter]
    more: bool


# The start of a relay


@dataclass(frozen=True, slots=True)
class ClockRecord:
    """The time of day that a relay last trusted; ``doubted``: the milliseconds for which it has run
    since then with a clock that it doubted."""

    time: Millis
    doubted: int = 0


@dataclass(frozen=True, slots=True)
class AtStart:
    """Snapshot of a store when it was opened.

    ``agents`` by token hash, disabled ones too; ``canned`` by name; ``purges``: the plans that were
    under way; ``closed``: how many requests are closed; ``clock``: None if the desk is empty;
    ``created``: there was no desk before.
    """

    open_records: tuple[Record, ...]
    agents: Mapping[str, Agent]
    canned: Mapping[str, str]
    purges: tuple[str, ...]
    closed: int
    clock: ClockRecord | None
    created: bool
