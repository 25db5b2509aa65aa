"""Metrics page in Prometheus' text format, made from :mod:`relay.metrics`, and access to it."""

import hmac
from collections.abc import Callable, Iterator, Mapping
from itertools import accumulate

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector
from prometheus_client.samples import Sample
from websockets.datastructures import Headers

from relay.metrics import Counts, Gauges, Histogram, Metric, declared
from relay.settings.types import is_loopback

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4


class Metrics:
    """Metrics page of one relay."""

    def __init__(self, counts: Counts, gauges: Callable[[], Gauges], token: str | None) -> None:
        """Show *counts* and *gauges*; *token* gives access to clients on other machines."""
        self._token = None if token is None else token.encode()
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(HelpdeskCollector(counts, gauges))
        ProcessCollector(registry=self._registry)

    def may_read(self, host: str, headers: Headers) -> bool:
        """Return whether a request with *headers* from *host* may read (``docs/protocol.md``).

        A proxy on this machine is a loopback peer too: what it forwards has its header.
        """
        forwarded = "Forwarded" in headers or "X-Forwarded-For" in headers
        return (is_loopback(host) and not forwarded) or self._knows_token(headers)

    def page(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        return generate_latest(self._registry)

    def _knows_token(self, headers: Headers) -> bool:
        if self._token is None:
            return False
        given = headers.get_all("Authorization")
        scheme, _, token = given[0].partition(" ") if len(given) == 1 else ("", "", "")
        same = hmac.compare_digest(token.strip().encode(errors="replace"), self._token)
        return same and scheme.lower() == "bearer"


class HelpdeskCollector(Collector):
    """Converts the relay's metrics to those of the Prometheus library."""

    def __init__(self, counts: Counts, gauges: Callable[[], Gauges]) -> None:
        """Collect *counts*, and call *gauges* at each scrape."""
        self._counts = counts
        self._gauges = gauges

    def collect(self) -> Iterator[Family]:
        """Yield every metric; the library calls this at each scrape."""
        gauges = self._gauges()
        for metric in declared(Gauges):
            gauge = GaugeMetricFamily(metric.name, metric.help, labels=metric.labels)
            yield _filled(gauge, getattr(gauges, metric.field))
        for metric in declared(Counts):
            value = getattr(self._counts, metric.field)
            if isinstance(value, Histogram):
                yield _histogram(metric, value)
            else:
                counter = CounterMetricFamily(metric.name, metric.help, labels=metric.labels)
                _filled(counter, value).samples.sort(key=_labels)
                yield counter


def _filled(
    family: GaugeMetricFamily | CounterMetricFamily,
    value: float | Mapping[object, int],
) -> Family:
    """Add to *family* its *value*, or one for each combination of labels."""
    if not isinstance(value, Mapping):
        family.add_metric((), value)
        return family
    for key, number in value.items():
        labels = key if isinstance(key, tuple) else (key,)
        family.add_metric([_label(label) for label in labels], number)
    return family


def _labels(sample: Sample) -> tuple[str, ...]:
    return tuple(sample.labels.values())


def _label(value: object) -> str:
    return str(int(value)) if isinstance(value, int) else str(value)


def _histogram(metric: Metric, histogram: Histogram) -> Family:
    bounds = [*(str(float(bound)) for bound in histogram.bounds), "+Inf"]
    buckets = list(zip(bounds, accumulate(histogram.counts), strict=True))
    return HistogramMetricFamily(metric.name, metric.help, buckets, histogram.total)


def labels(family: Family) -> tuple[str, ...]:
    """Return the names of the labels of *family*, which has no samples yet."""
    names: tuple[str, ...] = getattr(family, "_labelnames", ())
    return names


def families() -> list[Family]:
    """Return every metric of the page, with its name, type and documentation."""
    nothing = Gauges({}, {}, 0, 0, 0, 0, 0, 0, 0, 0.0)
    collectors = (HelpdeskCollector(Counts(), lambda: nothing), ProcessCollector(registry=None))
    return [family for collector in collectors for family in collector.collect()]
