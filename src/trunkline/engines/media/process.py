"""The media process: one thread that ticks every 20 ms and takes commands in between.

Started by `client.MediaProcess` with the number of its end of a socket pair and its settings; it
ends when that socket does. Files are read and written by threads of their own.
"""

import contextlib
import gc
import logging
import os
import select
import signal
import socket
import sys
import time
from collections import deque
from typing import Final

import msgspec

from trunkline.engines.media.config import MediaConfig
from trunkline.engines.media.dsp.frames import TICK_MS, TICK_S
from trunkline.engines.media.engine import Engine
from trunkline.engines.media.messages import (
    Event,
    Heard,
    Pour,
    Ready,
    Refused,
    Reply,
    Request,
    Stalled,
    Told,
)
from trunkline.engines.media.wire import BadFrame, Unpacker, pack
from trunkline.runtime.clock import SystemClock

logger = logging.getLogger(__name__)

_READ: Final = 1 << 18
_TAP_ROOM: Final = 4 << 20  # unsent octets beyond which tapped audio is dropped
_MOST_UNSENT: Final = 64 << 20  # beyond it nobody reads there
_LAST_S: Final = 2.0
_CATCH_UP: Final = 5  # ticks done at once after a stall; more are skipped
_LATE_S: Final = 0.04  # beyond it, when packets are read says nothing of when they came
_REST_S: Final = (
    0.25  # from tick to tick while there is nobody: a laptop's battery minds 50 a second
)
_AWAKE_S: Final = 2.0  # after the last one has left: recordings are still told at once
_SWITCH_S: Final = 0.001  # so that a thread with a file holds the tick up for no longer


class Outbox:
    """Octets for the control process; writing never waits."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._parts: deque[bytes] = deque()
        self._size = 0
        self._urgent = False
        self.dropped = 0

    @property
    def waiting(self) -> bool:
        """Whether there is something that should go now."""
        return self._urgent and bool(self._parts)

    def tell(self, event: Event) -> None:
        """Queue an event; tapped audio gives way when the other side is slow."""
        if self._size > _TAP_ROOM and isinstance(event, Heard):
            self.dropped += len(event.frames)
            return
        self.put(pack(Told(event)))

    def put(self, octets: bytes, *, urgent: bool = True) -> None:
        """Queue octets; those that are not urgent go with what comes next."""
        self._parts.append(octets)
        self._size += len(octets)
        self._urgent |= urgent

    def hurry(self) -> None:
        """Let everything be urgent that is there."""
        self._urgent = True

    def flush(self) -> None:
        """Send what the socket takes, if there is something urgent.

        Raises:
            OSError: the other side is gone, or reads nothing any more.
        """
        if self._size > _MOST_UNSENT:
            raise OSError("the control process does not read")
        while self.waiting:
            joined = b"".join(self._parts) if len(self._parts) > 1 else self._parts[0]
            self._parts.clear()
            try:
                sent = self._sock.send(joined)
            except BlockingIOError:
                sent = 0
            self._size -= sent
            if sent < len(joined):
                self._parts.append(joined[sent:])
                return
        self._urgent = False


class MediaLoop:
    """Commands and ticks in turn."""

    def __init__(self, sock: socket.socket, config: MediaConfig) -> None:
        sock.setblocking(False)
        self._sock = sock
        self._outbox = Outbox(sock)
        self._engine = Engine(config, self._outbox.tell, SystemClock().now)
        self._unpacker = Unpacker(msgspec.msgpack.Decoder(Request))
        self._due = 0.0
        self._awake_until = 0.0

    def run(self) -> None:
        """Serve until the socket ends."""
        self._outbox.tell(Ready(os.getpid()))
        self._due = time.monotonic() + TICK_S
        try:
            while True:
                self._outbox.flush()
                if not self._wait():
                    return
                self._tick()
        except OSError as error:
            logger.warning("the control process is gone: %s", error)
        finally:
            self._engine.close()
            self._say_the_last()

    def _say_the_last(self) -> None:
        """Events of closing: recordings that are finished now."""
        self._sock.settimeout(_LAST_S)
        self._outbox.hurry()
        with contextlib.suppress(OSError):
            self._outbox.flush()

    def _wait(self) -> bool:
        """Take commands until the tick is due, or some were taken; False at the end."""
        writing = [self._sock] if self._outbox.waiting else []
        left = max(0.0, self._due - time.monotonic())
        readable, _, _ = select.select([self._sock], writing, [], left)
        if not readable:
            return True
        try:
            data = self._sock.recv(_READ)
        except BlockingIOError:
            return True
        if not data:
            return False
        try:
            requests = self._unpacker.feed(data)
        except BadFrame:
            logger.exception("what the control process says cannot be followed")
            return False
        now = time.monotonic()
        self._due = min(self._due, now + TICK_S)  # it may have been resting
        for request in requests:
            # An answer to audio is waited for by nobody: it goes with the tick's.
            lazy = isinstance(request.command, Pour)
            self._outbox.put(pack(self._answer(request, now)), urgent=not lazy)
        return True

    def _answer(self, request: Request, now: float) -> Reply:
        self._engine.tap_frames_dropped = self._outbox.dropped
        try:
            return Reply(request.number, self._engine.handle(request.command, now))
        except Exception as error:  # the edge of a command: the legs of others go on
            logger.exception("command %r failed", request.command)
            return Reply(request.number, Refused("failed", f"{type(error).__name__}: {error}"))

    def _tick(self) -> None:
        """Do the ticks that are due, and say when the next one is."""
        now = time.monotonic()
        if now >= self._due:
            self._outbox.hurry()
        if now - self._due > TICK_S:
            self._engine.late_ticks += 1
        done = 0
        while now >= self._due and done < _CATCH_UP:
            late_s = now - self._due  # anew each time: a tick itself may be held up
            self._due += self._skip(int(late_s / TICK_S) + 1 - (_CATCH_UP - done))
            ticked = True
            try:
                ticked = self._engine.tick(now, late=late_s > _LATE_S, held_up=self._is_late)
            except Exception:  # the clock of all legs must not stop
                logger.exception("a tick failed")
            if ticked:
                self._due += TICK_S
                done += 1
            now = time.monotonic()
        if not self._engine.idle:
            self._awake_until = now + _AWAKE_S
        elif done and now >= self._awake_until:
            self._due = now + _REST_S

    def _is_late(self) -> bool:
        return time.monotonic() - self._due > _LATE_S

    def _skip(self, ticks: int) -> float:
        """Leave out so many ticks, if any; their seconds."""
        if ticks <= 0:
            return 0.0
        if not self._engine.idle:
            self._engine.skip(ticks)
            self._outbox.tell(Stalled(ticks * TICK_MS))
        return ticks * TICK_S


def main() -> None:
    """`python -m trunkline.engines.media.process <fd> <settings as JSON>`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the group's signals are the control process's
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    logging.basicConfig(level=logging.WARNING, format="media %(levelname)s %(message)s")
    given = int(sys.argv[1])
    low = os.dup(given)  # select() wants a number below 1024
    os.close(given)
    config = msgspec.json.decode(sys.argv[2], type=MediaConfig)
    sys.setswitchinterval(_SWITCH_S)
    loop = MediaLoop(socket.socket(fileno=low), config)
    gc.collect()
    gc.freeze()
    loop.run()


if __name__ == "__main__":
    main()
