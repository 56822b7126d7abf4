"""Metrics of queues, carriers, webhooks and the database, read when they are asked for."""

from collections.abc import Callable

from trunkline.messaging.carriers.smpp import SmppCarrier
from trunkline.processes.foundation import Foundation
from trunkline.processes.messaging import Messaging

Figures = Callable[[], dict[str, float]]
_WEBHOOKS = {
    "delivered": "Webhooks taken by their target.",
    "retried": "Failed attempts to be repeated.",
    "failed": "Webhooks given up.",
    "in_flight": "Webhooks under way.",
}


def register(base: Foundation, parts: Messaging, webhooks: Figures | None) -> None:
    """Make the metrics of what runs in this process; `webhooks` tells the worker's figures."""
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
    if webhooks is not None:
        _webhooks(base, webhooks)


def _carrier(base: Foundation, parts: Messaging, name: str) -> None:
    carrier, lane = parts.carriers[name], parts.lanes[name]
    label = "".join(char if char.isalnum() else "_" for char in name)

    def observe(what: str, doc: str, read: Callable[[], float]) -> None:
        base.metrics.observe(f"carrier_{label}_{what}", doc, read)

    observe("sent", "Messages taken by the carrier.", lambda: lane.counters.sent)
    observe("failed", "Messages given up.", lambda: lane.counters.failed)
    observe("released", "Messages put back into the queue.", lambda: lane.counters.released)
    observe("uncertain", "Messages without an answer.", lambda: lane.counters.uncertain)
    if not isinstance(carrier, SmppCarrier):
        observe("up", "Whether it answers.", lambda: carrier.is_up)
        return
    client = carrier.client
    reports = parts.reporters[name].counters
    observe("up", "Binds that are up.", lambda: client.up)
    observe("receipts_matched", "Receipts matched.", lambda: reports.matched)
    observe("receipts_unmatched", "Receipts kept unmatched.", lambda: reports.unmatched)
    observe("throttled", "Throttles.", lambda: sum(li.stats.throttled for li in client.links))
    observe("reconnects", "Reconnects.", lambda: sum(li.stats.reconnects for li in client.links))
    observe(
        "window_used", "Unanswered submits.", lambda: sum(li.window_used for li in client.links)
    )


def _webhooks(base: Foundation, figures: Figures) -> None:
    def reader(name: str) -> Callable[[], float]:
        return lambda: figures().get(name, 0)

    for name, doc in _WEBHOOKS.items():
        base.metrics.observe(f"webhooks_{name}", doc, reader(name))
