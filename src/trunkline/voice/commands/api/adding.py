"""Wire ↔ domain for adding participants to multiparty calls."""

from collections.abc import Mapping
from dataclasses import dataclass

from trunkline.contract.context import Handler, RequestContext
from trunkline.contract.errors import BadRequest, InvalidParameter, MissingParameter
from trunkline.contract.operations.voice.adding import (
    MOST_DESTINATIONS,
    AddedCall,
    ParticipantAdd,
    ParticipantsAdded,
)
from trunkline.voice.commands import wire
from trunkline.voice.commands.api.headers import headers_of
from trunkline.voice.commands.api.multiparty import which_of
from trunkline.voice.commands.client import CallControl, scope_of
from trunkline.voice.commands.results import Added
from trunkline.voice.dialling.targets import address_of

_LONGEST_RING_S = 600
# Field → attribute of <MultiPartyCall>.
_ATTRIBUTES: Mapping[str, str] = {
    "agent_hold_music": "agentHoldMusicUrl",  # before the usual names, which win
    "customer_hold_music": "customerHoldMusicUrl",
    "role": "role",
    "max_duration": "maxDuration",
    "max_participants": "maxParticipants",
    "record_min_member_count": "recordMinMemberCount",
    "wait_music_url": "waitMusicUrl",
    "wait_music_method": "waitMusicMethod",
    "agent_hold_music_url": "agentHoldMusicUrl",
    "agent_hold_music_method": "agentHoldMusicMethod",
    "customer_hold_music_url": "customerHoldMusicUrl",
    "customer_hold_music_method": "customerHoldMusicMethod",
    "record": "record",
    "record_file_format": "recordFileFormat",
    "recording_callback_url": "recordingCallbackUrl",
    "recording_callback_method": "recordingCallbackMethod",
    "status_callback_url": "statusCallbackUrl",
    "status_callback_method": "statusCallbackMethod",
    "status_callback_events": "statusCallbackEvents",
    "on_exit_action_url": "onExitActionUrl",
    "on_exit_action_method": "onExitActionMethod",
    "stay_alone": "stayAlone",
    "coach_mode": "coachMode",
    "mute": "mute",
    "hold": "hold",
    "start_mpc_on_enter": "startMpcOnEnter",
    "end_mpc_on_exit": "endMpcOnExit",
    "relay_dtmf_inputs": "relayDTMFInputs",
    "enter_sound": "enterSound",
    "enter_sound_method": "enterSoundMethod",
    "exit_sound": "exitSound",
    "exit_sound_method": "exitSoundMethod",
    "record_participant_track": "recordParticipantTrack",
    "start_recording_audio": "startRecordingAudio",
    "start_recording_audio_method": "startRecordingAudioMethod",
    "stop_recording_audio": "stopRecordingAudio",
    "stop_recording_audio_method": "stopRecordingAudioMethod",
    "transcript": "transcript",
    "transcription_url": "transcriptionUrl",
}


@dataclass(frozen=True, slots=True)
class AddingApi:
    """The operation."""

    control: CallControl

    async def add(self, context: RequestContext, request: ParticipantAdd) -> ParticipantsAdded:
        """Call them, or take a live call."""
        _check(request)
        command = wire.AddParticipants(
            scope=scope_of(context),
            which=which_of(request.mpc_id),
            attributes=_attributes(request),
            to=_dialled(request),
            sender=_sender(request),
            caller_name=request.caller_name or "",
            call_uuid=(request.call_uuid or "").lower(),
            headers=headers_of(request.sip_headers),
            send_digits=request.send_digits or "",
            send_on_preanswer=request.send_on_preanswer,
            status_url=request.call_status_callback_url or "",
            status_method=request.call_status_callback_method,
            confirm_key=request.confirm_key or "",
            confirm_sound_url=request.confirm_key_sound_url or "",
            confirm_sound_method=request.confirm_key_sound_method,
            dial_music=_music(request.dial_music or ""),
        )
        added = await self.control.ask(command, Added)
        return ParticipantsAdded(
            message="add participant action initiated",
            request_uuid=added.request_uuid,
            calls=[
                AddedCall(to=one.recipient, from_=one.sender, call_uuid=one.call_uuid)
                for one in added.calls
            ],
        )


def handlers(control: CallControl) -> Mapping[str, Handler]:
    """Return the handler of the operation by its id."""
    return {"mpc_participant.add": AddingApi(control).add}


def _check(request: ParticipantAdd) -> None:
    """Refuse what contradicts itself, as the SDKs do before they ask."""
    if request.call_uuid and (request.from_ or request.to):
        raise BadRequest("call_uuid cannot be given together with from and to", "call_uuid")
    if not request.call_uuid:
        for name, value in (("from", request.from_), ("to", request.to)):
            if not value:
                raise MissingParameter(name)
    if request.confirm_key and request.call_uuid:
        why = "is for those who are called: who talks already is not asked"
        raise InvalidParameter("confirm_key", why)
    if request.confirm_key_sound_url and not request.confirm_key:
        raise MissingParameter("confirm_key")
    if request.transcript and not request.transcription_url:
        raise MissingParameter("transcription_url")
    if not request.create_mpc_with_single_participant:
        why = "cannot be false: a multiparty call begins with its first participant"
        raise InvalidParameter("create_mpc_with_single_participant", why)


def _dialled(request: ParticipantAdd) -> tuple[wire.Dialled, ...]:
    if not request.to:
        return ()
    written = [part.strip() for part in request.to.split("<") if part.strip()]
    if not written:
        raise MissingParameter("to")
    if len(written) > MOST_DESTINATIONS:
        raise InvalidParameter("to", f"names more than {MOST_DESTINATIONS} destinations")
    if len(written) > 1 and request.role != "agent":  # PLIVO SDK validators: add_participant
        raise InvalidParameter("to", f"may name one destination alone for the role {request.role}")
    rings = _each("ring_timeout", request.ring_timeout, len(written))
    delays = _each("delay_dial", request.delay_dial, len(written))
    found: list[wire.Dialled] = []
    for one, ring_s, delay_s in zip(written, rings, delays, strict=True):
        address = address_of(one)
        if not address:
            raise InvalidParameter("to", f"{one[:64]!r} is neither a number nor a SIP address")
        if not 1 <= ring_s <= _LONGEST_RING_S:
            raise InvalidParameter("ring_timeout", f"must be 1 to {_LONGEST_RING_S} seconds")
        found.append(wire.Dialled(address=address, ring_timeout_s=ring_s, delay_s=delay_s))
    return tuple(found)


def _each(name: str, written: str, many: int) -> list[int]:
    values = [int(one) for one in written.split("<")]
    if len(values) > many:
        raise InvalidParameter(name, "has more values than there are destinations")
    return values + [values[-1]] * (many - len(values))


def _sender(request: ParticipantAdd) -> str:
    if not request.from_:
        return ""
    sender = address_of(request.from_.strip())
    if not sender:
        raise InvalidParameter("from", "must be a number or a SIP address")
    return sender


def _music(written: str) -> str:
    return written.lower() if written.lower() in ("real", "none") else written


def _attributes(request: ParticipantAdd) -> dict[str, str]:
    found: dict[str, str] = {}
    for field, attribute in _ATTRIBUTES.items():
        value = getattr(request, field)
        if value is not None:
            found[attribute] = str(value).lower() if isinstance(value, bool) else str(value)
    return found
