"""Wire ↔ domain for live calls."""

from collections.abc import Mapping
from dataclasses import dataclass

from trunkline.contract.context import Handler, RequestContext
from trunkline.contract.errors import InvalidParameter, MissingParameter
from trunkline.contract.operation import Confirmation
from trunkline.contract.operations.voice.live import (
    CallHangUp,
    CallHangUpAll,
    CallPlay,
    CallPlayStop,
    CallRecordStart,
    CallRecordStop,
    CallSendDigits,
    CallSpeak,
    CallSpeakStop,
    CallTransfer,
    RequestCancel,
)
from trunkline.contract.operations.voice.words import RecordingStarted
from trunkline.voice.commands import wire
from trunkline.voice.commands.api.audio import files, speech
from trunkline.voice.commands.client import CallControl, scope_of
from trunkline.voice.commands.results import Recorded
from trunkline.voice.keys import keys_of


@dataclass(frozen=True, slots=True)
class LiveCallApi:
    """The operations on live calls."""

    control: CallControl

    async def hang_up(self, context: RequestContext, request: CallHangUp) -> None:
        """End a call."""
        uuid = request.call_uuid.lower()
        await self.control.do(wire.HangUpCall(scope=scope_of(context), call_uuid=uuid))

    async def hang_up_all(self, context: RequestContext, _request: CallHangUpAll) -> None:
        """End all calls."""
        await self.control.do(wire.HangUpAllCalls(scope=scope_of(context)))

    async def cancel(self, context: RequestContext, request: RequestCancel) -> None:
        """End what a request has asked for."""
        uuid = request.request_uuid.lower()
        await self.control.do(wire.CancelRequest(scope=scope_of(context), request_uuid=uuid))

    async def transfer(self, context: RequestContext, request: CallTransfer) -> Confirmation:
        """Let legs go on elsewhere."""
        for leg, url in (("aleg", request.aleg_url), ("bleg", request.bleg_url)):
            if request.legs in (leg, "both") and url is None:
                raise MissingParameter(f"{leg}_url")
        await self.control.do(
            wire.TransferCall(
                scope=scope_of(context),
                call_uuid=request.call_uuid.lower(),
                legs=request.legs,
                aleg_url=request.aleg_url or "",
                aleg_method=request.aleg_method,
                bleg_url=request.bleg_url or "",
                bleg_method=request.bleg_method,
            )
        )
        return Confirmation(message="call transfered")  # PLIVO SDK fixtures: spelt so

    async def record(self, context: RequestContext, request: CallRecordStart) -> RecordingStarted:
        """Start a recording."""
        if request.transcription_report_type:
            why = "cannot be chosen: a transcription is its text alone"
            raise InvalidParameter("transcription_report_type", why)
        told = request.transcription_url or ""
        tape = wire.Tape(
            format=request.file_format,
            channels=request.record_channel_type,
            max_s=request.time_limit,
            callback_url=request.callback_url or "",
            callback_method=request.callback_method,
            transcription=request.transcription_type if told else "",
            transcription_url=told,
            transcription_method=request.transcription_method,
            api_id=context.api_id,
        )
        command = wire.RecordCall(
            scope=scope_of(context), call_uuid=request.call_uuid.lower(), tape=tape
        )
        found = await self.control.ask(command, Recorded)
        return RecordingStarted(
            message="call recording started", recording_id=found.recording_id, url=found.url
        )

    async def stop_recording(self, context: RequestContext, request: CallRecordStop) -> None:
        """End recordings."""
        await self.control.do(
            wire.StopRecordingCall(
                scope=scope_of(context),
                call_uuid=request.call_uuid.lower(),
                url=request.url or "",
            )
        )

    async def play(self, context: RequestContext, request: CallPlay) -> Confirmation:
        """Start to play files."""
        await self.control.do(
            wire.PlayToCall(
                scope=scope_of(context),
                call_uuid=request.call_uuid.lower(),
                audio=files(request.urls, loop=request.loop),
                legs=request.legs,
                mix=request.mix,
                length_s=request.length or 0,
            )
        )
        return Confirmation(message="play started")

    async def stop_playing(self, context: RequestContext, request: CallPlayStop) -> None:
        """Stop it."""
        await self._stop(context, request.call_uuid, "play")

    async def speak(self, context: RequestContext, request: CallSpeak) -> Confirmation:
        """Start to speak."""
        audio = speech(
            request.text,
            request.voice,
            request.language,
            ssml=request.type == "ssml",
            loop=request.loop,
        )
        await self.control.do(
            wire.PlayToCall(
                scope=scope_of(context),
                call_uuid=request.call_uuid.lower(),
                audio=audio,
                kind="speak",
                legs=request.legs,
                mix=request.mix,
                length_s=request.length or 0,
            )
        )
        return Confirmation(message="speak started")

    async def stop_speaking(self, context: RequestContext, request: CallSpeakStop) -> None:
        """Stop it."""
        await self._stop(context, request.call_uuid, "speak")

    async def send_digits(self, context: RequestContext, request: CallSendDigits) -> Confirmation:
        """Send keys."""
        try:
            digits, tone_ms = keys_of(request.digits)
        except ValueError as error:
            raise InvalidParameter("digits", str(error)) from None
        await self.control.do(
            wire.SendKeys(
                scope=scope_of(context),
                call_uuid=request.call_uuid.lower(),
                digits=digits,
                legs=request.leg or request.legs or "aleg",
                tone_ms=tone_ms,
            )
        )
        return Confirmation(message="digits sent")

    async def _stop(self, context: RequestContext, call_uuid: str, kind: wire.SoundKind) -> None:
        await self.control.do(
            wire.StopPlayingToCall(scope=scope_of(context), call_uuid=call_uuid.lower(), kind=kind)
        )


def handlers(control: CallControl) -> Mapping[str, Handler]:
    """Return the handler of each operation by its id."""
    api = LiveCallApi(control)
    return {
        "call.hangup": api.hang_up,
        "call.hangup_all": api.hang_up_all,
        "call.cancel_request": api.cancel,
        "call.transfer": api.transfer,
        "call.record_start": api.record,
        "call.record_stop": api.stop_recording,
        "call.play_start": api.play,
        "call.play_stop": api.stop_playing,
        "call.speak_start": api.speak,
        "call.speak_stop": api.stop_speaking,
        "call.dtmf": api.send_digits,
    }
