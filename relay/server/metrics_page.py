"""The relay's figures as Prometheus reads them, and who may read them.

Numbers are counted elsewhere, in :mod:`relay.metrics`; here they get names when somebody asks. No
label has more values than the protocol has words for it.
"""

import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from websockets.datastructures import Headers

from relay.desk.events import Millis
from relay.errors import CloseCode
from relay.metrics import Counts, Histogram
from relay.server.connection_log import ConnectionRole
from relay.settings.types import is_loopback
from relay.store.values import DeliveryBacklog

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
CLOSE_CODES = frozenset({1000, 1001, 1002, 1005, 1006, 1007, *CloseCode})
"""Close codes that are told apart; clients can make up thousands of others."""


@dataclass(frozen=True, slots=True)
class Gauges:
    """The figures that have no history, taken at one moment."""

    connections: Mapping[ConnectionRole, int]
    waiting: int
    active: int
    outgoing_bytes: int
    wal_bytes: int
    store_problem: bool
    webhooks: DeliveryBacklog
    at: Millis


class Metrics:
    """Answers the scrapes of one relay."""

    def __init__(self, counts: Counts, now: Callable[[], Gauges], token: str | None) -> None:
        """Show *counts* and *now*; *token* opens them to who is not on this machine."""
        self._token = None if token is None else token.encode()
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(HelpdeskCollector(counts, now))
        ProcessCollector(registry=self._registry)

    def may_read(self, host: str, headers: Headers) -> bool:
        """Whether a request with *headers* from *host* may read (protocol, section 1).

        A proxy on this machine is a loopback peer too: what it forwards bears its header.
        """
        forwarded = "Forwarded" in headers or "X-Forwarded-For" in headers
        return (is_loopback(host) and not forwarded) or self._knows_token(headers)

    def page(self) -> bytes:
        """Return all figures in Prometheus' text format."""
        return generate_latest(self._registry)

    def _knows_token(self, headers: Headers) -> bool:
        if self._token is None:
            return False
        given = headers.get_all("Authorization")
        scheme, _, token = given[0].partition(" ") if len(given) == 1 else ("", "", "")
        same = hmac.compare_digest(token.strip().encode(errors="replace"), self._token)
        return same and scheme.lower() == "bearer"


class HelpdeskCollector(Collector):
    """Names the figures."""

    def __init__(self, counts: Counts, now: Callable[[], Gauges]) -> None:
        self._counts = counts
        self._now = now

    def collect(self) -> Iterator[Metric]:
        """Yield every family; the library asks for them at each scrape."""
        yield from _of_now(self._now(), self._counts.closed_requests)
        yield from _of_clients(self._counts)
        yield from _of_store(self._counts)


def _of_now(now: Gauges, closed: int) -> Iterator[Metric]:
    connections = ((party, now.connections.get(party, 0)) for party in ConnectionRole)
    yield _gauge("connections", "Open connections, by role.", "role", connections)
    requests = (("waiting", now.waiting), ("active", now.active), ("closed", closed))
    yield _gauge("requests", "Help requests, by status.", "status", requests)
    yield GaugeMetricFamily(
        "helpdesk_outgoing_bytes",
        "Bytes that wait for clients to read them, of all connections.",
        now.outgoing_bytes,
    )
    yield GaugeMetricFamily(
        "helpdesk_wal_bytes", "The size of the database's write-ahead log.", now.wal_bytes
    )
    yield GaugeMetricFamily(
        "helpdesk_store_problem", "1 while the store refuses writes.", int(now.store_problem)
    )
    yield from _of_webhooks(now.webhooks, now.at)


def _of_webhooks(standing: DeliveryBacklog, at: Millis) -> Iterator[Metric]:
    yield GaugeMetricFamily(
        "helpdesk_webhooks_waiting",
        "Deliveries that failed and wait for another try.",
        standing.waiting,
    )
    yield GaugeMetricFamily(
        "helpdesk_webhooks_dead", "Deliveries that were given up.", standing.dead
    )
    since = at if standing.oldest is None else standing.oldest
    yield GaugeMetricFamily(
        "helpdesk_webhooks_lag_seconds",
        "The age of the oldest event that a webhook was not told yet, dead letters left out.",
        max(0, at - since) / 1000,
    )


def _of_clients(counts: Counts) -> Iterator[Metric]:
    messages = CounterMetricFamily(
        "helpdesk_messages", "Stored messages, by kind and author.", labels=("kind", "role")
    )
    for (kind, role), count in sorted(counts.messages.items()):
        messages.add_metric((kind, role), count)
    yield messages
    yield _histogram(
        "acknowledgement_seconds",
        "From a frame read to its answer written, for frames that are stored.",
        counts.acknowledgement,
    )
    yield _counter("refusals", "Refused frames, by code.", "code", counts.refusals)
    yield _counter("resumes", "Connections that were resumed, by role.", "role", counts.resumes)
    yield _counter(
        "resumed_messages",
        "Messages that resumed connections had missed, by role.",
        "role",
        counts.resumed_messages,
    )
    yield _counter("handshakes", "Answered handshakes, by status.", "status", counts.handshakes)
    yield _counter("closes", "Ended WebSockets, by close code.", "code", _told(counts.closes))
    yield CounterMetricFamily(
        "helpdesk_slow_clients", "Clients cut off because they did not read.", counts.slow_clients
    )


def _of_store(counts: Counts) -> Iterator[Metric]:
    yield _counter(
        "webhooks_tries", "Deliveries tried, by outcome.", "outcome", counts.webhook_tries
    )
    yield _histogram(
        "commit_jobs", "Jobs in one committed transaction that wrote.", counts.commit_jobs
    )
    yield _histogram(
        "commit_seconds", "Such a transaction, its sync included.", counts.commit_seconds
    )
    yield CounterMetricFamily(
        "helpdesk_store_refusals", "Batches that the store refused.", counts.store_refusals
    )


def _told(closes: Mapping[int, int]) -> dict[str, int]:
    """Return *closes* with all codes that nobody named under ``other``."""
    told: dict[str, int] = {}
    for code, count in closes.items():
        name = str(int(code)) if code in CLOSE_CODES else "other"
        told[name] = told.get(name, 0) + count
    return told


def _gauge(name: str, text: str, label: str, values: Iterable[tuple[str, int]]) -> Metric:
    family = GaugeMetricFamily(f"helpdesk_{name}", text, labels=(label,))
    for value, count in values:
        family.add_metric((value,), count)
    return family


def _counter(
    name: str, text: str, label: str, values: Mapping[str, int] | Mapping[int, int]
) -> Metric:
    family = CounterMetricFamily(f"helpdesk_{name}", text, labels=(label,))
    for value, count in sorted((str(value), count) for value, count in values.items()):
        family.add_metric((value,), count)
    return family


def _histogram(name: str, text: str, histogram: Histogram) -> Metric:
    bounds = [*(str(float(bound)) for bound in histogram.bounds), "+Inf"]
    buckets = list(zip(bounds, accumulate(histogram.counts), strict=True))
    return HistogramMetricFamily(
        f"helpdesk_{name}", text, buckets=buckets, sum_value=histogram.total
    )


@dataclass(frozen=True, slots=True)
class Family:
    """A metric as the documents name it."""

    name: str
    type: str
    labels: tuple[str, ...]
    documentation: str


def families() -> list[Family]:
    """Return every family that is exposed, of a relay to which nothing has happened."""
    nothing = Gauges({}, 0, 0, 0, 0, store_problem=False, webhooks=DeliveryBacklog(), at=Millis(0))
    collectors = (HelpdeskCollector(Counts(), lambda: nothing), ProcessCollector(registry=None))
    return [
        Family(family.name, family.type, getattr(family, "_labelnames", ()), family.documentation)
        for collector in collectors
        for family in collector.collect()
    ]
