"""A media process without its socket and its clock: commands in, events out, a tick when told."""

import time
from collections.abc import Callable
from typing import Any, Final

from trunkline.engines.media import messages as m
from trunkline.engines.media.config import MediaConfig
from trunkline.engines.media.dsp.speech import SpeechState
from trunkline.engines.media.legs.arrivals import HeldUp, in_time
from trunkline.engines.media.legs.bank import Bank
from trunkline.engines.media.legs.formats import CodecUnavailable
from trunkline.engines.media.legs.leg import Leg, Surroundings
from trunkline.engines.media.legs.ports import PortPool
from trunkline.engines.media.players import Players
from trunkline.engines.media.recorders import Recorders
from trunkline.engines.media.rooms import Rooms
from trunkline.engines.media.sound.clips import Clips
from trunkline.engines.media.sound.writer import Writer
from trunkline.engines.media.tapping import Tapping
from trunkline.engines.media.tick import Ticker

DONE: Final = m.Done()


class Engine:
    """Owns everything; one thread calls it. `now` is monotonic seconds."""

    def __init__(
        self, config: MediaConfig, emit: Callable[[m.Event], None], wall: Callable[[], float]
    ) -> None:
        self.config: Final = config
        self._bank = Bank(config.most_legs)
        self._around = Surroundings(self._bank, config, emit, wall)
        self._ports = PortPool(config.bind, config.first_port, config.last_port)
        self._clips = Clips(config.most_clip_s, config.clip_cache_bytes)
        self._writer = Writer()
        self._players = Players(self._clips, emit)
        self._recorders = Recorders(self._writer, emit)
        self._rooms = Rooms(self._bank)
        self._tapping = Tapping(self._bank, emit)
        self._ticker = Ticker(
            self._bank, self._rooms, self._players, self._recorders, self._tapping, emit
        )
        self._legs: dict[str, Leg] = {}
        self.late_ticks = 0
        self.skipped_ticks = 0
        self.busy_s = 0.0
        self.tap_frames_dropped = 0
        self._now = time.monotonic()
        self._handlers: Final[dict[type[m.Command], Callable[[Any], m.Result]]] = {
            m.OpenLeg: self._open, m.SetStream: self._set_stream, m.CloseLeg: self._close_leg,
            m.Join: self._join, m.Leave: self._leave, m.SetMember: self._set_member,
            m.Play: self._play, m.StopPlay: self._players.stop, m.SendDigits: self._send_digits,
            m.Record: self._record, m.StopRecord: self._recorders.stop,
            m.PauseRecord: self._recorders.pause, m.Watch: self._watch,
            m.OpenTap: self._open_tap, m.CloseTap: self._tapping.close,
            m.Feed: self._tapping.feed, m.Pour: self._tapping.pour,
            m.Checkpoint: self._tapping.checkpoint, m.ClearFeed: self._tapping.clear,
            m.Hear: self._hear,
            m.GetLegStats: self._leg_stats, m.GetProcessStats: self._process_stats,
        }  # fmt: skip

    @property
    def idle(self) -> bool:
        """Whether there is nobody to hear or be heard; a room without a leg is none."""
        return not self._legs

    def tick(self, now: float, *, late: bool = False, held_up: HeldUp = in_time) -> bool:
        """Let 20 ms pass; `late`: packets have waited for it longer than usual.

        False: `held_up` said, before anything was done, that it is much later than `now`.
        """
        began = time.perf_counter()
        self._now = now
        done = self._ticker.run(self._legs, now, late=late, held_up=held_up)
        self.busy_s += time.perf_counter() - began
        return done

    def skip(self, ticks: int) -> None:
        """Ticks that can no more be done, before those that are: time goes on for all."""
        self.skipped_ticks += ticks
        self._bank.timestamp += self._bank.units * ticks
        self._recorders.skip(ticks)
        for leg in self._legs.values():
            leg.incoming.jitter.miss(ticks)

    def handle(self, command: m.Command, now: float) -> m.Result:
        """Do a command; it never waits."""
        self._now = now
        return self._handlers[type(command)](command)

    def close(self) -> None:
        """End all legs, close all recordings."""
        for leg in list(self._legs):
            self._close_leg(m.CloseLeg(leg))
        self._recorders.settle()
        self._writer.close()
        self._recorders.settle()
        self._clips.close()

    # -- legs ------------------------------------------------------------------------------------

    def _open(self, command: m.OpenLeg) -> m.Result:
        if not command.leg or command.leg in self._legs:
            return m.Refused("exists", command.leg)
        if not self._bank.free:
            return m.Refused("full", f"{self.config.most_legs} legs")
        pair = self._ports.take()
        if pair is None:
            return m.Refused("ports", "no port is free")
        self._legs[command.leg] = leg = Leg(command.leg, pair, self._around, self._now)
        self._ticker.arrivals.add(leg)
        address = self.config.advertised or self.config.bind
        return m.LegOpened(command.leg, address, pair.port, pair.port + 1)

    def _set_stream(self, command: m.SetStream) -> m.Result:
        leg = self._legs.get(command.leg)
        if leg is None:
            return m.Refused("unknown", command.leg)
        try:
            wrong = leg.set_stream(command.stream, self._now)
        except CodecUnavailable as error:
            return m.Refused("invalid", str(error))
        return m.Refused("invalid", wrong) if wrong else DONE

    def _close_leg(self, command: m.CloseLeg) -> m.Result:
        leg = self._legs.pop(command.leg, None)
        if leg is None:
            return m.Refused("unknown", command.leg)
        self._recorders.close(leg.id, "")
        self._players.close((leg.id, ""))
        self._tapping.leave(leg.id)
        self._out_of_room(leg)
        self._ticker.arrivals.remove(leg)
        leg.close(self._now)
        stats = leg.stats()
        self._ports.give_back(leg.pair)
        self._bank.give_back(leg.row)
        return stats

    # -- rooms -----------------------------------------------------------------------------------

    def _join(self, command: m.Join) -> m.Result:
        leg = self._legs.get(command.leg)
        if leg is None:
            return m.Refused("unknown", command.leg)
        if not command.room:
            return m.Refused("invalid", "a room has a name")
        if leg.room != command.room:
            self._out_of_room(leg)
            self._rooms.join(leg, command.room, muted=command.muted, deaf=command.deaf)
        else:
            self._set_member(m.SetMember(leg.id, command.muted, command.deaf))
        return DONE

    def _leave(self, command: m.Leave) -> m.Result:
        leg = self._legs.get(command.leg)
        if leg is None or not leg.room:
            return m.Refused("unknown", command.leg)
        self._out_of_room(leg)
        return DONE

    def _out_of_room(self, leg: Leg) -> None:
        gone = self._rooms.leave(leg) if leg.room else ""
        if gone:
            self._recorders.close("", gone)
            self._players.close(("", gone))

    def _set_member(self, command: m.SetMember) -> m.Result:
        leg = self._legs.get(command.leg)
        if leg is None or not leg.room:
            return m.Refused("unknown", command.leg)
        leg.muted = leg.muted if command.muted is None else command.muted
        leg.deaf = leg.deaf if command.deaf is None else command.deaf
        if command.heard_by is not None:
            leg.heard_by = command.heard_by
        leg.attentive = command.attentive
        self._rooms.changed()
        return DONE

    def _missing(self, leg: str, room: str) -> bool:
        return (bool(leg) and leg not in self._legs) or (
            bool(room) and room not in self._rooms.rooms
        )

    # -- sound -----------------------------------------------------------------------------------

    def _play(self, command: m.Play) -> m.Result:
        if self._missing(command.leg, command.room):
            return m.Refused("unknown", command.leg or command.room)
        return self._players.play(command)

    def _record(self, command: m.Record) -> m.Result:
        if self._missing(command.leg, command.room):
            return m.Refused("unknown", command.leg or command.room)
        return self._recorders.record(command)

    def _send_digits(self, command: m.SendDigits) -> m.Result:
        leg = self._legs.get(command.leg)
        if leg is None:
            return m.Refused("unknown", command.leg)
        if not command.digits:
            leg.outgoing.drop_digits()
            return DONE
        if not (20 <= command.tone_ms <= 10_000 and 0 <= command.gap_ms <= 10_000):
            return m.Refused("invalid", "tone_ms 20-10000, gap_ms 0-10000")
        wrong = leg.outgoing.add_digits(
            command.digits, command.tone_ms, command.gap_ms, command.method
        )
        return m.Refused("invalid", wrong) if wrong else DONE

    def _hear(self, command: m.Hear) -> m.Result:
        leg = self._legs.get(command.leg)
        if leg is None:
            return m.Refused("unknown", command.leg)
        if leg.active:
            leg.read_late(self._now)
        return DONE

    def _watch(self, command: m.Watch) -> m.Result:
        leg = self._legs.get(command.leg)
        if leg is None:
            return m.Refused("unknown", command.leg)
        state = SpeechState(command.threshold, command.hangover_ms)
        leg.watch = state if command.speech else None
        return DONE

    def _open_tap(self, command: m.OpenTap) -> m.Result:
        leg = self._legs.get(command.leg)
        if leg is None:
            return m.Refused("unknown", command.leg)
        return self._tapping.open(command, leg.row, self._now)

    # -- figures ---------------------------------------------------------------------------------

    def _leg_stats(self, command: m.GetLegStats) -> m.Result:
        leg = self._legs.get(command.leg)
        return m.Refused("unknown", command.leg) if leg is None else leg.stats()

    def _process_stats(self, _: m.GetProcessStats) -> m.Result:
        return m.ProcessStats(
            legs=len(self._legs),
            rooms=len(self._rooms.rooms),
            ticks=self._ticker.ticks,
            late_ticks=self.late_ticks,
            skipped_ticks=self.skipped_ticks,
            busy_s=round(self.busy_s, 6),
            tap_frames_dropped=self.tap_frames_dropped,
            free_ports=self._ports.free,
        )
