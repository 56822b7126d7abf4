"""Members of conferences: one by its id, several joined with commas, or `all`."""

from functools import partial
from typing import Annotated

from msgspec import Meta

from trunkline.contract.fields import Url
from trunkline.contract.operation import Answer, Operation, Request
from trunkline.contract.operations.voice.conferences import ConferenceName
from trunkline.contract.operations.voice.words import Language, Spoken, TextType, Voice

_MEMBER = "/v1/Account/{auth_id}/Conference/{conference_name}/Member/{member_id}/"

MemberIds = Annotated[
    str,
    Meta(description="Id of a member, several joined with commas, or `all`.", max_length=1024),
]


class MemberRequest(Request, kw_only=True, frozen=True):
    """Members of a conference."""

    conference_name: ConferenceName
    member_id: MemberIds


class MemberPlay(MemberRequest, kw_only=True, frozen=True):
    """Plays a file to members alone; the others do not hear it."""

    url: Annotated[Url, Meta(description="An MP3 or WAV file.")]


class MemberSpeak(MemberRequest, kw_only=True, frozen=True):
    """Speaks a text to members alone; the others do not hear it."""

    text: Spoken
    voice: Voice = "WOMAN"
    language: Language = "en-US"
    type: TextType = "text"


class MembersAnswer(Answer, kw_only=True):
    """What was done, and to whom."""

    message: str
    member_id: Annotated[list[str], Meta(description="Those it was done to.")]


def _example(message: str) -> dict[str, object]:
    return {"message": message, "member_id": ["10"]}


_operation = partial(
    Operation,
    tags=("conference_member",),
    voice=True,
    request=MemberRequest,
    response=MembersAnswer,
    success_status=202,
)
_ends = partial(_operation, method="DELETE", response=None, success_status=204)

OPERATIONS = (
    _operation(
        id="conference_member.hangup",
        name="hangupMember",
        method="DELETE",
        path=_MEMBER,
        success_status=200,  # with 204 SDKs that read the answer fail
        summary="Hang up a member",
        source="PLIVO conference member: hang up; 200 for plivo-java and plivo-ruby",
        response_example=_example("hangup"),
    ),
    _operation(
        id="conference_member.kick",
        name="kickMember",
        method="POST",
        path=_MEMBER + "Kick/",
        summary="Send a member out; its call goes on",
        source="PLIVO conference member: kick",
        response_example=_example("kicked"),
    ),
    _operation(
        id="conference_member.mute",
        name="muteMember",
        method="POST",
        path=_MEMBER + "Mute/",
        summary="Let nobody hear a member",
        source="PLIVO conference member: mute",
        response_example=_example("muted"),
    ),
    _ends(
        id="conference_member.unmute",
        name="unmuteMember",
        path=_MEMBER + "Mute/",
        summary="Let a member be heard again",
        source="PLIVO conference member: unmute",
    ),
    _operation(
        id="conference_member.deaf",
        name="makeMemberDeaf",
        method="POST",
        path=_MEMBER + "Deaf/",
        summary="Let a member hear nobody",
        source="PLIVO conference member: deaf",
        response_example=_example("deaf"),
    ),
    _ends(
        id="conference_member.undeaf",
        name="enableHearingForMember",
        path=_MEMBER + "Deaf/",
        summary="Let a member hear again",
        source="PLIVO conference member: undeaf",
    ),
    _operation(
        id="conference_member.play",
        name="playSoundToMember",
        method="POST",
        path=_MEMBER + "Play/",
        request=MemberPlay,
        summary="Play a file to a member",
        source="PLIVO conference member: play",
        request_example={"url": "https://app.example.com/music.mp3"},
        response_example=_example("play queued into conference"),
    ),
    _ends(
        id="conference_member.play_stop",
        name="stopPlayingSoundToMember",
        path=_MEMBER + "Play/",
        summary="Stop playing files to a member",
        source="PLIVO conference member: stop playing",
    ),
    _operation(
        id="conference_member.speak",
        name="playTextToMember",
        method="POST",
        path=_MEMBER + "Speak/",
        request=MemberSpeak,
        summary="Speak a text to a member",
        source="PLIVO conference member: speak",
        request_example={"text": "The conference ends in five minutes."},
        response_example=_example("speak queued into conference"),
    ),
    _ends(
        id="conference_member.speak_stop",
        name="stopPlayingTextToMember",
        path=_MEMBER + "Speak/",
        summary="Stop speaking to a member",
        source="PLIVO conference member: stop speaking",
    ),
)
