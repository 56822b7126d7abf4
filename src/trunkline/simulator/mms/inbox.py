"""What MMS have arrived on each simulated handset."""

from collections import OrderedDict, deque
from dataclasses import dataclass

from trunkline.protocols.mm7.messages import ContentPart

PER_NUMBER = 20
NUMBERS = 1_000


@dataclass(frozen=True, slots=True)
class HandsetMedium:
    """One picture, sound or file as it arrived; `sha256` in hexadecimal."""

    content_type: str
    file_name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class HandsetMms:
    """A multimedia message as its reader sees it; `at` on the clock."""

    sender: str
    recipient: str
    text: str | None
    media: tuple[HandsetMedium, ...]
    at: float
    message_id: str
    type: str = "mms"


class Inboxes:
    """The last 20 messages on each of the last 1,000 numbers that got one."""

    def __init__(self) -> None:
        self._inboxes: OrderedDict[str, deque[HandsetMms]] = OrderedDict()

    def of(self, number: str) -> list[HandsetMms]:
        """Return what came, the oldest first."""
        return list(self._inboxes.get(number.removeprefix("+"), ()))

    def put(self, message: HandsetMms) -> None:
        """Take a message; above a bound the oldest goes."""
        if message.recipient not in self._inboxes and len(self._inboxes) >= NUMBERS:
            self._inboxes.popitem(last=False)
        self._inboxes.setdefault(message.recipient, deque(maxlen=PER_NUMBER)).append(message)


def is_text(part: ContentPart) -> bool:
    """Tell whether a part is the message's text and no attached file."""
    return part.content_type == "text/plain" and part.name in ("", "text.txt")
