"""What the application asks of a stream: audio is played as it arrives, the rest in turn."""

from typing import Final

from trunkline.engines.websocket import WebSocket
from trunkline.protocols.audiostream import incoming
from trunkline.protocols.audiostream.outgoing import Writer
from trunkline.voice.streams.backlog import Backlog
from trunkline.voice.switch.taps import Tap, Tapped
from trunkline.voice.telephony import Refused, TelephonyError

_MOST_BAD: Final = 50


class Wishes:
    """One stream's; `tap` is where its audio goes, `backlog` where answers go."""

    def __init__(
        self, leg: Tapped, tap: Tap, writer: Writer, backlog: Backlog, *, bidirectional: bool
    ) -> None:
        self._leg = leg
        self._tap = tap
        self._writer = writer
        self._backlog = backlog
        self._bidirectional = bidirectional
        self._bad = 0  # messages in a row that cannot be obeyed

    def play(self, octets: bytes) -> bool:
        """Play a message that has just arrived; False: it is not audio that can be taken now.

        No task is woken for it. What is left goes to `obey`, in the order it came.
        """
        try:
            wish = incoming.read(octets)
            if not isinstance(wish, incoming.PlayAudio) or not self._bidirectional:
                return False
            self._bad = 0
            return self._pour(wish)
        except (incoming.BadMessage, TelephonyError):
            return False

    async def obey(self, socket: WebSocket) -> None:
        """Do what is left until nothing of it makes sense. Raises PeerGone, LegGone."""
        while self._bad < _MOST_BAD:
            octets = await socket.receive()
            try:
                wish = incoming.read(octets)
            except incoming.BadMessage as problem:
                self._bad += 1
                self._backlog.put(self._writer.error(str(problem)))
                continue
            self._bad = 0
            try:
                await self._grant(wish)
            except Refused as refusal:
                self._refused(refusal)

    async def _grant(self, wish: incoming.Wish) -> None:
        if not self._bidirectional and not isinstance(wish, incoming.SendDigits):
            self._backlog.put(self._writer.error("the stream is not bidirectional"))
            return
        match wish:
            case incoming.PlayAudio(format=form, audio=audio):
                if not self._pour(wish):
                    await self._tap.feed(audio, encoding=form.encoding, rate=form.rate)
            case incoming.Checkpoint(name=name):
                await self._tap.checkpoint(name)
            case incoming.ClearAudio():
                await self._tap.clear()
                self._backlog.put(self._writer.cleared())
            case incoming.SendDigits(digits=digits):
                await self._leg.send_digits(digits)

    def _pour(self, wish: incoming.PlayAudio) -> bool:
        form = wish.format
        return self._tap.pour(wish.audio, form.encoding, form.rate, self._refused)

    def _refused(self, refusal: Refused) -> None:
        reason = str(refusal)
        if reason.startswith("full"):
            reason = "buffer_overflow: 60 s of audio wait to be played already"
        self._backlog.put(self._writer.play_failed(reason))
