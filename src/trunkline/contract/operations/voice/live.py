"""Operations on calls that are live: end, transfer, record, play, speak, send keys."""

from functools import partial
from typing import Annotated

from msgspec import Meta

from trunkline.contract.fields import AnsweredMethod, Url
from trunkline.contract.operation import Confirmation, Operation, Request
from trunkline.contract.operations.voice.filters import Short
from trunkline.contract.operations.voice.words import (
    CallUuid,
    Channels,
    Format,
    Language,
    Legs,
    PlayedTo,
    RecordingEnds,
    RecordingStarted,
    Seconds,
    Spoken,
    TextType,
    Transcribed,
    TranscriptionUrl,
    Voice,
)

_CALLS = "/v1/Account/{auth_id}/Call/"
_CALL = _CALLS + "{call_uuid}/"

_LOOP = Meta(description="Over and over, until it is stopped.")
_MIX = Meta(description="Heard together with what is said; false: instead of it.")
_LENGTH = Meta(description="Seconds after which it ends at the latest.")


class CallHangUp(Request, kw_only=True, frozen=True):
    """A call that is live or queued."""

    call_uuid: CallUuid


class CallHangUpAll(Request, kw_only=True, frozen=True):
    """All calls of the account, live and queued; not those of its subaccounts."""


class RequestCancel(Request, kw_only=True, frozen=True):
    """The calls of one request, whether they are queued, ring or are answered."""

    request_uuid: Annotated[str, Meta(description="As call.create answered it.", max_length=64)]


class CallTransfer(Request, kw_only=True, frozen=True):
    """Lets the call, the leg it is connected with, or both go on with other documents."""

    call_uuid: CallUuid
    legs: Annotated[Legs, Meta(description="Which of them go on elsewhere.")] = "aleg"
    aleg_url: Annotated[
        Url | None, Meta(description="Where the call goes on; needed for aleg and both.")
    ] = None
    aleg_method: AnsweredMethod = "POST"
    bleg_url: Annotated[
        Url | None, Meta(description="Where the other leg goes on; needed for bleg and both.")
    ] = None
    bleg_method: AnsweredMethod = "POST"


class CallRecordStart(Request, kw_only=True, frozen=True):
    """Records both directions, beside what the call does."""

    call_uuid: CallUuid
    time_limit: Annotated[
        Seconds, Meta(description="Seconds after which the recording ends at the latest.")
    ] = 60
    file_format: Format = "mp3"
    record_channel_type: Annotated[
        Channels, Meta(description="stereo: each direction in a channel of its own.")
    ] = "stereo"
    transcription_type: Transcribed = "auto"
    transcription_url: TranscriptionUrl | None = None
    transcription_method: AnsweredMethod = "POST"
    transcription_report_type: Annotated[
        Short | None, Meta(description="Refused: a transcription is its text alone.")
    ] = None
    callback_url: RecordingEnds | None = None
    callback_method: AnsweredMethod = "POST"


class CallRecordStop(Request, kw_only=True, frozen=True):
    """Ends recordings that were started by this API."""

    call_uuid: CallUuid
    url: Annotated[Url | None, Meta(description="Only the recording with that `url`.")] = None


class CallPlay(Request, kw_only=True, frozen=True):
    """Plays files beside what the call does."""

    call_uuid: CallUuid
    urls: Annotated[
        list[Url],
        Meta(max_length=100, description="MP3 and WAV files, played in turn; a list, or joined"
             " with commas."),
    ]  # fmt: skip
    length: Annotated[Seconds | None, _LENGTH] = None
    legs: PlayedTo = "aleg"
    loop: Annotated[bool, _LOOP] = False
    mix: Annotated[bool, _MIX] = True


class CallPlayStop(Request, kw_only=True, frozen=True):
    """Ends all files that this API plays to the call."""

    call_uuid: CallUuid


class CallSpeak(Request, kw_only=True, frozen=True):
    """Speaks a text beside what the call does."""

    call_uuid: CallUuid
    text: Spoken
    voice: Voice = "WOMAN"
    language: Language = "en-US"
    type: TextType = "text"
    length: Annotated[Seconds | None, _LENGTH] = None
    legs: PlayedTo = "aleg"
    loop: Annotated[bool, _LOOP] = False
    mix: Annotated[bool, _MIX] = True


class CallSpeakStop(Request, kw_only=True, frozen=True):
    """Ends all texts that this API speaks to the call."""

    call_uuid: CallUuid


class CallSendDigits(Request, kw_only=True, frozen=True):
    """Sends keys as if they were pressed."""

    call_uuid: CallUuid
    digits: Annotated[
        str,
        Meta(
            pattern=r"^[0-9*#A-DwW]{1,255}(@[0-9]{1,5})?(?!\n)$",
            description="0-9, *, # and A-D; w waits 0.5 s and W 1 s. @ and milliseconds at the end"
            " say how long each tone lasts, 20 to 8000.",
            extra={"form": "keys (0-9 * # A-D w W), then perhaps @ and milliseconds"},
        ),
    ]
    leg: Annotated[Legs | None, Meta(description="Who is sent them; aleg if absent.")] = None
    legs: Annotated[Legs | None, Meta(description="The same, as some SDKs spell it.")] = None


_UUID = "eba53b9e-8fbd-45c1-9444-696d2172fbc8"
_ID = "c2186400-1c8c-4124-a664-0026b945b522"
_operation = partial(Operation, tags=("call",), voice=True)

OPERATIONS = (
    _operation(
        id="call.hangup",
        name="hangupSingleCall",
        method="DELETE",
        path=_CALL,
        request=CallHangUp,
        response=None,
        success_status=204,
        summary="Hang up a call",
        source="PLIVO call: hang up a call",
    ),
    _operation(
        id="call.hangup_all",
        name="hangupCalls",
        method="DELETE",
        path=_CALLS,
        request=CallHangUpAll,
        response=None,
        success_status=204,
        summary="Hang up all calls",
        source="PLIVO function package: hangupCalls",
    ),
    _operation(
        id="call.cancel_request",
        name="hangupCallRequest",
        method="DELETE",
        path="/v1/Account/{auth_id}/Request/{request_uuid}/",
        request=RequestCancel,
        response=None,
        success_status=204,
        summary="Hang up what a request has asked for",
        source="PLIVO call: hang up a call request",
    ),
    _operation(
        id="call.transfer",
        name="transferCall",
        method="POST",
        path=_CALL,
        request=CallTransfer,
        response=Confirmation,
        success_status=202,
        summary="Transfer a call",
        source="PLIVO call: transfer a call; 202 and its spelling as the SDKs test them",
        request_example={"legs": "aleg", "aleg_url": "https://app.example.com/on-hold"},
        response_example={"message": "call transfered"},
    ),
    _operation(
        id="call.record_start",
        name="recordCall",
        method="POST",
        path=_CALL + "Record/",
        request=CallRecordStart,
        response=RecordingStarted,
        success_status=202,
        summary="Record a call",
        source="PLIVO call: record a call",
        request_example={"time_limit": 60, "file_format": "mp3"},
        response_example={
            "message": "call recording started",
            "recording_id": _ID,
            "url": f"https://api.example.com/media/Account/MA2025RK4E639VJFZAGV/Recording/{_ID}.mp3",
        },
    ),
    _operation(
        id="call.record_stop",
        name="stopCallRecording",
        method="DELETE",
        path=_CALL + "Record/",
        request=CallRecordStop,
        response=None,
        success_status=204,
        summary="Stop recording a call",
        source="PLIVO call: stop recording a call",
    ),
    _operation(
        id="call.play_start",
        name="playMusicFile",
        method="POST",
        path=_CALL + "Play/",
        request=CallPlay,
        response=Confirmation,
        success_status=202,
        summary="Play files to a call",
        source="PLIVO call: play a music file",
        request_example={"urls": ["https://app.example.com/music.mp3"], "loop": True},
        response_example={"message": "play started"},
    ),
    _operation(
        id="call.play_stop",
        name="stopPlayingMusicFile",
        method="DELETE",
        path=_CALL + "Play/",
        request=CallPlayStop,
        response=None,
        success_status=204,
        summary="Stop playing files to a call",
        source="PLIVO call: stop playing a music file",
    ),
    _operation(
        id="call.speak_start",
        name="playText",
        method="POST",
        path=_CALL + "Speak/",
        request=CallSpeak,
        response=Confirmation,
        success_status=202,
        summary="Speak a text to a call",
        source="PLIVO call: play text; type and length from the SDKs",
        request_example={"text": "Your balance is running low.", "language": "en-US"},
        response_example={"message": "speak started"},
    ),
    _operation(
        id="call.speak_stop",
        name="stopPlayingText",
        method="DELETE",
        path=_CALL + "Speak/",
        request=CallSpeakStop,
        response=None,
        success_status=204,
        summary="Stop speaking to a call",
        source="PLIVO call: stop playing text",
    ),
    _operation(
        id="call.dtmf",
        name="sendDigits",
        method="POST",
        path=_CALL + "DTMF/",
        request=CallSendDigits,
        response=Confirmation,
        success_status=202,
        summary="Send keys on a call",
        source="PLIVO call: send digits; @ as make call has it",
        request_example={"digits": "1w2w3@1000"},
        response_example={"message": "digits sent"},
    ),
)
