"""The control process's side: starts a media process, keeps it running, talks to it."""

import asyncio
import contextlib
import logging
import os
import socket
import sys
from collections.abc import Callable
from typing import Final

import msgspec

from trunkline.engines.media.config import MediaConfig
from trunkline.engines.media.messages import (
    CloseLeg,
    Command,
    Event,
    GetProcessStats,
    Heard,
    LegOpened,
    LegStats,
    Lost,
    OpenLeg,
    Piece,
    ProcessStats,
    Ready,
    Refused,
    Reply,
    Request,
    Result,
    SetStream,
    Stalled,
    Stream,
    Told,
)
from trunkline.engines.media.pouring import MediaBusy, MediaGone, Pouring, Taken
from trunkline.engines.media.wire import BadFrame, Unpacker, pack

logger = logging.getLogger(__name__)

_READY_S: Final = 15.0
_REPLY_S: Final = 10.0  # it answers within a tick; a busy machine may stop it for seconds
_OURS_S: Final = 0.5  # a look so late was held up by ourselves, and so were the answers
_WARN_EACH_S: Final = 60.0
_CLOSE_S: Final = 10.0
_MOST_OUTSTANDING: Final = 2000
_MOST_UNSENT: Final = 8 << 20
_RESTART_S: Final = (0.1, 5.0)
_ONE_THREAD: Final = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


class MediaProcess:
    """One process. `on_event` runs in the event loop and must not block.

    When the process dies, `Lost` with the legs that were open is told and another is started.
    """

    def __init__(
        self, config: MediaConfig, on_event: Callable[[Event], None], *, reply_s: float = _REPLY_S
    ) -> None:
        """`reply_s`: without an answer for so long it counts as hanging, and is killed."""
        self.config: Final = config
        self._on_event = on_event
        self._reply_s = reply_s
        self._process: asyncio.subprocess.Process | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._pending: dict[int, tuple[asyncio.Future[Result], float]] = {}  # by age: when sent
        self._number = 0
        self._unsent: list[bytes] = []
        self._pouring = Pouring(self.send)
        self._watch: asyncio.TimerHandle | None = None
        self._excused_until = 0.0
        self._warned_at = -_WARN_EACH_S
        self._ready = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closing = False
        self.legs: set[str] = set()
        """Legs that are open there."""
        self.restarts = 0
        self.skipped_ms = 0
        """What all its legs have missed because it had no CPU for more than 100 ms."""

    @property
    def pid(self) -> int | None:
        """Of the process that runs now."""
        return self._process.pid if self._process else None

    @property
    def ready(self) -> bool:
        """Whether commands are taken."""
        return self._ready.is_set()

    async def start(self) -> None:
        """Return once the process serves.

        Raises:
            MediaGone: it does not come up.
        """
        self._task = asyncio.create_task(self._supervise(), name="media process")
        try:
            async with asyncio.timeout(_READY_S):
                await self._ready.wait()
        except TimeoutError:
            await self.close()
            raise MediaGone("the media process does not start") from None

    async def close(self) -> None:
        """End all legs and the process; recordings are closed first."""
        self._closing = True
        if not self.ready:
            self._kill()  # it has nothing to close
        elif self._writer is not None:
            self._writer.write_eof()
        if self._task is not None:
            _, running = await asyncio.wait({self._task}, timeout=_CLOSE_S)
            if running:
                self._kill()
                await asyncio.wait({self._task}, timeout=_CLOSE_S)
            self._task = None

    # -- commands --------------------------------------------------------------------------------

    async def request(self, command: Command) -> Result:
        """Have a command done; `Refused` is a result like others.

        Raises:
            MediaGone: no answer will come.
            MediaBusy: nothing was sent.
        """
        return await self.send(command)

    def send(self, command: Command) -> asyncio.Future[Result]:
        """Have a command done, after those before; the future has what `request` returns or raises.

        What is sent in one turn of the loop goes out together.

        Raises:
            MediaGone: no answer will come.
            MediaBusy: nothing was sent.
        """
        self._look_for_room()
        self._pouring.flush()  # it was before this
        loop = asyncio.get_running_loop()
        self._number += 1
        future: asyncio.Future[Result] = loop.create_future()
        self._pending[self._number] = (future, loop.time())
        if not self._unsent:
            loop.call_soon(self._flush)
        self._unsent.append(pack(Request(self._number, command)))
        if self._watch is None:
            self._watch = loop.call_later(self._reply_s, self._look)
        return future

    def pour(self, piece: Piece, done: Taken) -> None:
        """Feed a tap, after what was asked before; goes out with other pieces some ms later.

        Raises:
            MediaGone: no answer will come.
            MediaBusy: nothing was sent.
        """
        if not self._pouring.waiting:
            self._look_for_room()
        self._pouring.add(piece, done)

    def _look_for_room(self) -> None:
        writer = self._writer
        if writer is None or not self._ready.is_set():
            raise MediaGone("the media process does not run")
        if (
            len(self._pending) >= _MOST_OUTSTANDING
            or writer.transport.get_write_buffer_size() > _MOST_UNSENT
        ):
            raise MediaBusy(f"{len(self._pending)} commands wait")

    def _flush(self) -> None:
        octets, self._unsent = b"".join(self._unsent), []
        if self._writer is not None:
            self._writer.write(octets)

    def _look(self) -> None:
        """Look whether the oldest command waits for too long."""
        watch, self._watch = self._watch, None
        sent_at = next((at for _, at in self._pending.values()), None)
        if sent_at is None or watch is None:
            return
        loop = asyncio.get_running_loop()
        now = loop.time()
        if now - watch.when() > _OURS_S:
            self._excused_until = now + self._reply_s
        left_s = max(sent_at + self._reply_s, self._excused_until) - now
        if left_s > 0:
            self._watch = loop.call_later(left_s, self._look)
            return
        self._give_up(f"no answer within {self._reply_s:g} s")
        self._kill()  # it hangs, and all its calls with it: `Lost` follows

    async def open_leg(self, leg: str) -> LegOpened | Refused:
        """Reserve a leg's ports, before its SDP is written."""
        self.legs.add(leg)  # at once: others ask meanwhile whether there is room
        try:
            result = await self.request(OpenLeg(leg))
        except BaseException:
            self.legs.discard(leg)
            raise
        if isinstance(result, LegOpened):
            return result
        self.legs.discard(leg)
        return _refusal(result)

    async def set_stream(self, leg: str, stream: Stream) -> Refused | None:
        """Start or change a leg's RTP; None when done."""
        result = await self.request(SetStream(leg, stream))
        return result if isinstance(result, Refused) else None

    async def close_leg(self, leg: str) -> LegStats | Refused:
        """End a leg; its figures."""
        result = await self.request(CloseLeg(leg))
        self.legs.discard(leg)
        return result if isinstance(result, LegStats) else _refusal(result)

    async def stats(self) -> ProcessStats:
        """The process's figures.

        Raises:
            MediaGone: see `request`.
        """
        result = await self.request(GetProcessStats())
        if not isinstance(result, ProcessStats):
            raise MediaGone(f"an answer to something else: {result!r}")
        return result

    # -- the process -----------------------------------------------------------------------------

    async def _supervise(self) -> None:
        delay, most = _RESTART_S
        while not self._closing:
            began = asyncio.get_running_loop().time()
            reason = await self._live()
            if self._closing:
                return
            self._tell_lost(reason)
            self.restarts += 1
            if asyncio.get_running_loop().time() - began > 60 * most:
                delay = _RESTART_S[0]
            await asyncio.sleep(delay)
            delay = min(delay * 2, most)

    async def _live(self) -> str:
        """Run one process to its end; why it ended."""
        ours, theirs = socket.socketpair()
        try:
            self._process = process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "trunkline.engines.media.process", str(theirs.fileno()),
                msgspec.json.encode(self.config).decode(),
                stdin=asyncio.subprocess.DEVNULL, pass_fds=[theirs.fileno()],
                env={**os.environ, **_ONE_THREAD},
            )  # fmt: skip
        except OSError as error:
            ours.close()
            return f"it cannot be started: {error}"
        finally:
            theirs.close()
        if self._closing:
            self._kill()
        reader, self._writer = await asyncio.open_connection(sock=ours)
        try:
            reason = await self._listen(reader)
        finally:
            self._disconnect()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_CLOSE_S):
                    await process.wait()
            self._kill()
            await process.wait()
        return f"{reason}, exit code {process.returncode}"

    async def _listen(self, reader: asyncio.StreamReader) -> str:
        decoder = msgspec.msgpack.Decoder(Reply | Told)
        unpacker = Unpacker[Reply | Told](decoder)
        try:
            while data := await reader.read(1 << 18):
                for message in unpacker.feed(data):
                    if isinstance(message, Reply):
                        self._settle(message)
                    else:
                        self._tell(message.event)
        except (OSError, BadFrame) as error:
            return str(error)
        return "it closed the socket"

    def _settle(self, reply: Reply) -> None:
        waiting = self._pending.pop(reply.number, None)
        if waiting is not None and not waiting[0].done():
            waiting[0].set_result(reply.result)

    def _tell(self, event: Event) -> None:
        if isinstance(event, Ready):
            self._ready.set()
        if isinstance(event, Stalled):
            self._warn(event)
        if isinstance(event, Heard):
            self._pouring.ticked()
        try:
            self._on_event(event)
        except Exception:  # the edge: who listens badly must not stop the reading of replies
            logger.exception("handling %r failed", event)

    def _warn(self, stalled: Stalled) -> None:
        self.skipped_ms += stalled.skipped_ms
        now = asyncio.get_running_loop().time()
        if now - self._warned_at >= _WARN_EACH_S:
            self._warned_at = now
            logger.warning(
                "the media process had no CPU: %d ms of all its calls are missing",
                stalled.skipped_ms,
            )

    def _tell_lost(self, reason: str) -> None:
        legs = tuple(sorted(self.legs))
        self.legs.clear()
        logger.error("the media process died (%s) with %d legs", reason, len(legs))
        self._tell(Lost(legs, reason))

    def _disconnect(self) -> None:
        self._ready.clear()
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        self._unsent.clear()
        self._give_up("the media process died")

    def _give_up(self, why: str) -> None:
        waiting, self._pending = self._pending, {}
        for future, _ in waiting.values():
            if not future.done():
                future.set_exception(MediaGone(why))

    def _kill(self) -> None:
        process = self._process
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()


def _refusal(result: Result) -> Refused:
    return result if isinstance(result, Refused) else Refused("failed", repr(result))
