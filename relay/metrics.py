"""Metrics of one relay, each declared once: its name, type, labels and help text. Pure.

To add one, declare it here and count it where it happens; the page and the documentation follow.
Each field is changed by one thread, or under its owner's lock; a reader may see fields that are a
moment apart. No field contains what a person wrote, and none grows with what clients send.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
JOBS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000)


class Histogram:
    """Distribution of values: how many are at most each of some bounds."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        """Sort values by *bounds*, which ascend; the last count is of what is larger."""
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        """Count *value* in."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value


def _seconds() -> Histogram:
    return Histogram(SECONDS)


@dataclass(frozen=True, slots=True)
class Metric:
    """Declaration of a metric. ``field`` holds its value: a number, or a mapping of the values of
    its ``labels`` (a tuple, if there are several) to numbers, or a histogram."""

    field: str
    name: str
    help: str
    labels: tuple[str, ...]


_NAME, _HELP, _LABELS = "name", "help", "labels"


def _metric(name: str, help_: str, *labels: str) -> Mapping[str, object]:
    """Return the metadata of the field of metric *name*, without the prefix of all names."""
    return {_NAME: f"helpdesk_{name}", _HELP: help_, _LABELS: labels}


@dataclass(frozen=True, slots=True)
class Gauges:
    """Values of one moment, collected when the metrics are read."""

    connections: Mapping[str, int] = field(
        metadata=_metric("connections", "Open connections, by role.", "role")
    )
    requests: Mapping[str, int] = field(
        metadata=_metric("requests", "Help requests, by status.", "status")
    )
    outgoing_bytes: int = field(
        metadata=_metric(
            "outgoing_bytes", "Bytes that wait for clients to read them, of all connections."
        )
    )
    wal_bytes: int = field(
        metadata=_metric("wal_bytes", "The size of the database's write-ahead log.")
    )
    store_problem: int = field(
        metadata=_metric("store_problem", "1 while the store refuses writes.")
    )
    holds_erased: int = field(
        metadata=_metric(
            "holds_erased",
            "1 while the files hold erased data: for a moment, or as long as a program reads it.",
        )
    )
    clock_doubted: int = field(
        metadata=_metric(
            "clock_doubted",
            "1 while nothing is deleted or closed by time, because the clock may be wrong.",
        )
    )
    webhooks_waiting: int = field(
        metadata=_metric(
            "webhooks_waiting", "Webhook deliveries that failed and will be tried again."
        )
    )
    webhooks_dead: int = field(
        metadata=_metric("webhooks_dead", "Webhook deliveries that were given up.")
    )
    webhooks_lag_seconds: float = field(
        metadata=_metric(
            "webhooks_lag_seconds",
            "Age of the oldest event that was not delivered yet, without those given up.",
        )
    )


@dataclass(eq=False, slots=True)
class Counts:
    """Counters and histograms of one relay since its start.

    ``commit_*`` and ``store_refusals`` belong to the writer's thread, ``log_lines_dropped`` to the
    log's lock, all others to the loop's thread.
    """

    messages: Counter[tuple[str, str]] = field(
        default_factory=Counter,
        metadata=_metric("messages", "Stored messages, by kind and author.", "kind", "role"),
    )
    acknowledgement: Histogram = field(
        default_factory=_seconds,
        metadata=_metric(
            "acknowledgement_seconds",
            "From a frame read to its answer written, for frames that are stored.",
        ),
    )
    refusals: Counter[str] = field(
        default_factory=Counter, metadata=_metric("refusals", "Refused frames, by code.", "code")
    )
    resumes: Counter[str] = field(
        default_factory=Counter,
        metadata=_metric("resumes", "Connections that were resumed, by role.", "role"),
    )
    resumed_messages: Counter[str] = field(
        default_factory=Counter,
        metadata=_metric(
            "resumed_messages", "Messages that resumed connections had missed, by role.", "role"
        ),
    )
    handshakes: Counter[int] = field(
        default_factory=Counter,
        metadata=_metric("handshakes", "Answered HTTP requests, by status.", "status"),
    )
    closes: Counter[int | str] = field(
        default_factory=Counter,
        metadata=_metric("closes", "Ended WebSockets, by close code.", "code"),
    )
    slow_clients: int = field(
        default=0, metadata=_metric("slow_clients", "Clients cut off because they did not read.")
    )
    webhook_tries: Counter[str] = field(
        default_factory=Counter,
        metadata=_metric("webhooks_tries", "Webhook deliveries tried, by outcome.", "outcome"),
    )
    commit_jobs: Histogram = field(
        default_factory=lambda: Histogram(JOBS),
        metadata=_metric("commit_jobs", "Jobs in one committed transaction that wrote."),
    )
    commit_seconds: Histogram = field(
        default_factory=_seconds,
        metadata=_metric(
            "commit_seconds", "Duration of such a transaction, with its sync to disk."
        ),
    )
    store_refusals: int = field(
        default=0, metadata=_metric("store_refusals", "Batches that the store refused.")
    )
    log_lines_dropped: int = field(
        default=0,
        metadata=_metric(
            "log_lines_dropped", "Lines of the log that were dropped because nobody read it."
        ),
    )
    closed_requests: int = 0
    """Closed requests that there are, which :class:`Gauges` shows."""


def declared(values: type[Gauges | Counts]) -> list[Metric]:
    """Return the metrics that *values* declares, in their order."""
    return [
        Metric(one.name, one.metadata[_NAME], one.metadata[_HELP], one.metadata[_LABELS])
        for one in fields(values)
        if one.metadata
    ]
