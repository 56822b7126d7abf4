"""A leg's place in a media process: what is asked of it, and how refusals are said."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from trunkline.engines.media import MediaBusy, MediaGone, MediaPool, MediaProcess
from trunkline.engines.media.messages import (
    Command,
    LegOpened,
    LegStats,
    Piece,
    Result,
    Stream,
)
from trunkline.engines.media.messages import Refused as MediaRefused
from trunkline.values.ids import new_uuid
from trunkline.voice.telephony import LegGone, Refused

_LOOPBACK: Final = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - read only
_CLOSE_TRIES: Final = 50
_CLOSE_PAUSE_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class Address:
    """Where a channel receives RTP; RTCP is on the next port."""

    host: str
    port: int


class Channel:
    """One leg of a media process."""

    def __init__(self, process: MediaProcess, channel_id: str, at: Address) -> None:
        self.process: Final = process
        self.id: Final = channel_id
        self.at: Final = at
        self.closed = False

    @property
    def local_host(self) -> str:
        """Where this machine itself reaches it; what peers are told may be beyond a NAT."""
        bind = self.process.config.bind
        return _LOOPBACK.get(bind, bind)

    async def do(self, command: Command) -> Result:
        """Have a command done.

        Raises:
            LegGone: the channel, or its process, is no more.
            Refused: it is not done; the text says why.
        """
        try:
            return self._result(await self._send(command))
        except MediaGone as error:
            raise LegGone(str(error)) from error

    def pour(self, piece: Piece, done: Callable[[str | None], None]) -> None:
        """Feed a tap after what was asked before, without waiting.

        `done` is told why it was not taken, "" if it was, None if nobody knows any more.

        Raises:
            LegGone: nothing was asked.
            Refused: nothing was asked.
        """
        if self.closed:
            raise LegGone("the leg has ended")
        try:
            self.process.pour(piece, done)
        except MediaGone as error:
            raise LegGone(str(error)) from error
        except MediaBusy as error:
            raise Refused(str(error)) from error

    def _send(self, command: Command) -> asyncio.Future[Result]:
        if self.closed:
            raise LegGone("the leg has ended")
        try:
            return self.process.send(command)
        except MediaGone as error:
            raise LegGone(str(error)) from error
        except MediaBusy as error:
            raise Refused(str(error)) from error

    def _result(self, result: Result) -> Result:
        if isinstance(result, MediaRefused):
            if self.closed:
                raise LegGone("the leg has ended")
            raise Refused(f"{result.reason}: {result.detail}")
        return result

    async def set_stream(self, stream: Stream) -> None:
        """Start or change its RTP. Raises as `do` does."""
        try:
            refused = await self.process.set_stream(self.id, stream)
        except MediaGone as error:
            raise LegGone(str(error)) from error
        except MediaBusy as error:
            raise Refused(str(error)) from error
        if refused is not None:
            raise Refused(f"{refused.reason}: {refused.detail}")

    async def close(self) -> LegStats | None:
        """Give its ports back; what it played and recorded ends. Its figures, if it still had."""
        if self.closed:
            return None
        self.closed = True
        with contextlib.suppress(MediaGone):
            for _ in range(_CLOSE_TRIES):
                try:
                    closed = await self.process.close_leg(self.id)
                except MediaBusy:  # its ports must not be lost for that
                    await asyncio.sleep(_CLOSE_PAUSE_S)
                else:
                    return closed if isinstance(closed, LegStats) else None
        return None


async def open_channel(pool: MediaPool | None) -> Channel:
    """Open a channel where there is most room. Raises Refused when there is none."""
    process = pool.pick() if pool is not None else None
    if process is None:
        raise Refused("no media process has room")
    return await open_in(process, new_uuid())


async def open_in(process: MediaProcess, channel_id: str) -> Channel:
    """Open a channel in this process. Raises Refused."""
    try:
        opened = await process.open_leg(channel_id)
    except (MediaGone, MediaBusy) as error:
        raise Refused(str(error)) from error
    if not isinstance(opened, LegOpened):
        raise Refused(f"{opened.reason}: {opened.detail}")
    return Channel(process, channel_id, Address(opened.address, opened.port))
