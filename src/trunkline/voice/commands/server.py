"""The side of commands that has the calls: each is carried out, and answered with an Outcome.

Rubbish on the bus is answered too. A defect while a command is carried out is the bus's own
failure: the asker is told, and the calls go on.
"""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any

import msgspec
import structlog

from trunkline.runtime.bus import Bus
from trunkline.runtime.db import DatabaseError
from trunkline.voice.commands import on_calls, on_gatherings, on_members, results, wire
from trunkline.voice.commands.desk import CallerRule, Desk, Queue
from trunkline.voice.commands.later import Later
from trunkline.voice.commands.on_participants import Participants
from trunkline.voice.commands.refusals import CommandRefused, why_of
from trunkline.voice.live import LiveCalls
from trunkline.voice.session.orders import OrderError
from trunkline.voice.session.ports import Ports
from trunkline.voice.telephony import TelephonyError

log = structlog.get_logger(__name__)

Doer = Callable[[Desk, Any], Awaitable[msgspec.Struct]]

_decoder = msgspec.msgpack.Decoder(wire.AnyCommand)
_encode = msgspec.msgpack.Encoder().encode

_DOERS: Mapping[type[wire.Command], Doer] = MappingProxyType(
    {
        wire.HangUpCall: on_calls.hang_up,
        wire.HangUpAllCalls: on_calls.hang_up_all,
        wire.CancelRequest: on_calls.cancel_request,
        wire.TransferCall: on_calls.transfer,
        wire.PlayToCall: on_calls.play,
        wire.StopPlayingToCall: on_calls.stop_playing,
        wire.RecordCall: on_calls.record,
        wire.StopRecordingCall: on_calls.stop_recording,
        wire.SendKeys: on_calls.send_keys,
        wire.StartStream: on_calls.start_stream,
        wire.StopStream: on_calls.stop_stream,
        wire.ListStreams: on_calls.list_streams,
        wire.ListGatherings: on_gatherings.list_,
        wire.GetGathering: on_gatherings.get,
        wire.StartGathering: on_gatherings.start,
        wire.EndGathering: on_gatherings.end,
        wire.EndAllConferences: on_gatherings.end_all,
        wire.RecordGathering: on_gatherings.record,
        wire.StopRecordingGathering: on_gatherings.stop_recording,
        wire.PauseRecordingGathering: on_gatherings.pause_recording,
        wire.ToMembers: on_members.to_members,
        wire.RecordMembers: on_members.record,
        wire.StopRecordingMembers: on_members.stop_recording,
        wire.PauseRecordingMembers: on_members.pause_recording,
    }
)


class CommandServer:
    """Answers commands until it is closed."""

    def __init__(
        self,
        bus: Bus,
        calls: LiveCalls,
        ports: Ports,
        queue: Queue,
        bars: CallerRule,
        subject: str = wire.SUBJECT,
    ) -> None:
        """Begin to answer; raises ValueError when somebody in this process does already.

        `bars` tells who may not be called under which number.
        """
        self._later = Later(queue, calls, ports)
        self._desk = Desk(calls, ports, self._later, bars)
        self._participants = Participants(self._desk, self._later)
        self._end = bus.serve(subject, self._answer)

    def close(self) -> None:
        """Answer no more."""
        self._end()

    async def end_waiting(self) -> None:
        """Call no participants that wait to be called; their records end."""
        await self._later.close()

    async def _answer(self, payload: bytes) -> bytes:
        try:
            command = _decoder.decode(payload)
        except (msgspec.DecodeError, RecursionError) as error:
            log.warning("command.unreadable", error=str(error)[:200])
            return _encode(results.Outcome(why="unread", message="the command cannot be read"))
        try:
            result = await self._do(command)
        except CommandRefused as error:
            return _encode(results.Outcome(why=error.why, message=str(error), field=error.field))
        except OrderError as error:
            return _encode(results.Outcome(why=why_of(error), message=str(error)))
        except TelephonyError as error:  # of a room: nobody is in it, a leg has just ended
            return _encode(results.Outcome(why="not_now", message=str(error)))
        except DatabaseError as error:
            log.warning("command.database", error=str(error))
            return _encode(results.Outcome(why="unavailable"))
        return _encode(results.Outcome(msgspec.Raw(_encode(result))))

    async def _do(self, command: wire.AnyCommand) -> msgspec.Struct:
        if isinstance(command, wire.AddParticipants):
            return await self._participants.add(command)
        return await _DOERS[type(command)](self._desk, command)
