"""The port to a carrier: what the dispatcher needs, whatever protocol is behind it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from trunkline.messaging.carriers.status import SubmitStatus
from trunkline.messaging.model import Dispatch, Part
from trunkline.protocols.sms.decode import Alphabet, Content
from trunkline.protocols.sms.receipts import Receipt


class Accepted(NamedTuple):
    """The carrier took every part."""

    parts: tuple[Part, ...]


class Refused(NamedTuple):
    """The carrier refused a part; nothing more of this message is under way."""

    status: SubmitStatus


class Uncertain(NamedTuple):
    """No answer came: the carrier may or may not have the message."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unsent:
    """Nothing of the message left: the carrier is closed, down, or does not want it for now."""

    after_s: float = 0.0  # when it is worth trying again


Acknowledge = Callable[[bool], None]
"""Told True once the thing is durable, False when it could not be stored: deliver it again."""


class Inbound(Protocol):
    """Who takes what a carrier delivers."""

    def knows(self, recipient: str) -> bool:
        """Whether a number is somebody's here; a message for any other is refused."""
        ...

    def receipt(self, receipt: Receipt, handset: str, acknowledge: Acknowledge) -> None:
        """Take a delivery receipt that came from `handset`'s number."""
        ...

    def message(
        self,
        ends: tuple[str, str],
        content: Content,
        alphabet: Alphabet,
        acknowledge: Acknowledge,
    ) -> None:
        """Take a message, or a part of one, given its (sender, recipient)."""
        ...


Outcome = Accepted | Refused | Uncertain | Unsent
OnOutcome = Callable[[Dispatch, Outcome], None]


class Carrier(Protocol):
    """A way out for messages. Throttling is the carrier's own business, never an outcome."""

    @property
    def name(self) -> str:
        """Name in the configuration, and in the queue."""
        ...

    @property
    def is_up(self) -> bool:
        """Whether a message given now would leave soon."""
        ...

    def capacity(self) -> int:
        """How many messages may be submitted now; 0 when down, throttled or full."""
        ...

    def submit(self, dispatch: Dispatch) -> None:
        """Send a message; its outcome is told exactly once, by the callback given at building."""
        ...


class OpenCarrier(Carrier, Protocol):
    """A carrier as whoever builds the program has it: begun once, and ended."""

    async def start(self) -> None:
        """Begin to connect."""
        ...

    async def close(self, drain_s: float) -> None:
        """End after the outstanding answers, or `drain_s`; every message gets its outcome."""
        ...
