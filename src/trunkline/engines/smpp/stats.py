"""Counters of one link or session, read by whoever exports them."""

from dataclasses import dataclass


@dataclass(slots=True)
class Stats:
    """Since the start; a link keeps them over reconnections."""

    submitted: int = 0
    """Requests sent that count against the window."""
    responses: int = 0
    """Answers to them, whatever their status."""
    throttled: int = 0
    timeouts: int = 0
    disconnected: int = 0
    """Requests whose answer was lost with the connection."""
    delivered: int = 0
    """Messages received (deliver_sm, data_sm; on a server submits)."""
    reconnects: int = 0
    unmatched: int = 0
    """Answers to nothing outstanding: late ones, mostly."""
    refused: int = 0
    """PDUs that broke the protocol and were answered with an error."""
    latency_sum_s: float = 0.0
    """Over all `responses`."""
    latency_max_s: float = 0.0

    def answered(self, latency_s: float) -> None:
        """Count one response."""
        self.responses += 1
        self.latency_sum_s += latency_s
        if latency_s > self.latency_max_s:
            self.latency_max_s = latency_s
