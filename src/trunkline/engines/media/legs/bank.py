"""The audio of all legs as arrays, one row a leg, so that a tick is a few numpy calls."""

from heapq import heappop, heappush
from typing import Final

import numpy as np

from trunkline.engines.media.dsp.conceal import HISTORY
from trunkline.engines.media.dsp.frames import FRAME

HEADER: Final = 12
PACKET: Final = HEADER + FRAME


class Bank:
    """`rows` of them. `received` and `heard` are int16 views, `sums` int32 before clipping."""

    def __init__(self, rows: int) -> None:
        self.history = np.zeros((rows, HISTORY), np.int16)
        """What was received in the last 60 ms; the last 20 of them are `received`."""
        self.received = self.history[:, -FRAME:]
        self.past = [self.history[row, :-FRAME] for row in range(rows)]
        """What was received before that, a view each."""
        self.sums = np.zeros((rows, FRAME), np.int32)
        self.heard = np.zeros((rows, FRAME), np.int16)
        self.alone = np.zeros(rows, bool)
        """Rows that do not hear their room: something is played to them."""
        self.packets = np.zeros((rows, PACKET), np.uint8)
        self.views = [memoryview(self.packets[row]) for row in range(rows)]
        self.sequence = np.zeros(rows, np.uint16)
        self.timestamp = np.zeros(rows, np.uint32)
        self.units = np.full(rows, FRAME, np.uint32)
        self._free = list(range(rows))  # a heap: the rows in use stay close together
        self._used = 0

    @property
    def free(self) -> int:
        return len(self._free)

    def take(self, ssrc: int, sequence: int, timestamp: int) -> int:
        """A silent row with these beginnings; the caller has looked at `free`."""
        row = heappop(self._free)
        self._used = max(self._used, row + 1)
        self.history[row] = 0
        self.sums[row] = 0
        self.alone[row] = False
        self.sequence[row] = sequence
        self.timestamp[row] = timestamp
        self.units[row] = FRAME
        self.packets[row, 0] = 0x80
        self.packets[row, 8:12] = np.frombuffer(ssrc.to_bytes(4, "big"), np.uint8)
        return row

    def give_back(self, row: int) -> None:
        """The leg is gone."""
        heappush(self._free, row)

    def begin_tick(self) -> None:
        """Move the history on by a frame, empty what is heard."""
        used = self._used  # rows beyond it were never taken
        self.history[:used, :-FRAME] = self.history[:used, FRAME:]
        self.sums[:used] = 0
        self.alone[:used] = False

    def mix_down(self) -> None:
        """Bring what is heard to 16 bits."""
        sums = self.sums[: self._used]
        np.clip(sums, -32768, 32767, out=sums)
        self.heard[: self._used] = sums
