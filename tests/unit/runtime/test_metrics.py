"""Metrics: what Prometheus reads."""

import pytest

from trunkline.runtime.metrics import Metrics


def test_rendering() -> None:
    metrics = Metrics()
    sent = metrics.counter("messages_sent", "Messages.", ["carrier"])
    sent.labels("sim").inc(3)
    depth = [4.0]
    metrics.observe("queue_depth", "Waiting.", lambda: depth[0])
    metrics.histogram("commit_seconds", "Commits.").observe(0.02)
    depth[0] = 5.0
    text = metrics.render().decode()
    assert 'trunkline_messages_sent_total{carrier="sim"} 3.0' in text
    assert "trunkline_queue_depth 5.0" in text
    assert 'trunkline_commit_seconds_bucket{le="0.025"} 1.0' in text
    assert 'trunkline_commit_seconds_bucket{le="0.01"} 0.0' in text


def test_registries_are_apart_and_names_unique() -> None:
    first, second = Metrics(), Metrics()
    first.counter("things", "Things.")
    second.counter("things", "Things.")
    with pytest.raises(ValueError, match="Duplicated"):
        first.counter("things", "Things.")
