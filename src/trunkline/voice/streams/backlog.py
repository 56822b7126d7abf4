"""What a slow application has not taken yet: bounded, the oldest audio goes first."""

from collections import deque
from collections.abc import Callable
from typing import Final

MOST: Final = 1_500
"""Messages: 30 s of one track."""
_LEVELS: Final = (30, 60, 90)  # PLIVO streams: DegradedStream tells of a buffer that is so full
_CALM: Final = 10  # per cent; below it the levels are told again


class Backlog:
    """Sends as long as `send` takes, else keeps; `degraded` is told the levels that are passed."""

    def __init__(
        self, send: Callable[[bytes], bool], degraded: Callable[[int], None], most: int = MOST
    ) -> None:
        self._send = send
        self._degraded = degraded
        self._most = most
        self._waiting: deque[tuple[bytes, bool]] = deque()
        self._told = 0
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, message: bytes, *, audio: bool = False) -> None:
        """Send a message after those that wait. When there is no room the oldest audio goes."""
        if not self._waiting and self._send(message):
            return
        if len(self._waiting) >= self._most:
            self._drop()
        self._waiting.append((message, audio))
        level = len(self._waiting) * 100 // self._most
        passed = max((one for one in _LEVELS if one <= level), default=0)
        if passed > self._told:
            self._told = passed
            self._degraded(passed)

    def flush(self) -> None:
        """The application takes messages again."""
        while self._waiting and self._send(self._waiting[0][0]):
            self._waiting.popleft()
        if len(self._waiting) * 100 // self._most < _CALM:
            self._told = 0

    def _drop(self) -> None:
        self.dropped += 1
        for at, (_, audio) in enumerate(self._waiting):
            if audio:
                del self._waiting[at]
                return
        self._waiting.popleft()
