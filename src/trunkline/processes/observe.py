"""Metrics of queues, carriers, webhooks and the database, read when they are asked for."""

from collections.abc import Callable

from trunkline.processes.foundation import Foundation
from trunkline.processes.messaging import Messaging
from trunkline.webhooks.deliver import WebhookWorker


def register(base: Foundation, parts: Messaging, worker: WebhookWorker | None) -> None:
    """Make the metrics of what runs in this process."""
    observe = base.metrics.observe
    observe("database_writes_waiting", "Units waiting for a commit.", lambda: base.db.writer.depth)
    observe("database_commits", "Group commits made.", lambda: base.db.writer.commits)
    observe("database_units", "Units committed.", lambda: base.db.writer.items)
    arrivals = parts.receiver.counters
    observe("inbound_messages", "Inbound messages stored.", lambda: arrivals.received)
    observe(
        "inbound_unknown_numbers",
        "Inbound messages for numbers nobody owns here.",
        lambda: arrivals.unknown_number,
    )
    for name in parts.carriers:
        _carrier(base, parts, name)
    if parts.janitor is not None:
        recovered = parts.janitor.recovered
        observe("uncertain_resent", "Uncertain messages sent again.", lambda: recovered.resent)
        observe("uncertain_marked", "Uncertain messages ended.", lambda: recovered.marked)
    if worker is not None:
        _webhooks(base, worker)


def _carrier(base: Foundation, parts: Messaging, name: str) -> None:
    carrier, lane = parts.carriers[name], parts.lanes[name]
    reports = parts.reporters[name].counters
    client = carrier.client
    label = "".join(char if char.isalnum() else "_" for char in name)

    def observe(what: str, doc: str, read: Callable[[], float]) -> None:
        base.metrics.observe(f"carrier_{label}_{what}", doc, read)

    observe("up", "Binds that are up.", lambda: client.up)
    observe("sent", "Messages taken by the carrier.", lambda: lane.counters.sent)
    observe("failed", "Messages given up.", lambda: lane.counters.failed)
    observe("released", "Messages put back into the queue.", lambda: lane.counters.released)
    observe("uncertain", "Messages without an answer.", lambda: lane.counters.uncertain)
    observe("receipts_matched", "Receipts matched.", lambda: reports.matched)
    observe("receipts_unmatched", "Receipts kept unmatched.", lambda: reports.unmatched)
    observe("throttled", "Throttles.", lambda: sum(li.stats.throttled for li in client.links))
    observe("reconnects", "Reconnects.", lambda: sum(li.stats.reconnects for li in client.links))
    observe(
        "window_used", "Unanswered submits.", lambda: sum(li.window_used for li in client.links)
    )


def _webhooks(base: Foundation, worker: WebhookWorker) -> None:
    counters = worker.counters
    observe = base.metrics.observe
    observe("webhooks_delivered", "Webhooks taken by their target.", lambda: counters.delivered)
    observe("webhooks_retried", "Failed attempts to be repeated.", lambda: counters.retried)
    observe("webhooks_failed", "Webhooks given up.", lambda: counters.failed)
    observe("webhooks_in_flight", "Webhooks under way.", lambda: counters.in_flight)
