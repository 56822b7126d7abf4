"""What a leg tells, in order: kept until there is a sink, and over with Ended."""

from trunkline.voice.events import Digit, Ended, Heard, LegEvent, Sink, Voice

MOST_KEPT = 1_000
_DISPENSABLE = (Digit, Heard, Voice)


class Outbox:
    """Events of one leg. While nobody takes them, digits and sounds beyond a bound are dropped."""

    __slots__ = ("_kept", "_sink", "closed")

    def __init__(self, sink: Sink | None = None) -> None:
        self._sink = sink
        self._kept: list[LegEvent] = []
        self.closed = False
        """Whether Ended was told."""

    def deliver_to(self, sink: Sink) -> None:
        """Hand on what was kept, then all that follows."""
        self._sink = sink
        kept, self._kept = self._kept, []
        for event in kept:
            sink(event)

    def tell(self, event: LegEvent) -> None:
        """Tell an event; nothing is told after Ended."""
        if self.closed:
            return
        self.closed = isinstance(event, Ended)
        if self._sink is not None:
            self._sink(event)
        elif len(self._kept) < MOST_KEPT or not isinstance(event, _DISPENSABLE):
            self._kept.append(event)
