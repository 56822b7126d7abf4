"""The handsets at the other end: what has arrived on each number."""

from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from trunkline.protocols.sms.decode import Content, text_of
from trunkline.protocols.sms.reassembly import Joined, Part, Reassembler

PER_NUMBER: Final = 100
NUMBERS: Final = 10_000


@dataclass(frozen=True, slots=True)
class HandsetMessage:
    """A whole message as its reader sees it; `text` is None for binary, `at` on the clock.

    `message_ids` are those the carrier gave, one per part; `missing` parts never came.
    """

    sender: str
    recipient: str
    text: str | None
    parts: int
    at: float
    system_id: str
    data_coding: int
    message_ids: tuple[str, ...]
    missing: tuple[int, ...] = ()


@dataclass(slots=True)
class _Kept:
    """A message not yet decoded: most are never looked at."""

    sender: str
    recipient: str
    joined: Joined | None
    content: Content | None
    at: float
    system_id: str
    message_id: str


class Handsets:
    """Inboxes of the last 100 messages on each of the last 10,000 numbers that got one.

    Above either bound the oldest goes. Concatenated parts are joined; what is not complete
    after five minutes is shown as far as it came, at the next arrival.
    """

    def __init__(self, per_number: int = PER_NUMBER, numbers: int = NUMBERS) -> None:
        self._per_number = per_number
        self._numbers = numbers
        self._inboxes: OrderedDict[str, deque[_Kept]] = OrderedDict()
        self._reassembler = Reassembler()
        self._listeners: list[Callable[[HandsetMessage], None]] = []
        self.received = 0

    def listen(self, listener: Callable[[HandsetMessage], None]) -> Callable[[], None]:
        """Call `listener` with each whole message; returns what ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def inbox(self, number: str) -> list[HandsetMessage]:
        """Messages on a number (with or without plus), the oldest first."""
        return [_shown(kept) for kept in self._inboxes.get(number.removeprefix("+"), ())]

    def arrive(
        self, sender: str, recipient: str, content: Content, now: float, carrier: tuple[str, str]
    ) -> None:
        """Take one part or message; `carrier` is (system_id, message_id)."""
        system_id, message_id = carrier
        if content.concat is None:
            self._keep(_Kept(sender, recipient, None, content, now, system_id, message_id))
            return
        token = f"{system_id} {message_id}"
        part = Part(sender, recipient, content.concat, content.body, content.data_coding, token)
        whole = self._reassembler.add(part, now)
        for joined in self._reassembler.expire(now):
            self._keep_joined(joined, now)
        if whole is not None:
            self._keep_joined(whole, now)

    def _keep_joined(self, joined: Joined, now: float) -> None:
        first = joined.parts[0]
        system_id = first.token.partition(" ")[0]
        self._keep(_Kept(first.source, first.destination, joined, None, now, system_id, ""))

    def _keep(self, kept: _Kept) -> None:
        self.received += 1
        inbox = self._inboxes.get(kept.recipient)
        if inbox is None:
            if len(self._inboxes) >= self._numbers:
                self._inboxes.popitem(last=False)
            inbox = self._inboxes[kept.recipient] = deque(maxlen=self._per_number)
        else:
            self._inboxes.move_to_end(kept.recipient)
        inbox.append(kept)
        if self._listeners:
            shown = _shown(kept)
            for listener in tuple(self._listeners):
                listener(shown)


def _shown(kept: _Kept) -> HandsetMessage:
    joined, content = kept.joined, kept.content
    if joined is None:
        body, coding = (content.body, content.data_coding) if content is not None else (b"", 0)
        text, parts, ids, missing = text_of(body, coding), 1, (kept.message_id,), ()
    else:
        text, parts, missing = joined.text(), len(joined.parts), joined.missing
        coding = joined.parts[0].data_coding
        ids = tuple(part.token.partition(" ")[2] for part in joined.parts)
    return HandsetMessage(
        sender=kept.sender,
        recipient=kept.recipient,
        text=text,
        parts=parts,
        at=kept.at,
        system_id=kept.system_id,
        data_coding=coding,
        message_ids=ids,
        missing=missing,
    )
