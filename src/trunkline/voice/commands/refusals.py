"""Why a command is not carried out.

CommandRefused
├── NoSuch      no such call, conference, member, recording, stream
└── Invalid     a value that makes no sense there
"""

from trunkline.values.errors import TrunklineError
from trunkline.voice.commands.results import Why
from trunkline.voice.session import orders


class CommandRefused(TrunklineError):
    """The text says why; `field` names what is at fault in the words of the API."""

    why: Why = "not_now"

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class NoSuch(CommandRefused):
    """There is none."""

    why = "no_such"


class Invalid(CommandRefused):
    """A value that makes no sense there."""

    why = "invalid"


def why_of(error: orders.OrderError) -> Why:
    """Return why a call has refused an order."""
    for kind, why in _WHYS:
        if isinstance(error, kind):
            return why
    return "busy"  # too many orders, too many calls


_WHYS: tuple[tuple[type[orders.OrderError], Why], ...] = (
    (orders.NotLive, "not_live"),
    (orders.NoSuchLeg, "no_leg"),
    (orders.NoSuchRecording, "no_such"),
    (orders.NotNow, "not_now"),
    (orders.Unanswered, "unanswered"),
)
