"""Metrics of queues, carriers, webhooks and the database, read when they are asked for.

A role's figures are a flat mapping of names to numbers, so that they can come from another process.
"""

from collections.abc import Callable, Iterable, Mapping

from trunkline.messaging.carriers.smpp import SmppCarrier
from trunkline.processes.foundation import Foundation
from trunkline.processes.messaging import Messaging

Figures = Callable[[], Mapping[str, float]]

_WEBHOOKS = {
    "webhooks_delivered": "Webhooks taken by their target.",
    "webhooks_retried": "Failed attempts to be repeated.",
    "webhooks_failed": "Webhooks given up.",
    "webhooks_in_flight": "Webhooks under way.",
}
_MESSAGING = {
    "inbound_messages": "Inbound messages stored.",
    "inbound_unknown_numbers": "Inbound messages for numbers nobody owns here.",
    "uncertain_resent": "Uncertain messages sent again.",
    "uncertain_marked": "Uncertain messages ended.",
}
_CARRIER = {
    "up": "Binds that are up.",
    "sent": "Messages taken by the carrier.",
    "failed": "Messages given up.",
    "released": "Messages put back into the queue.",
    "uncertain": "Messages without an answer.",
    "receipts_matched": "Receipts matched.",
    "receipts_unmatched": "Receipts kept unmatched.",
    "throttled": "Throttles.",
    "reconnects": "Reconnects.",
    "window_used": "Unanswered submits.",
}


def database(base: Foundation) -> None:
    """Make the metrics of this process's database."""
    observe = base.metrics.observe
    observe("database_writes_waiting", "Units waiting for a commit.", lambda: base.db.writer.depth)
    observe("database_commits", "Group commits made.", lambda: base.db.writer.commits)
    observe("database_units", "Units committed.", lambda: base.db.writer.items)


def webhooks(base: Foundation, figures: Figures) -> None:
    """Make the metrics of the webhooks role."""
    _register(base, _WEBHOOKS, figures)


def messaging(base: Foundation, carriers: Iterable[str], figures: Figures) -> None:
    """Make the metrics of the messaging role and of each carrier, given their names."""
    _register(base, _MESSAGING, figures)
    for name in carriers:
        docs = {carrier_figure(name, what): doc for what, doc in _CARRIER.items()}
        _register(base, docs, figures)


def carrier_figure(carrier: str, what: str) -> str:
    """Name a carrier's figure as Prometheus can have it."""
    label = "".join(char if char.isalnum() else "_" for char in carrier)
    return f"carrier_{label}_{what}"


def messaging_figures(parts: Messaging) -> dict[str, float]:
    """Read the figures of the messaging role in this process."""
    arrivals = parts.receiver.counters
    figures: dict[str, float] = {
        "inbound_messages": arrivals.received,
        "inbound_unknown_numbers": arrivals.unknown_number,
    }
    if parts.janitor is not None:
        figures["uncertain_resent"] = parts.janitor.recovered.resent
        figures["uncertain_marked"] = parts.janitor.recovered.marked
    for name in parts.carriers:
        for what, value in _carrier(parts, name).items():
            figures[carrier_figure(name, what)] = value
    return figures


def carriers_words(parts: Messaging) -> dict[str, str]:
    """Tell what the links of each carrier last failed with; carriers that never did are absent."""
    found: dict[str, str] = {}
    for name, carrier in parts.carriers.items():
        if isinstance(carrier, SmppCarrier):
            failures = dict.fromkeys(link.last_failure for link in carrier.client.links)
            found[name] = "; ".join(filter(None, failures))
    return {name: words for name, words in found.items() if words}


def _carrier(parts: Messaging, name: str) -> dict[str, float]:
    carrier, counters = parts.carriers[name], parts.lanes[name].counters
    figures: dict[str, float] = {
        "sent": counters.sent,
        "failed": counters.failed,
        "released": counters.released,
        "uncertain": counters.uncertain,
    }
    if not isinstance(carrier, SmppCarrier):
        return {**figures, "up": int(carrier.is_up)}
    reports, client = parts.reporters[name].counters, carrier.client
    return {
        **figures,
        "up": client.up,
        "receipts_matched": reports.matched,
        "receipts_unmatched": reports.unmatched,
        "throttled": sum(link.stats.throttled for link in client.links),
        "reconnects": sum(link.stats.reconnects for link in client.links),
        "window_used": sum(link.window_used for link in client.links),
    }


def _register(base: Foundation, docs: Mapping[str, str], figures: Figures) -> None:
    def reader(name: str) -> Callable[[], float]:
        return lambda: figures().get(name, 0)

    for name, doc in docs.items():
        base.metrics.observe(name, doc, reader(name))
