"""Audio on its way to taps: pieces of some ms go out as one command, and none is waited for."""

import asyncio
from collections.abc import Callable
from typing import Final

from trunkline.engines.media.messages import Command, Piece, Pour, Poured, Result

_GATHER_S: Final = 0.004  # a piece waits so long for others,
_NEXT_S: Final = 0.014  # and until so long after the last tick: the next, 20 ms after it, plays it
_MOST_GATHERED: Final = 128 << 10  # octets; then they go at once

Taken = Callable[[str | None], None]
"""Is told why a piece was not taken: "" it was, None that nobody knows, the process is gone."""


class MediaGone(Exception):
    """The process has died, hangs, or was closed; its legs are lost."""


class MediaBusy(Exception):
    """Too many commands wait for their answers."""


class Pouring:
    """What was poured and has not gone out yet."""

    def __init__(self, send: Callable[[Command], asyncio.Future[Result]]) -> None:
        self._send = send
        self.waiting: list[tuple[Piece, Taken]] = []
        self._size = 0
        self._gathered_at = 0.0

    def ticked(self) -> None:
        """Hear of a tick: what is poured from now on waits for the next anyway."""
        self._gathered_at = asyncio.get_running_loop().time() + _NEXT_S

    def add(self, piece: Piece, done: Taken) -> None:
        """Let a piece go out with others, before the next command or the next tick."""
        if not self.waiting:
            loop = asyncio.get_running_loop()
            loop.call_at(max(loop.time() + _GATHER_S, self._gathered_at), self.flush)
        self.waiting.append((piece, done))
        self._size += len(piece.audio)
        if self._size > _MOST_GATHERED:
            self.flush()

    def flush(self) -> None:
        """Let all go out."""
        gathered, self.waiting, self._size = self.waiting, [], 0
        if not gathered:
            return

        def answered(future: asyncio.Future[Result]) -> None:
            gone = future.cancelled() or future.exception() is not None
            result = None if gone else future.result()
            why = dict(result.refused) if isinstance(result, Poured) else {}
            for at, (_, done) in enumerate(gathered):
                done(None if gone else why.get(at, ""))

        try:
            self._send(Pour(tuple(piece for piece, _ in gathered))).add_done_callback(answered)
        except MediaGone:
            self._tell(gathered, None)
        except MediaBusy:
            self._tell(gathered, "busy")

    def _tell(self, gathered: list[tuple[Piece, Taken]], why: str | None) -> None:
        for _, done in gathered:
            done(why)
