"""Rooms: everybody hears the others and not itself. A bridge is a room of two."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from trunkline.engines.media.dsp.frames import FRAME, Samples, Sums, clip
from trunkline.engines.media.legs.bank import Bank
from trunkline.engines.media.legs.leg import Leg


@dataclass(slots=True)
class Room:
    name: str
    members: list[Leg] = field(default_factory=list[Leg])
    index: int = 0
    """Row of its total in this tick."""


class Rooms:
    """Members' rows are kept in arrays, sorted by room, built anew after a change."""

    def __init__(self, bank: Bank) -> None:
        self._bank: Final = bank
        self.rooms: dict[str, Room] = {}
        self._changed = True
        self._rows: NDArray[np.intp] = np.zeros(0, np.intp)
        self._starts: NDArray[np.intp] = np.zeros(0, np.intp)
        self._room_of: NDArray[np.intp] = np.zeros(0, np.intp)
        self._may_speak: NDArray[np.int32] = np.zeros((0, 1), np.int32)
        self._may_hear: NDArray[np.bool_] = np.zeros(0, bool)
        self._spoken: Sums = np.zeros((0, FRAME), np.int32)
        self.totals: Sums = np.zeros((0, FRAME), np.int32)
        """All that is said and played in each room."""
        self._whispers: list[tuple[int, list[int]]] = []
        """Rows of those that only some hear, and the rows of these."""

    def join(self, leg: Leg, name: str, *, muted: bool, deaf: bool) -> None:
        """Put a leg that is in no room into this one, which is made if need be."""
        leg.room, leg.muted, leg.deaf, leg.heard_by = name, muted, deaf, ()
        leg.attentive = False
        self.rooms.setdefault(name, Room(name)).members.append(leg)
        self._changed = True

    def leave(self, leg: Leg) -> str:
        """Take a leg out of its room; the name of the room if that is gone with it, else ""."""
        room = self.rooms.get(leg.room)
        leg.room = ""
        if room is None:
            return ""
        room.members.remove(leg)
        self._changed = True
        if room.members:
            return ""
        del self.rooms[room.name]
        return room.name

    def changed(self) -> None:
        """A member was muted, deafened, or let speak or hear again."""
        self._changed = True

    def gather(self) -> None:
        """Sum what is said in each room."""
        if self._changed:
            self._arrange()
        if len(self._rows):
            spoken = self._bank.received[self._rows] * self._may_speak
            self.totals = np.add.reduceat(spoken, self._starts, axis=0)
            self._spoken = spoken

    def _arrange(self) -> None:
        self._changed = False
        rows: list[int] = []
        starts: list[int] = []
        room_of: list[int] = []
        speak: list[int] = []
        hear: list[bool] = []
        self._whispers.clear()
        for index, room in enumerate(self.rooms.values()):
            room.index = index
            starts.append(len(rows))
            for leg in room.members:
                rows.append(leg.row)
                room_of.append(index)
                speak.append(0 if leg.muted or leg.heard_by else 1)
                hear.append(not leg.deaf)
                if leg.heard_by and not leg.muted:
                    self._whispers.append((leg.row, _hearers(leg, room)))
        self._rows = np.array(rows, np.intp)
        self._starts = np.array(starts, np.intp)
        self._room_of = np.array(room_of, np.intp)
        self._may_speak = np.array(speak, np.int32).reshape(-1, 1)
        self._may_hear = np.array(hear, bool)
        self.totals = np.zeros((len(starts), FRAME), np.int32)

    def play(self, name: str, frame: Samples) -> None:
        """Let a frame sound in a room; after `gather`."""
        room = self.rooms.get(name)
        if room is not None and room.index < len(self.totals):
            self.totals[room.index] += frame

    def spread(self) -> None:
        """Add to what each member hears: its room's total without its own voice."""
        if not len(self._rows):
            return
        heard = self.totals[self._room_of] - self._spoken
        heard *= (self._may_hear & ~self._bank.alone[self._rows])[:, None]
        self._bank.sums[self._rows] += heard
        for row, hearers in self._whispers:
            for hearer in hearers:
                if not self._bank.alone[hearer]:
                    self._bank.sums[hearer] += self._bank.received[row]

    def total(self, name: str) -> Samples | None:
        """A room's total in 16 bits, to be recorded."""
        room = self.rooms.get(name)
        if room is None or room.index >= len(self.totals):
            return None
        return clip(self.totals[room.index])


def _hearers(leg: Leg, room: Room) -> list[int]:
    """The rows of those in the room that are to hear this leg, and can."""
    able = (one for one in room.members if one.attentive or not one.deaf)
    return [one.row for one in able if one.id in leg.heard_by]
