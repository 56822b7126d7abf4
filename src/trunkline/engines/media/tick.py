"""One tick: 20 ms of all legs, received, mixed and sent. Nothing here waits for anything."""

import logging
from collections.abc import Callable, Iterable
from typing import Final

import numpy as np

from trunkline.engines.media.dsp.dtmf import TAIL, DigitDetector
from trunkline.engines.media.dsp.frames import FRAME, Octets, Samples
from trunkline.engines.media.dsp.g711 import FROM_ALAW, FROM_ULAW, alaw_encode, ulaw_encode
from trunkline.engines.media.dsp.speech import levels
from trunkline.engines.media.legs.arrivals import Arrivals, HeldUp, in_time
from trunkline.engines.media.legs.bank import HEADER, Bank
from trunkline.engines.media.legs.leg import Leg
from trunkline.engines.media.messages import Digit, Event
from trunkline.engines.media.players import Players, uncovered
from trunkline.engines.media.recorders import Recorders
from trunkline.engines.media.rooms import Rooms
from trunkline.engines.media.tapping import Tapping

logger = logging.getLogger(__name__)

_HOUSEKEEPING: Final = 10  # a leg's turn comes every so many ticks
_TABLES: Final = {"PCMU": FROM_ULAW, "PCMA": FROM_ALAW}
_ENCODERS: Final[dict[str, Callable[[Samples], Octets]]] = {
    "PCMU": ulaw_encode,
    "PCMA": alaw_encode,
}


def _fail(leg: Leg, error: Exception) -> None:
    logger.error("leg %s failed", leg.id, exc_info=error)
    leg.fail(error)


class Ticker:
    """The stages of a tick over what the engine owns."""

    def __init__(
        self, bank: Bank, rooms: Rooms, players: Players, recorders: Recorders,
        tapping: Tapping, emit: Callable[[Event], None],
    ) -> None:  # fmt: skip
        self._bank = bank
        self._rooms = rooms
        self._players = players
        self._recorders = recorders
        self._tapping = tapping
        self._emit = emit
        self._detector = DigitDetector()
        self.arrivals = Arrivals(_fail)
        self.ticks = 0

    def run(
        self, legs: dict[str, Leg], now: float, *, late: bool = False, held_up: HeldUp = in_time
    ) -> bool:
        """Do all of it for the tick that is due at `now` (monotonic seconds).

        `late`: we were held up, so nobody knows when the packets came that wait. False: we were
        held up since `now`, and nothing was done.
        """
        if late:
            self.arrivals.read_late(now)
        elif not self.arrivals.read(now, held_up):
            return False
        self.ticks += 1
        self._bank.begin_tick()
        active = [leg for leg in legs.values() if leg.stream is not None and not leg.failed]
        self._decode(active)
        failed = [leg.row for leg in legs.values() if leg.failed]
        if failed:
            self._bank.received[failed] = 0
        self._listen(active, now)
        self._play(legs)
        self._tapping.play()
        self._rooms.spread()
        silent = self._send_digits(active)
        self._bank.mix_down()
        self._send(active, silent)
        self._bank.timestamp += self._bank.units
        self._record(legs)
        self._tapping.tell(now)
        self._recorders.settle()
        turn = self.ticks % _HOUSEKEEPING
        due = [leg for leg in active if leg.row % _HOUSEKEEPING == turn]
        self._each(due, lambda leg: leg.housekeep(now))
        return True

    def _each(self, legs: Iterable[Leg], do: Callable[[Leg], None]) -> None:
        """Do it for each: a fault of one leg must not silence the others."""
        for leg in legs:
            try:
                do(leg)
            except Exception as error:  # noqa: BLE001 - the edge of a leg
                _fail(leg, error)

    # -- in --------------------------------------------------------------------------------------

    def _decode(self, active: Iterable[Leg]) -> None:
        bank, past = self._bank, self._bank.past
        by_table: dict[str, tuple[list[int], list[bytes]]] = {"PCMU": ([], []), "PCMA": ([], [])}
        silent: list[int] = []
        for leg in active:
            row, stream = leg.row, leg.stream
            if stream is None or not stream.receives:
                silent.append(row)
                continue
            try:
                frame = leg.incoming.frame(past[row])
            except Exception as error:  # noqa: BLE001 - the edge of a leg
                _fail(leg, error)
                frame = None
            if frame is None:
                silent.append(row)
            elif isinstance(frame, bytes):
                rows, cells = by_table[leg.incoming.form.name]
                rows.append(row)
                cells.append(frame)
            else:
                bank.received[row] = frame
        for codec, (rows, cells) in by_table.items():
            if rows:
                octets = np.frombuffer(b"".join(cells), np.uint8).reshape(-1, FRAME)
                bank.received[rows] = _TABLES[codec].take(octets)
        if silent:
            bank.received[silent] = 0

    def _listen(self, active: Iterable[Leg], now: float) -> None:
        """Digits in the audio, and speech."""
        bank = self._bank
        watched = [leg for leg in active if leg.watch is not None]
        if watched:
            found = levels(bank.received[[leg.row for leg in watched]])
            for leg, level in zip(watched, found.tolist(), strict=True):
                leg.hear_level(level, now)
        detecting = [(leg, leg.detection) for leg in active if leg.detection is not None]
        if not detecting:
            return
        for leg, state in detecting:
            state.gap = leg.incoming.made_up
        audio = bank.history[[leg.row for leg, _ in detecting], -FRAME - TAIL :]
        self._detector.detect(audio, [state for _, state in detecting])
        for leg, state in detecting:
            for digit, duration_ms in state.found:
                if not leg.incoming.events_heard:
                    self._emit(Digit(leg.id, digit, duration_ms, "inband"))
            state.found.clear()

    # -- what is heard ---------------------------------------------------------------------------

    def _play(self, legs: dict[str, Leg]) -> None:
        bank, rooms = self._bank, self._rooms
        rooms.gather()
        rows: list[int] = []
        frames: list[Samples] = []
        alone: list[int] = []
        for target in list(self._players.targets):
            leg = legs.get(target[0])
            sounding = uncovered(self._players.frames(target))
            if leg is None:
                for _, frame in sounding:
                    rooms.play(target[1], frame)
                continue
            for playback, frame in sounding:
                if rows and rows[-1] == leg.row:
                    bank.sums[leg.row] += frame
                else:
                    rows.append(leg.row)
                    frames.append(frame)
                if not playback.play.mix:
                    alone.append(leg.row)
        if rows:
            bank.alone[alone] = True
            bank.sums[rows] += np.concatenate(frames).reshape(-1, FRAME)

    def _record(self, legs: dict[str, Leg]) -> None:
        bank = self._bank
        for recording in self._recorders.active:
            record = recording.record
            leg = legs.get(record.leg)
            if leg is not None:
                recording.take_leg(bank.received[leg.row], bank.heard[leg.row])
                continue
            total = self._rooms.total(record.room)
            if total is not None:
                recording.take_room(total)

    # -- out -------------------------------------------------------------------------------------

    def _send_digits(self, active: Iterable[Leg]) -> set[int]:
        """Rows whose audio gives way to an event in this tick."""
        silent: set[int] = set()
        for leg in active:
            if not leg.outgoing.has_digits:
                continue
            if leg.outgoing.next_digit(self._bank, leg.row):
                silent.add(leg.row)
            if not leg.outgoing.has_digits:
                leg.digits_sent()
        return silent

    def _send(self, active: Iterable[Leg], silent: set[int]) -> None:
        bank = self._bank
        groups: dict[str, list[Leg]] = {"PCMU": [], "PCMA": []}
        others: list[Leg] = []
        for leg in active:
            stream = leg.stream
            if stream is None or not stream.sends or leg.row in silent:
                continue
            if leg.outgoing.by_table:
                groups[stream.codec].append(leg)
            else:
                others.append(leg)
        self._each(others, lambda leg: leg.outgoing.send_frame(bank, leg.row, bank.heard[leg.row]))
        for codec, legs in groups.items():
            if legs:
                self._send_group(legs, _ENCODERS[codec])

    def _send_group(self, legs: list[Leg], encode: Callable[[Samples], Octets]) -> None:
        bank = self._bank
        rows = np.array([leg.row for leg in legs])
        packets = bank.packets
        packets[rows, 1] = [leg.outgoing.take_type() for leg in legs]
        sequence, timestamp = bank.sequence[rows], bank.timestamp[rows]
        packets[rows, 2] = sequence >> 8
        packets[rows, 3] = sequence & 0xFF
        packets[rows, 4:8] = timestamp.astype(">u4").view(np.uint8).reshape(-1, 4)
        packets[rows, HEADER:] = encode(bank.heard[rows])
        bank.sequence[rows] = sequence + np.uint16(1)
        views = bank.views
        for leg in legs:
            leg.socket.send(views[leg.row])
