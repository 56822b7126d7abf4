"""What a call knows of its streams, as long as it lives."""

from dataclasses import dataclass
from typing import Literal

from trunkline.voice.events import StreamTold
from trunkline.voice.telephony import Leg, StreamSpec


@dataclass(slots=True)
class CallStream:
    """One stream; times in seconds since 1970, None: not yet."""

    leg: Leg
    spec: StreamSpec
    status_url: str
    created_at: float
    started_at: float | None = None
    ended_at: float | None = None

    @property
    def status(self) -> Literal["initiated", "streaming", "stopped"]:
        """Where it stands."""
        if self.ended_at is not None:
            return "stopped"
        return "initiated" if self.started_at is None else "streaming"

    def follow(self, event: StreamTold, now: float) -> None:
        """Note what became of it."""
        if event.what == "StartStream" and self.started_at is None:
            self.started_at = now
        elif event.what == "StopStream":
            self.ended_at = now
