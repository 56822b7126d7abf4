"""Begins streams: refuses at once what cannot become one."""

import structlog

from trunkline.engines.websocket import NotOpened
from trunkline.protocols.audiostream.formats import UnknownFormat, format_of
from trunkline.voice.streams.stream import TRACKS, Around, AudioStream
from trunkline.voice.switch.ports import Tell
from trunkline.voice.switch.taps import Tapped
from trunkline.voice.telephony import Refused, StreamSpec

log = structlog.get_logger(__name__)


class Streamer:
    """One object a process."""

    def __init__(self, around: Around) -> None:
        self._around = around

    async def begin(self, leg: Tapped, spec: StreamSpec, tell: Tell) -> AudioStream:
        """Stream; the WebSocket is connected to meanwhile, StreamTold says how it went.

        Raises:
            Refused: the URL, the format or the track is wrong.
        """
        try:
            audio = format_of(spec.content_type)
            self._around.dialler.check(spec.url)
        except (UnknownFormat, NotOpened) as problem:
            raise Refused(str(problem)) from None
        if spec.track not in TRACKS:
            raise Refused(f"audioTrack must be one of {', '.join(TRACKS)}")
        if spec.bidirectional and spec.track != "inbound":
            # PLIVO streams: outbound and both are not for bidirectional ones
            raise Refused("a bidirectional stream has the track inbound")
        if spec.noise_cancellation is not None:
            log.info("stream.noise", stream_id=spec.stream_id, note="noise is not cancelled here")
        stream = AudioStream(self._around, leg, spec, audio, tell)
        stream.begin()
        return stream
