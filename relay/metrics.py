"""What has happened, in plain numbers: cheap to count, read at leisure. Pure.

Each field has one thread that changes it, so that nothing is locked; who reads while it changes
sees numbers that differ by what happens at that moment. It never holds anybody's words, and no
table here grows with what clients say.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
JOBS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000)


class Histogram:
    """How many values were at most so large, for each of some bounds."""

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


@dataclass(eq=False, slots=True)
class Counts:
    """The figures of one relay since its start, but for those that only have a now.

    ``commit_*`` and ``store_refusals`` are the writer's thread's, all others the loop's.
    """

    closed_requests: int = 0
    """How many closed requests there are."""
    messages: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Stored messages, by their kind and their author's role."""
    refusals: Counter[str] = field(default_factory=Counter)
    """Refused frames, by the protocol's code."""
    resumes: Counter[str] = field(default_factory=Counter)
    """Connections that went on where an earlier one ended, by role."""
    resumed_messages: Counter[str] = field(default_factory=Counter)
    """Messages that these had missed, by role."""
    handshakes: Counter[int] = field(default_factory=Counter)
    """Answered HTTP requests, by status; 101 is a WebSocket."""
    closes: Counter[int] = field(default_factory=Counter)
    """Ended WebSockets, by close code."""
    slow_clients: int = 0
    """Connections cut off because the client did not read."""
    acknowledgement: Histogram = field(default_factory=_seconds)
    """Seconds from a frame's last byte to the write of its answer, of frames that are stored."""
    commit_jobs: Histogram = field(default_factory=lambda: Histogram(JOBS))
    """Jobs in one transaction that was committed and wrote."""
    commit_seconds: Histogram = field(default_factory=_seconds)
    """Seconds of such a transaction, from its begin to the return of its commit."""
    webhook_tries: Counter[str] = field(default_factory=Counter)
    """Tries to deliver something to a webhook, by how they went."""
    store_refusals: int = 0
    """Batches that the database refused to take."""
