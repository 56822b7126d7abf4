"""What WhatsApp shows on simulated handsets."""

from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, cast

PER_NUMBER: Final = 100
NUMBERS: Final = 10_000


def _nothing() -> dict[str, Any]:
    return {}


@dataclass(slots=True)
class WhatsappMessage:
    """A message on a handset; `content` is what the Cloud API was given for its kind."""

    sender: str
    recipient: str
    kind: str
    text: str | None
    at: float
    message_id: str
    content: dict[str, Any] = field(default_factory=_nothing)
    read: bool = False
    type: str = "whatsapp"


Listener = Callable[[WhatsappMessage], None]


class Inboxes:
    """The last 100 messages on each of the last 10,000 numbers; above a bound the oldest goes."""

    def __init__(self, per_number: int = PER_NUMBER, numbers: int = NUMBERS) -> None:
        self._per_number = per_number
        self._numbers = numbers
        self._inboxes: OrderedDict[str, deque[WhatsappMessage]] = OrderedDict()
        self._listeners: list[Listener] = []

    def of(self, number: str) -> list[WhatsappMessage]:
        """Messages on a number, the oldest first."""
        return list(self._inboxes.get(number, ()))

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with each message; returns what ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def arrive(self, message: WhatsappMessage) -> None:
        """Put a message on its recipient's handset."""
        inbox = self._inboxes.get(message.recipient)
        if inbox is None:
            if len(self._inboxes) >= self._numbers:
                self._inboxes.popitem(last=False)
            inbox = self._inboxes[message.recipient] = deque(maxlen=self._per_number)
        else:
            self._inboxes.move_to_end(message.recipient)
        inbox.append(message)
        for listener in tuple(self._listeners):
            listener(message)


def text_of(kind: str, content: dict[str, Any]) -> str | None:
    """Say in words what a message of a kind says, where it says something."""
    if kind == "text":
        return str(content.get("body", ""))
    if kind == "template":
        return f"[template {content.get('name')}]"
    if kind == "interactive":
        body: Any = content.get("body")
        return str(cast("dict[str, Any]", body).get("text", "")) if isinstance(body, dict) else None
    caption = content.get("caption")
    return caption if isinstance(caption, str) else None
