"""The switch's port `Senses`: recognition, judging machines, streams."""

from trunkline.engines.speech import Recogniser
from trunkline.voice.senses import awaiting, judging, listening
from trunkline.voice.streams.stream import AudioStream
from trunkline.voice.streams.streamer import Streamer
from trunkline.voice.switch.ports import Tell
from trunkline.voice.switch.taps import Tapped
from trunkline.voice.telephony import ListenSpec, MachineSpec, StreamSpec


class Ears:
    """One object a process."""

    def __init__(self, *, recogniser: Recogniser, streamer: Streamer) -> None:
        self._recogniser = recogniser
        self._streamer = streamer

    async def listen(self, leg: Tapped, spec: ListenSpec, tell: Tell) -> listening.Listening:
        """Recognise speech until closed. Raises Refused without a model; LegGone."""
        return await listening.listen(leg, spec, self._recogniser, tell)

    async def judge(self, leg: Tapped, spec: MachineSpec, tell: Tell) -> judging.Judging:
        """Tell MachineJudged, once. Raises LegGone, Refused."""
        return await judging.judge(leg, spec, tell)

    async def beep(self, leg: Tapped, tell: Tell) -> awaiting.Awaiting:
        """Tell Beeped, once. Raises LegGone, Refused."""
        return await awaiting.await_beep(leg, tell)

    async def stream(self, leg: Tapped, spec: StreamSpec, tell: Tell) -> AudioStream:
        """Stream to a WebSocket. Raises Refused for what cannot be streamed."""
        return await self._streamer.begin(leg, spec, tell)
