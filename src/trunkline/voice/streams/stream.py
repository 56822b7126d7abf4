"""One audio stream: from its connection to its end."""

import asyncio
import contextlib
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, Final, Literal

import structlog

from trunkline.engines.websocket import (
    Dialler,
    NotOpened,
    PeerGone,
    UpgradeRefused,
    WebSocket,
)
from trunkline.protocols.audiostream.formats import Format
from trunkline.protocols.audiostream.outgoing import Track, Writer
from trunkline.runtime.clock import Clock
from trunkline.voice.events import StreamTold
from trunkline.voice.streams.backlog import Backlog
from trunkline.voice.streams.wishes import Wishes
from trunkline.voice.switch.ports import Tell
from trunkline.voice.switch.taps import Pressed, Reached, Tap, TapFrame, TapItem, Tapped
from trunkline.voice.telephony import LegGone, Refused, StreamSpec, TelephonyError

log = structlog.get_logger(__name__)

_TRIES_AFTER_S: Final = (0.5, 1.0)  # PLIVO streams: connected to at most three times
_GOING: Final = (1000, 1001, 1005)  # RFC 6455 7.4.1: closed as it should be

# PLIVO streams: reasons of StopStream
HANGUP: Final = "Call hangup"
BY_API: Final = "API request"
TIMEOUT: Final = "Stream timeout"
BROKEN: Final = "Connection error"
CLOSED: Final = "Connection closed"
RUDE: Final = "Protocol error"

TRACKS: Final[dict[str, tuple[Track, ...]]] = {
    "inbound": ("inbound",),
    "outbound": ("outbound",),
    "both": ("inbound", "outbound"),
}
What = Literal["StartStream", "StopStream", "DroppedStream", "DegradedStream"]


@dataclass(frozen=True, slots=True)
class Around:
    """What streams need."""

    dialler: Dialler
    clock: Clock
    connect_s: float = 5.0


class AudioStream:
    """A stream; `begin` returns at once, `over` is true once StopStream was told."""

    def __init__(
        self, around: Around, leg: Tapped, spec: StreamSpec, audio: Format, tell: Tell
    ) -> None:
        self._around = around
        self._leg = leg
        self._spec = spec
        self._audio = audio
        self._tell_leg = tell
        self._tracks = TRACKS[spec.track]
        self._writer = Writer(spec.stream_id, leg.uuid, spec.account_id, spec.extra_headers)
        self._asked = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._dropped = False
        self.over = False

    def begin(self) -> None:
        """Connect and stream, in a task of its own."""
        self._task = asyncio.create_task(self._run(), name=f"stream {self._spec.stream_id}")

    async def close(self) -> None:
        """End it; StopStream was told when this returns."""
        self._asked.set()
        if self._task is not None:
            await asyncio.wait({self._task})

    async def _run(self) -> None:
        reason = BROKEN
        try:
            reason = await self._first(self._live(), self._wait_for_close(), self._expire())
        except Exception:  # the edge of a stream: the call goes on without it
            log.exception("stream.broken", stream_id=self._spec.stream_id)
        finally:
            if self._dropped:
                self._tell("DroppedStream", reason)
            self.over = True
            self._tell("StopStream", reason)

    async def _first(self, *parts: Coroutine[Any, Any, str]) -> str:
        """Return why the first of them ended, and end the others."""
        tasks = [asyncio.create_task(part) for part in parts]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            return next(task for task in tasks if task in done).result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _wait_for_close(self) -> str:
        await self._asked.wait()
        return self._ended_by()

    async def _expire(self) -> str:
        await self._around.clock.sleep(self._spec.timeout_s)
        return TIMEOUT

    def _ended_by(self) -> str:
        if self._leg.over:
            return HANGUP
        return BY_API if self._asked.is_set() else TIMEOUT

    # --- connected -------------------------------------------------------------------------------

    async def _live(self) -> str:
        try:
            socket = await self._connect()
        except NotOpened as problem:
            self._dropped = True
            refused = isinstance(problem, UpgradeRefused) and problem.status in (401, 403)
            return f"{'authentication_failed' if refused else 'connection_failed'}: {problem}"
        try:
            return await self._talk(socket)
        except PeerGone as gone:
            self._dropped = gone.code not in _GOING
            return BROKEN if self._dropped else CLOSED
        except LegGone:
            return HANGUP
        except Refused as refusal:
            return str(refusal)
        finally:
            self._say_goodbye(socket)
            await socket.close()

    async def _connect(self) -> WebSocket:
        for pause_s in (*_TRIES_AFTER_S, None):
            try:
                return await self._around.dialler.open(
                    self._spec.url, self._spec.headers, timeout_s=self._around.connect_s
                )
            except NotOpened as problem:
                log.info("stream.unconnected", url=self._spec.url, reason=str(problem))
                if pause_s is None or problem.lasting:
                    raise
                await self._around.clock.sleep(pause_s)
        raise NotOpened("It was not tried.")

    def _say_goodbye(self, socket: WebSocket) -> None:
        socket.on_writable = _nothing
        socket.send(self._writer.stop(self._ended_by()))

    async def _talk(self, socket: WebSocket) -> str:
        tap = await self._leg.open_tap(
            tracks=self._tracks, encoding=self._audio.encoding, rate=self._audio.rate
        )
        try:
            backlog = Backlog(
                socket.send,
                lambda level: self._tell("DegradedStream", f"The buffer is {level} % full"),
            )
            socket.on_writable = backlog.flush
            backlog.put(self._writer.start(self._tracks, self._audio))
            self._tell("StartStream")
            wishes = Wishes(
                self._leg, tap, self._writer, backlog, bidirectional=self._spec.bidirectional
            )
            socket.on_message = wishes.play
            return await self._first(self._say(tap, backlog), self._obey(socket, wishes))
        finally:
            socket.on_message = _left
            with contextlib.suppress(TelephonyError):  # it went with its leg
                await tap.close()

    async def _say(self, tap: Tap, backlog: Backlog) -> str:
        """Send what the leg says and hears until it ends: no task is woken for a frame."""
        began_ms = int(self._around.clock.now() * 1000)
        ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        media = self._writer.media

        def heard(item: TapItem | None) -> None:
            if isinstance(item, TapFrame):
                backlog.put(media(item.track, began_ms + item.at_ms, item.audio), audio=True)
                return
            match item:
                case Reached(name=name):
                    backlog.put(self._writer.played(name))
                case Pressed(digit=digit):
                    now_ms = int(self._around.clock.now() * 1000)
                    backlog.put(self._writer.digit(digit, now_ms))
                case None if not ended.done():
                    ended.set_result(HANGUP)
                case None:
                    pass

        tap.attach(heard)
        return await ended

    async def _obey(self, socket: WebSocket, wishes: Wishes) -> str:
        await wishes.obey(socket)
        self._dropped = True
        return RUDE

    def _tell(self, what: What, reason: str = "") -> None:
        self._tell_leg(StreamTold(self._leg.uuid, self._spec.stream_id, what, reason))


def _left(_: bytes) -> bool:
    """Nothing is played any more."""
    return False


def _nothing() -> None:
    """Nothing waits any more."""
