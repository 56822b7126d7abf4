"""All taps of a process: what they feed is heard, what they hear is told once a tick."""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from trunkline.engines.media.dsp.frames import FRAME
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
        alone: list[int] = []
        for name, tap in self.taps.items():
            if tap.silent:
                continue
            frame, reached = tap.next()
            for checkpoint in reached:
                self._emit(CheckpointReached(name, checkpoint))
            leg = legs.get(tap.leg)
            if frame is None or leg is None:
                continue
            if tap.exclusive:
                alone.append(leg.row)
            if isinstance(frame, bytes):
                rows.append(leg.row)
                cells.append(frame)
            else:
                bank.sums[leg.row] += frame
        if alone:
            bank.alone[alone] = True
        if rows:
            octets = np.frombuffer(b"".join(cells), np.uint8).reshape(-1, FRAME)
            fed = FROM_ULAW.take(octets)
            if len(set(rows)) == len(rows):
                bank.sums[rows] += fed
            else:  # several taps feed one leg
                np.add.at(bank.sums, rows, fed)

    def tell(self, legs: Legs, now: float) -> None:
        """Tell what the taps' legs say, and then what they hear."""
        frames: list[TapAudio] = []
        for track in _TRACKS:
            wanted = [
                (name, tap, leg.row)
                for name, tap in self.taps.items()
                if track in tap.tracks and (leg := legs.get(tap.leg)) is not None
            ]
            if wanted:
                self._tell_track(track, wanted, now, frames)
        if frames:
            self._emit(Heard(tuple(frames)))

    def _tell_track(
        self, track: Track, wanted: list[tuple[str, Tap, int]], now: float, frames: list[TapAudio]
    ) -> None:
        audio = self._bank.received if track == "inbound" else self._bank.heard
        rows = [row for _, tap, row in wanted if tap.plain]
        octets = ulaw_encode(audio[rows]).tobytes() if rows else b""
        begin = 0
        for name, tap, row in wanted:
            at_ms = round((now - tap.opened_at) * 1000)
            if tap.plain:
                end = begin + FRAME
                frames.append(TapAudio(name, track, at_ms, octets[begin:end]))
                begin = end
            else:
                frames.append(TapAudio(name, track, at_ms, tap.encode(track, audio[row])))
