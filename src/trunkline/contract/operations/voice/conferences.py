"""Conferences that are live."""

from functools import partial
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from trunkline.contract.fields import AnsweredMethod
from trunkline.contract.operation import Answer, Operation, Request
from trunkline.contract.operations.voice.words import (
    Format,
    RecordingEnds,
    RecordingStarted,
    Seconds,
    Transcribed,
    TranscriptionUrl,
)

_CONFERENCES = "/v1/Account/{auth_id}/Conference/"
_CONFERENCE = _CONFERENCES + "{conference_name}/"

ConferenceName = Annotated[
    str, Meta(description="Name of the conference, as `<Conference>` has it.", max_length=255)
]


class ConferenceList(Request, kw_only=True, frozen=True):
    """The account's conferences."""


class ConferenceGet(Request, kw_only=True, frozen=True):
    """One conference."""

    conference_name: ConferenceName


class ConferenceHangUp(Request, kw_only=True, frozen=True):
    """Hangs up the calls of all members."""

    conference_name: ConferenceName


class ConferenceHangUpAll(Request, kw_only=True, frozen=True):
    """Hangs up the calls of all members of all conferences."""


class ConferenceRecord(Request, kw_only=True, frozen=True):
    """Records what is said in the conference; one recording at a time."""

    conference_name: ConferenceName
    file_format: Format = "mp3"
    time_limit: Annotated[
        Seconds | None, Meta(description="Seconds after which the recording ends at the latest.")
    ] = None
    transcription_type: Transcribed = "auto"
    transcription_url: TranscriptionUrl | None = None
    transcription_method: AnsweredMethod = "POST"
    callback_url: RecordingEnds | None = None
    callback_method: AnsweredMethod = "POST"


class ConferenceRecordStop(Request, kw_only=True, frozen=True):
    """Ends all recordings of the conference."""

    conference_name: ConferenceName


class ConferenceNames(Answer, kw_only=True):
    """The names of conferences, the oldest first."""

    conferences: list[str]


class ConferenceMember(msgspec.Struct, kw_only=True, rename={"from_": "from"}):
    """Who is in a conference; `join_time` is for how many seconds."""

    member_id: str
    call_uuid: str
    from_: Annotated[str, Meta(description="Who calls.")]
    to: str
    caller_name: str
    direction: Literal["inbound", "outbound"]
    join_time: str
    muted: bool
    deaf: bool


class ConferenceAnswer(Answer, kw_only=True):
    """A conference; `conference_run_time` in seconds. Numbers are text."""

    conference_name: str
    conference_run_time: str
    conference_member_count: str
    members: list[ConferenceMember]


_ID = "93bc7c6a-3b2b-4113-8c1e-7c1f0245fa79"
_operation = partial(Operation, tags=("conference",), voice=True)

OPERATIONS = (
    _operation(
        id="conference.list",
        name="getConferences",
        method="GET",
        path=_CONFERENCES,
        request=ConferenceList,
        response=ConferenceNames,
        summary="List conferences",
        source="PLIVO conference: retrieve all",
        response_example={"conferences": ["My Conf Room"]},
    ),
    _operation(
        id="conference.get",
        name="getSingleConference",
        method="GET",
        path=_CONFERENCE,
        request=ConferenceGet,
        response=ConferenceAnswer,
        summary="Get a conference",
        source="PLIVO conference: retrieve one",
        response_example={
            "conference_name": "My Conf Room",
            "conference_run_time": "590",
            "conference_member_count": "1",
            "members": [
                {
                    "member_id": "17",
                    "call_uuid": "eba53b9e-8fbd-45c1-9444-696d2172fbc8",
                    "from": "14155550123",
                    "to": "14155550100",
                    "caller_name": "",
                    "direction": "inbound",
                    "join_time": "590",
                    "muted": False,
                    "deaf": False,
                }
            ],
        },
    ),
    _operation(
        id="conference.hangup_all",
        name="hangupConferences",
        method="DELETE",
        path=_CONFERENCES,
        request=ConferenceHangUpAll,
        response=None,
        success_status=204,
        summary="Hang up all conferences",
        source="PLIVO conference: hang up all",
    ),
    _operation(
        id="conference.hangup",
        name="hangupSingleConference",
        method="DELETE",
        path=_CONFERENCE,
        request=ConferenceHangUp,
        response=None,
        success_status=204,
        summary="Hang up a conference",
        source="PLIVO conference: hang up one",
    ),
    _operation(
        id="conference.record_start",
        name="startRecordingConference",
        method="POST",
        path=_CONFERENCE + "Record/",
        request=ConferenceRecord,
        response=RecordingStarted,
        success_status=202,
        summary="Record a conference",
        source="PLIVO conference: start recording",
        request_example={"file_format": "mp3"},
        response_example={
            "message": "conference recording started",
            "recording_id": _ID,
            "url": f"https://api.example.com/media/Account/MA2025RK4E639VJFZAGV/Recording/{_ID}.mp3",
        },
    ),
    _operation(
        id="conference.record_stop",
        name="stopRecordingConference",
        method="DELETE",
        path=_CONFERENCE + "Record/",
        request=ConferenceRecordStop,
        response=None,
        success_status=204,
        summary="Stop recording a conference",
        source="PLIVO conference: stop recording",
    ),
)
