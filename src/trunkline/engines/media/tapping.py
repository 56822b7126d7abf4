"""All taps of a process: what they feed is heard, what they hear is told once a tick."""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from trunkline.engines.media.dsp.frames import FRAME, Samples
from trunkline.engines.media.dsp.g711 import FROM_ULAW, ulaw_encode
from trunkline.engines.media.legs.bank import Bank
from trunkline.engines.media.legs.leg import Leg
from trunkline.engines.media.messages import CheckpointReached, Event, Heard, TapAudio, Track
from trunkline.engines.media.sound.taps import Tap

Legs = Mapping[str, Leg]
_TRACKS: Final[tuple[Track, ...]] = ("inbound", "outbound")


class Tapping:
    """Taps by name. μ-law of 8 kHz, which most of them want, is done for all at once."""

    def __init__(self, bank: Bank, emit: Callable[[Event], None]) -> None:
        self._bank = bank
        self._emit = emit
        self.taps: dict[str, Tap] = {}

    def feed(self, legs: Legs) -> None:
        """Add what was fed to what the legs hear in this tick."""
        bank = self._bank
        rows: list[int] = []
        cells: list[bytes] = []
        for name, tap in self.taps.items():
            if tap.silent:
                continue
            frame, reached = tap.next()
            for checkpoint in reached:
                self._emit(CheckpointReached(name, checkpoint))
            leg = legs.get(tap.open.leg)
            if frame is None or leg is None:
                continue
            if tap.open.exclusive:
                bank.alone[leg.row] = True
            if isinstance(frame, bytes):
                rows.append(leg.row)
                cells.append(frame)
            else:
                bank.sums[leg.row] += frame
        if rows:
            octets = np.frombuffer(b"".join(cells), np.uint8).reshape(-1, FRAME)
            fed = FROM_ULAW.take(octets)
            if len(set(rows)) == len(rows):
                bank.sums[rows] += fed
            else:  # several taps feed one leg
                np.add.at(bank.sums, rows, fed)

    def tell(self, legs: Legs, now: float) -> None:
        """Tell what the taps' legs say and hear."""
        if not self.taps:
            return
        ulaw = {track: self._ulaw(legs, track) for track in _TRACKS}
        frames: list[TapAudio] = []
        for name, tap in self.taps.items():
            leg = legs.get(tap.open.leg)
            if leg is None:
                continue
            at_ms = round((now - tap.opened_at) * 1000)
            for track in tap.open.tracks:
                if tap.plain:
                    audio = ulaw[track][leg.row]
                else:
                    audio = tap.encode(track, self._rows(track)[leg.row])
                frames.append(TapAudio(name, track, at_ms, audio))
        if frames:
            self._emit(Heard(tuple(frames)))

    def _ulaw(self, legs: Legs, track: Track) -> dict[int, bytes]:
        """The track of all legs that it is wanted of, by row."""
        wanted = {
            leg.row
            for tap in self.taps.values()
            if tap.plain and track in tap.open.tracks
            if (leg := legs.get(tap.open.leg)) is not None
        }
        if not wanted:
            return {}
        rows = list(wanted)
        octets = ulaw_encode(self._rows(track)[rows]).tobytes()
        return {row: octets[n * FRAME : (n + 1) * FRAME] for n, row in enumerate(rows)}

    def _rows(self, track: Track) -> Samples:
        return self._bank.received if track == "inbound" else self._bank.heard
