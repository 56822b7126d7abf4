"""Adding a participant to a multiparty call: by calling it, or out of its live call."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from trunkline.contract.fields import AnsweredMethod, HttpMethod, Url
from trunkline.contract.operation import Answer, Request
from trunkline.contract.operations.voice.filters import Short
from trunkline.contract.operations.voice.words import FileFormat

MOST_DESTINATIONS = 20  # PLIVO SDK validators: add_participant
_EVENTS = (
    "mpc-state-changes|participant-state-changes|participant-speak-events"
    "|participant-digit-input-events|add-participant-api-events"
)

_Seconds = Annotated[
    str,
    Meta(
        pattern=r"^\d{1,4}(<\d{1,4}){0,19}(?!\n)$",
        extra={"form": "seconds, or as many of them as destinations, joined with <", "join": "<"},
    ),
]
_Music = Annotated[Url | None, Meta(description="A document of sounds for those who wait so.")]
_AsUrl = Annotated[Url | None, Meta(description="The same, as plivo-go names it.")]
_Sound = Annotated[
    str,
    Meta(
        pattern=r"^(?i:beep:[12]|none|https?://\S+)(?!\s)$",
        max_length=2048,
        extra={"form": "beep:1, beep:2, none or a URL"},
    ),
]


class ParticipantAdd(Request, kw_only=True, frozen=True, rename={"from_": "from"}):
    """Calls `to` from `from`, or takes the live call `call_uuid`.

    Who answers takes part as `<MultiPartyCall>` with the same attributes would have it.
    """

    mpc_id: Annotated[
        str,
        Meta(
            description="`name_` and its name, which is made if none of that name is live, or"
            " `uuid_` and its id.",
            max_length=300,
        ),
    ]
    role: Annotated[
        Literal["agent", "supervisor", "customer", "ai-agent"], Meta(description="What it is.")
    ]
    from_: Annotated[Short | None, Meta(description="Who is shown as the caller.")] = None
    to: Annotated[
        Annotated[
            str,
            Meta(
                max_length=8192,
                extra={"join": "<"},
                extra_json_schema={"type": ["string", "array"], "items": {"type": "string"}},
            ),
        ]
        | None,
        Meta(
            description="Whom to call: a number or a SIP address; of agents up to 20, joined with"
            " `<`, and each who answers takes part."
        ),
    ] = None
    call_uuid: Annotated[Short | None, Meta(description="A live call to be taken instead.")] = None
    caller_name: Annotated[
        Annotated[str, Meta(max_length=50)] | None, Meta(description="Shown with the caller.")
    ] = None
    call_status_callback_url: Annotated[
        Url | None, Meta(description="Told when the calls ring and end.")
    ] = None
    call_status_callback_method: AnsweredMethod = "POST"
    sip_headers: Annotated[
        Annotated[str, Meta(max_length=4096)] | None,
        Meta(
            description="`key=value` joined with commas, or a JSON object; sent as `X-PH-key`.",
            extra={"pairs": ","},
            extra_json_schema={"type": ["string", "object", "null"]},
        ),
    ] = None
    confirm_key: Annotated[
        Literal["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "#"] | None,
        Meta(description="Who answers takes part when this key is pressed, within a minute."),
    ] = None
    confirm_key_sound_url: Annotated[
        Url | None, Meta(description="A document of sounds that asks for the key.")
    ] = None
    confirm_key_sound_method: AnsweredMethod = "POST"
    dial_music: Annotated[
        Annotated[
            str,
            Meta(
                pattern=r"^(?i:real|none|https?://\S+)(?!\s)$",
                max_length=2048,
                extra={"form": "real, none or a URL"},
            ),
        ]
        | None,
        Meta(
            description="Heard by those who are there while it rings: `real`, a ringing tone; or a"
            " document of sounds."
        ),
    ] = None
    ring_timeout: Annotated[
        _Seconds, Meta(description="Seconds to ring; one for all, or one each.")
    ] = "45"
    delay_dial: Annotated[
        _Seconds, Meta(description="Seconds to wait before calling; one for all, or one each.")
    ] = "0"
    send_digits: Annotated[
        Annotated[
            str,
            Meta(
                pattern=r"^[0-9*#A-DwW]{0,255}(?!\n)$",
                extra={"form": "keys: 0-9 * # A-D w W"},
            ),
        ]
        | None,
        Meta(description="Keys to send when it answers."),
    ] = None
    send_on_preanswer: Annotated[bool, Meta(description="Send them when it rings.")] = False
    create_mpc_with_single_participant: Annotated[
        bool, Meta(description="Only true: it begins with its first participant.")
    ] = True
    max_duration: Annotated[
        Annotated[int, Meta(ge=300, le=28_800)] | None, Meta(description="Seconds; 14400.")
    ] = None
    max_participants: Annotated[
        Annotated[int, Meta(ge=2, le=10)] | None, Meta(description="How many; 10.")
    ] = None
    record_min_member_count: Annotated[
        Annotated[int, Meta(ge=1, le=2)] | None,
        Meta(description="With how many it begins to be recorded; 1."),
    ] = None
    wait_music_url: _Music = None
    wait_music_method: AnsweredMethod = "GET"
    agent_hold_music_url: _Music = None
    agent_hold_music_method: AnsweredMethod = "GET"
    customer_hold_music_url: _Music = None
    customer_hold_music_method: AnsweredMethod = "GET"
    agent_hold_music: _AsUrl = None
    customer_hold_music: _AsUrl = None
    record: Annotated[bool, Meta(description="Record what is said in it.")] = False
    record_participant_track: Annotated[
        bool, Meta(description="Record what the participant says, by itself.")
    ] = False
    start_recording_audio: Annotated[
        Url | None, Meta(description="A document of sounds for all when `record` begins.")
    ] = None
    start_recording_audio_method: AnsweredMethod = "GET"
    stop_recording_audio: Annotated[
        Url | None, Meta(description="The same for when it is stopped.")
    ] = None
    stop_recording_audio_method: AnsweredMethod = "GET"
    transcript: Annotated[
        bool, Meta(description="Transcribe what is recorded, and tell `transcription_url`.")
    ] = False
    transcription_url: Annotated[Url | None, Meta(description="Told the transcription.")] = None
    record_file_format: Annotated[FileFormat, Meta(description="Of that recording.")] = "mp3"
    recording_callback_url: Annotated[Url | None, Meta(description="Told of it.")] = None
    recording_callback_method: Annotated[HttpMethod, Meta(description="HTTP method.")] = "POST"
    status_callback_url: Annotated[
        Url | None, Meta(description="Told what happens in the multiparty call.")
    ] = None
    status_callback_method: AnsweredMethod = "POST"
    status_callback_events: Annotated[
        Annotated[
            str,
            Meta(
                pattern=rf"^(?i:({_EVENTS})(,({_EVENTS}))*)(?!\n)$",
                extra={"form": f"some of {_EVENTS.replace('|', ', ')}", "join": ","},
            ),
        ]
        | None,
        Meta(description="Of what; by default of its state and of participants'."),
    ] = None
    on_exit_action_url: Annotated[
        Url | None, Meta(description="Told when the participant has left.")
    ] = None
    on_exit_action_method: AnsweredMethod = "POST"
    stay_alone: Annotated[bool, Meta(description="Whether it may stay alone.")] = False
    coach_mode: Annotated[
        bool, Meta(description="Of a supervisor: to be heard by agents alone.")
    ] = True
    mute: Annotated[bool, Meta(description="Not to be heard.")] = False
    hold: Annotated[bool, Meta(description="To begin on hold.")] = False
    start_mpc_on_enter: Annotated[bool, Meta(description="Its coming starts it.")] = True
    end_mpc_on_exit: Annotated[bool, Meta(description="Its leaving ends it.")] = False
    relay_dtmf_inputs: Annotated[bool, Meta(description="The others hear the keys it presses.")] = (
        False
    )
    enter_sound: Annotated[
        _Sound | None, Meta(description="Heard when it comes: beep:1, beep:2, none, or a URL.")
    ] = None
    enter_sound_method: AnsweredMethod = "GET"
    exit_sound: Annotated[
        _Sound | None, Meta(description="Heard when it leaves: beep:1, beep:2, none, or a URL.")
    ] = None
    exit_sound_method: AnsweredMethod = "GET"


class AddedCall(msgspec.Struct, kw_only=True, rename={"from_": "from"}):
    """One call."""

    to: str
    from_: Annotated[str, Meta(description="Who calls.")]
    call_uuid: str


class ParticipantsAdded(Answer, kw_only=True):
    """The calls that are made."""

    message: str
    request_uuid: str
    calls: list[AddedCall]
