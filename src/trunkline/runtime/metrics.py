"""Counters, gauges and histograms of one process, on a registry of its own."""

from collections.abc import Callable, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
PREFIX = "trunkline_"
# Seconds; from a cached answer to a carrier that times out.
DURATION_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """Makes the metrics of a process and renders them for Prometheus.

    Names get the prefix `trunkline_`. Labels must have few values: never a number, message or
    account. On a hot path keep the child that `labels(...)` returns.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry(auto_describe=True)
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)

    def counter(self, name: str, doc: str, labels: Sequence[str] = ()) -> Counter:
        """Make a counter; it is rendered as `<name>_total`."""
        return Counter(PREFIX + name, doc, labels, registry=self.registry)

    def gauge(self, name: str, doc: str, labels: Sequence[str] = ()) -> Gauge:
        """Make a gauge that is set."""
        return Gauge(PREFIX + name, doc, labels, registry=self.registry)

    def observe(self, name: str, doc: str, read: Callable[[], float]) -> None:
        """Make a gauge whose value is asked for when it is rendered."""
        Gauge(PREFIX + name, doc, registry=self.registry).set_function(read)

    def histogram(
        self,
        name: str,
        doc: str,
        labels: Sequence[str] = (),
        buckets: Sequence[float] = DURATION_BUCKETS,
    ) -> Histogram:
        """Make a histogram; seconds by default."""
        return Histogram(PREFIX + name, doc, labels, buckets=buckets, registry=self.registry)

    def render(self) -> bytes:
        """Write everything in Prometheus' text form, `CONTENT_TYPE`."""
        return generate_latest(self.registry)
