"""All taps of a process: what they feed is heard, what they hear is told once a tick."""

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from trunkline.engines.media import messages as m
from trunkline.engines.media.dsp.frames import FRAME
from trunkline.engines.media.dsp.g711 import FROM_ULAW, ulaw_encode
from trunkline.engines.media.legs.bank import Bank
from trunkline.engines.media.sound.taps import RATES, Tap

_TRACKS: Final[tuple[m.Track, ...]] = ("inbound", "outbound")


class _Listeners(NamedTuple):
    """Taps of a track: those of `plain` frames are encoded together."""

    plain: list[str]
    rows: NDArray[np.int64]
    opened_ms: NDArray[np.float64]
    begins: range
    others: list[Tap]


class Tapping:
    """Taps by name. μ-law of 8 kHz, which most of them want, is done for all at once."""

    def __init__(self, bank: Bank, emit: Callable[[m.Event], None]) -> None:
        self._bank = bank
        self._emit = emit
        self._taps: dict[str, Tap] = {}
        self._listeners: dict[m.Track, _Listeners] = {}

    # -- commands --------------------------------------------------------------------------------

    def open(self, command: m.OpenTap, row: int, now: float) -> m.Result:
        """Open a tap of the leg that has this row."""
        if command.tap in self._taps or not command.tap:
            return m.Refused("exists", command.tap)
        if command.rate not in RATES:
            return m.Refused("invalid", f"rates are {RATES}")
        self._taps[command.tap] = Tap(command, row, now)
        self._look()
        return m.Done()

    def close(self, command: m.CloseTap) -> m.Result:
        """End a tap."""
        if self._taps.pop(command.tap, None) is None:
            return m.Refused("unknown", command.tap)
        self._look()
        return m.Done()

    def leave(self, leg: str) -> None:
        """End the taps of a leg, which is gone, and say so."""
        for name in [name for name, tap in self._taps.items() if tap.open.leg == leg]:
            del self._taps[name]
            self._emit(m.TapClosed(name))
        self._look()

    def feed(self, command: m.Feed) -> m.Result:
        """Append audio to what a tap's leg hears."""
        tap = self._taps.get(command.tap)
        wrong = "unknown" if tap is None else tap.feed(command)
        return m.Refused(wrong, command.tap) if wrong else m.Done()

    def pour(self, command: m.Pour) -> m.Result:
        """Append audio to many taps."""
        refused: list[tuple[int, str]] = []
        taps = self._taps
        for at, piece in enumerate(command.pieces):
            tap = taps.get(piece.tap)
            wrong = "unknown" if tap is None else tap.feed(piece)
            if wrong:
                refused.append((at, wrong))
        return m.Poured(tuple(refused))

    def checkpoint(self, command: m.Checkpoint) -> m.Result:
        """Mark the end of what was fed until now."""
        tap = self._taps.get(command.tap)
        if tap is None:
            return m.Refused("unknown", command.tap)
        tap.checkpoint(command.name)
        return m.Done()

    def clear(self, command: m.ClearFeed) -> m.Result:
        """Forget what was fed and not heard."""
        tap = self._taps.get(command.tap)
        return m.Refused("unknown", command.tap) if tap is None else m.Count(tap.clear())

    def _look(self) -> None:
        """Sort the taps by what they hear: it is the same from tick to tick."""
        self._listeners = {}
        for track in _TRACKS:
            wanted = [tap for tap in self._taps.values() if track in tap.tracks]
            plain = [tap for tap in wanted if tap.plain]
            if wanted:
                self._listeners[track] = _Listeners(
                    [tap.name for tap in plain],
                    np.array([tap.row for tap in plain], np.int64),
                    np.array([1000 * tap.opened_at for tap in plain], np.float64),
                    range(0, len(plain) * FRAME, FRAME),
                    [tap for tap in wanted if not tap.plain],
                )

    # -- ticks -----------------------------------------------------------------------------------

    def play(self) -> None:
        """Add what was fed to what the legs hear in this tick."""
        bank = self._bank
        rows: list[int] = []
        cells: list[bytes] = []
        alone: list[int] = []
        for name, tap in self._taps.items():
            if tap.silent:
                continue
            frame, reached = tap.next()
            for checkpoint in reached:
                self._emit(m.CheckpointReached(name, checkpoint))
            if frame is None:
                continue
            if tap.exclusive:
                alone.append(tap.row)
            if isinstance(frame, bytes):
                rows.append(tap.row)
                cells.append(frame)
            else:
                bank.sums[tap.row] += frame
        if alone:
            bank.alone[alone] = True
        if rows:
            octets = np.frombuffer(b"".join(cells), np.uint8).reshape(-1, FRAME)
            fed = FROM_ULAW.take(octets)
            if len(set(rows)) == len(rows):
                bank.sums[rows] += fed
            else:  # several taps feed one leg
                np.add.at(bank.sums, rows, fed)

    def tell(self, now: float) -> None:
        """Tell what the taps' legs say, and then what they hear."""
        frames: list[m.TapAudio] = []
        for track, listeners in self._listeners.items():
            audio = self._bank.received if track == "inbound" else self._bank.heard
            plain, rows, opened_ms, begins, others = listeners
            if plain:
                octets = ulaw_encode(audio[rows]).tobytes()
                at_ms: list[int] = np.rint(1000 * now - opened_ms).astype(np.int64).tolist()
                frames += [
                    m.TapAudio(name, track, at, octets[begin : begin + FRAME])
                    for name, at, begin in zip(plain, at_ms, begins, strict=True)
                ]
            for tap in others:
                at = round((now - tap.opened_at) * 1000)
                frames.append(m.TapAudio(tap.name, track, at, tap.encode(track, audio[tap.row])))
        if frames:
            self._emit(m.Heard(tuple(frames)))
