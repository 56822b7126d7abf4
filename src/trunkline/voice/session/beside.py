"""What goes on beside a call's document: recordings, sounds and streams, of either leg."""

from collections.abc import Callable

from trunkline.voice.events import LegEvent, PlaybackEnded, RecordingEnded, StreamTold
from trunkline.voice.session.ports import Carried, Taped
from trunkline.voice.session.streams import CallStream
from trunkline.voice.telephony import Leg, RecordingSpec


class Beside:
    """One call's; a leg that goes its own way takes what is its along."""

    def __init__(self) -> None:
        self.recordings: dict[str, Callable[[RecordingEnded], None]] = {}
        """Who is told of those that are under way."""
        self.taped: dict[str, Taped] = {}
        """Recordings of orders, by their ids."""
        self.overlays: dict[str, list[tuple[Leg, str]]] = {}
        """What is played by "play" and "speak" from outside."""
        self.askers: dict[str, Leg] = {}
        """By whose uuid a playback was asked for, if another leg hears it."""
        self.streams: dict[str, CallStream] = {}
        """All that the call has had."""
        self.on_stream: dict[str, Callable[[StreamTold], None]] = {}
        """Who is told of those that are under way."""

    async def record(
        self, spec: RecordingSpec, finished: Callable[[RecordingEnded], None], leg: Leg
    ) -> str:
        """Record a leg and return the URL; `finished` is called when the file is there."""
        self.recordings[spec.recording_id] = finished
        try:
            return await leg.record(spec)
        except BaseException:
            del self.recordings[spec.recording_id]
            raise

    def streamed(self, leg: Leg) -> list[str]:
        """Return the ids of a leg's streams that are under way."""
        return [one for one in self.on_stream if self.streams[one].leg is leg]

    def awaits_others(self, own: Leg) -> bool:
        """Whether a recording or stream of another leg has not ended, which is ours to tell of."""
        taped = [one for one, tape in self.taped.items() if tape.leg is not own]
        return any(one in self.recordings for one in taped) or len(self.streamed(own)) < len(
            self.on_stream
        )

    def hand_over(self, leg: Leg) -> Carried:
        """Give away what goes on in a leg that goes its own way."""
        taped = {one: tape for one, tape in self.taped.items() if tape.leg is leg}
        carried = Carried(
            {one: self.recordings.pop(one) for one in taped if one in self.recordings},
            taped,
            {kind: [one for one in all_ if one[0] is leg] for kind, all_ in self.overlays.items()},
            {one: stream for one, stream in self.streams.items() if stream.leg is leg},
            {one: self.on_stream.pop(one) for one in self.streamed(leg)},
        )
        for kind, playing in self.overlays.items():
            self.overlays[kind] = [one for one in playing if one[0] is not leg]
        return carried

    def take_over(self, carried: Carried) -> None:
        """Go on with what another call has given away."""
        self.recordings.update(carried.recordings)
        self.taped.update(carried.taped)
        self.overlays.update(carried.overlays)
        self.streams.update(carried.streams)
        self.on_stream.update(carried.on_stream)

    def heeds(self, event: LegEvent) -> bool:
        """Look after an event; whether it was of nobody else's business."""
        match event:
            case RecordingEnded() if event.recording_id in self.recordings:
                self.recordings.pop(event.recording_id)(event)
                return True
            case StreamTold():
                self._streamed(event)
                return False
            case PlaybackEnded():
                return self._played(event.playback)
            case _:
                return False

    def _streamed(self, event: StreamTold) -> None:
        told = self.on_stream.get(event.stream_id)
        if event.what == "StopStream":  # its last word
            self.on_stream.pop(event.stream_id, None)
        if told is not None:
            told(event)

    def played_for(self, leg: Leg, kind: str) -> list[tuple[Leg, str]]:
        """Return what a leg hears of a kind, and what others hear by its uuid."""
        playing = self.overlays.get(kind, ())
        return [one for one in playing if leg in (one[0], self.askers.get(one[1]))]

    def _played(self, playback: str) -> bool:
        self.askers.pop(playback, None)
        for playing in self.overlays.values():
            for one in playing:
                if one[1] == playback:
                    playing.remove(one)
                    return True
        return False
