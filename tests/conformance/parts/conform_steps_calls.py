"""Every operation on live calls, conferences and multiparty calls, by both SDKs."""

from typing import Any
from urllib.parse import quote

import plivo
from conform_live import ANSWERS, CALLER
from conform_steps_http import HttpStep
from conform_steps_node import NodeStep
from conform_steps_python import PythonStep
from conform_world import World

_ = PythonStep
_URL = "https://app.example.com/document"
_MP3 = "https://app.example.com/music.mp3"
_CALL, _ROOM, _MPC = "talking_call:python", "conference:python", "multiparty:python"


def _stream(client: plivo.RestClient, world: World) -> Any:
    return client.calls.start_stream(world[_CALL], "ws://127.0.0.1:9/", bidirectional=True)


def _mpc(world: World) -> dict[str, str]:
    return {"friendly_name": world[_MPC]}


PYTHON = (
    _("call.create", lambda c, w: c.calls.create(
        from_=CALLER, to_=ANSWERS, answer_url=w.sink.url("/answer"))),
    _("call.transfer", lambda c, w: c.calls.transfer(
        w.new("talking_call"), legs="aleg", aleg_url=_URL)),
    _("call.transfer", lambda c, w: c.calls.update(
        w.new("talking_call"), legs="aleg", aleg_url=_URL)),
    _("call.record_start", lambda c, w: c.calls.record(w[_CALL], time_limit=60)),
    _("call.record_start", lambda c, w: c.calls.start_recording(w[_CALL], file_format="wav")),
    _("call.record_stop", lambda c, w: c.calls.record_stop(w[_CALL])),
    _("call.play_start", lambda c, w: c.calls.play(w[_CALL], urls=_MP3, loop=True)),
    _("call.play_start", lambda c, w: c.calls.start_playing(w[_CALL], urls=_MP3, mix=False)),
    _("call.play_stop", lambda c, w: c.calls.play_stop(w[_CALL])),
    _("call.speak_start", lambda c, w: c.calls.speak(w[_CALL], "Hello", voice="MAN")),
    _("call.speak_start", lambda c, w: c.calls.start_speaking(w[_CALL], "Hello")),
    _("call.speak_stop", lambda c, w: c.calls.speak_stop(w[_CALL])),
    _("call.dtmf", lambda c, w: c.calls.send_digits(w[_CALL], "1w2@100")),
    _("call.stream_start", _stream, {"py_stream": "stream_id"}),
    _("call.stream_list", lambda c, w: c.calls.get_all_streams(w[_CALL])),
    _("call.stream_get", lambda c, w: c.calls.get_details_of_specific_stream(
        w[_CALL], w["py_stream"])),
    _("call.stream_stop", lambda c, w: c.calls.delete_specific_stream(w[_CALL], w["py_stream"])),
    _("call.stream_stop_all", lambda c, w: c.calls.delete_all_streams(w[_CALL])),
    _("call.hangup", lambda c, w: c.calls.hangup(w[_CALL])),
    _("call.hangup", lambda c, w: c.calls.delete(w.new("talking_call"))),
    _("call.cancel_request", lambda c, w: c.calls.cancel(w.new("ringing_call"))),
    _("conference.list", lambda c, w: (w[_ROOM], c.conferences.list())),
    _("conference.get", lambda c, w: c.conferences.get(w[_ROOM])),
    _("conference.record_start", lambda c, w: c.conferences.record(w[_ROOM])),
    _("conference.record_stop", lambda c, w: c.conferences.record_stop(w[_ROOM])),
    _("conference_member.mute", lambda c, w: c.conferences.member_mute(w[_ROOM], "1")),
    _("conference_member.unmute", lambda c, w: c.conferences.member_mute_stop(w[_ROOM], "1")),
    _("conference_member.deaf", lambda c, w: c.conferences.member_deaf(w[_ROOM], "all")),
    _("conference_member.undeaf", lambda c, w: c.conferences.member_deaf_stop(w[_ROOM], "all")),
    _("conference_member.play", lambda c, w: c.conferences.member_play(w[_ROOM], "1", _MP3)),
    _("conference_member.play_stop", lambda c, w: c.conferences.member_play_stop(w[_ROOM], "1")),
    _("conference_member.speak", lambda c, w: c.conferences.member_speak(w[_ROOM], "1", "Hi")),
    _("conference_member.speak_stop", lambda c, w: c.conferences.member_speak_stop(w[_ROOM], "1")),
    _("conference_member.kick", lambda c, w: c.conferences.member_kick(w.new("conference"), "1")),
    _("conference_member.hangup", lambda c, w: c.conferences.member_hangup(
        w.new("conference"), "1")),
    _("conference.hangup", lambda c, w: c.conferences.hangup(w[_ROOM])),
    _("conference.hangup", lambda c, w: c.conferences.delete(w.new("conference"))),
    _("conference.hangup_all", lambda c, w: c.conferences.delete_all()),
    _("conference.hangup_all", lambda c, w: c.conferences.hangup_all()),
    _("mpc.get", lambda c, w: c.multi_party_calls.get(**_mpc(w))),
    _("mpc.list", lambda c, w: c.multi_party_calls.list(status="active")),
    _("mpc.start", lambda c, w: c.multi_party_calls.start(**_mpc(w))),
    _("mpc.record_start", lambda c, w: c.multi_party_calls.start_recording(**_mpc(w))),
    _("mpc.record_pause", lambda c, w: c.multi_party_calls.pause_recording(**_mpc(w))),
    _("mpc.record_resume", lambda c, w: c.multi_party_calls.resume_recording(**_mpc(w))),
    _("mpc.record_stop", lambda c, w: c.multi_party_calls.stop_recording(**_mpc(w))),
    _("mpc_participant.add", lambda c, w: c.multi_party_calls.add_participant(
        "agent", from_=CALLER, to_=ANSWERS, **_mpc(w))),
    _("mpc_participant.list", lambda c, w: c.multi_party_calls.list_participants(**_mpc(w))),
    _("mpc_participant.get", lambda c, w: c.multi_party_calls.get_participant("1", **_mpc(w))),
    _("mpc_participant.update", lambda c, w: c.multi_party_calls.update_participant(
        "1", mute=True, hold=False, coach_mode=False, **_mpc(w))),
    _("mpc_participant.record_start", lambda c, w: c.multi_party_calls.start_participant_recording(
        "1", **_mpc(w))),
    _("mpc_participant.record_pause", lambda c, w: c.multi_party_calls.pause_participant_recording(
        "1", **_mpc(w))),
    _("mpc_participant.record_resume",
      lambda c, w: c.multi_party_calls.resume_participant_recording("1", **_mpc(w))),
    _("mpc_participant.record_stop", lambda c, w: c.multi_party_calls.stop_participant_recording(
        "1", **_mpc(w))),
    _("mpc_member.play_start", lambda c, w: c.multi_party_calls.start_play_audio(
        "1", url=_MP3, **_mpc(w))),
    _("mpc_member.play_stop", lambda c, w: c.multi_party_calls.stop_play_audio("1", **_mpc(w))),
    _("mpc_participant.kick", lambda c, w: c.multi_party_calls.kick_participant(
        "1", friendly_name=w.new("multiparty"))),
    _("mpc.stop", lambda c, w: c.multi_party_calls.stop(**_mpc(w))),
)  # fmt: skip

_ = NodeStep
_JS_CALL, _JS_ROOM, _JS_MPC = "talking_call:node", "conference:node", "multiparty:node"


def _js_mpc(world: World) -> dict[str, str]:
    return {"friendlyName": world[_JS_MPC]}


def _room(world: World) -> str:
    return quote(world[_JS_ROOM])  # the SDK puts it into the path as it is


NODE = (
    _("call.create", lambda w: [["calls.create", CALLER, ANSWERS, w.sink.url("/answer"), {}]]),
    _("call.transfer", lambda w: [["calls.transfer", w.new("talking_call"),
        {"legs": "aleg", "alegUrl": _URL}]]),
    _("call.record_start", lambda w: [["calls.record", w[_JS_CALL], {"timeLimit": 60}]]),
    _("call.record_stop", lambda w: [["calls.stopRecording", w[_JS_CALL], {}]]),
    _("call.play_start", lambda w: [["calls.playMusic", w[_JS_CALL], _MP3, {}]]),
    _("call.play_stop", lambda w: [["calls.stopPlayingMusic", w[_JS_CALL]]]),
    _("call.speak_start", lambda w: [["calls.speakText", w[_JS_CALL], "Hello", {}]]),
    _("call.speak_stop", lambda w: [["calls.stopSpeakingText", w[_JS_CALL]]]),
    _("call.dtmf", lambda w: [["calls.sendDigits", w[_JS_CALL], "1w2", {}]]),
    _("call.stream_start", lambda w: [["calls.stream", w[_JS_CALL], "ws://127.0.0.1:9/", {}]],
      {"js_stream": "stream_id"}),
    _("call.stream_list", lambda w: [["calls.getAllStream", w[_JS_CALL]]]),
    _("call.stream_get", lambda w: [["calls.getStream", w[_JS_CALL], w["js_stream"]]]),
    _("call.stream_stop", lambda w: [["calls.stopStream", w[_JS_CALL], w["js_stream"]]]),
    _("call.stream_stop_all", lambda w: [["calls.stopAllStream", w[_JS_CALL]]]),
    _("call.hangup", lambda w: [["calls.hangup", w[_JS_CALL]]]),
    _("call.cancel_request", lambda w: [["calls.cancel", w.new("ringing_call")]]),
    _("conference.list", lambda w: [["conferences.list"]] if _room(w) else []),
    _("conference.get", lambda w: [["conferences.get", _room(w)]]),
    _("conference.record_start", lambda w: [["conferences.record", _room(w), {}]]),
    _("conference.record_stop", lambda w: [["conferences.stopRecording", _room(w)]]),
    _("conference_member.mute", lambda w: [["conferences.muteMember", _room(w), "1"]]),
    _("conference_member.unmute", lambda w: [["conferences.unmuteMember", _room(w), "1"]]),
    _("conference_member.deaf", lambda w: [["conferences.deafMember", _room(w), "all"]]),
    _("conference_member.undeaf", lambda w: [["conferences.undeafMember", _room(w), "all"]]),
    _("conference_member.play",
      lambda w: [["conferences.playAudioToMember", _room(w), "1", _MP3]]),
    _("conference_member.play_stop",
      lambda w: [["conferences.stopPlayingAudioToMember", _room(w), "1"]]),
    _("conference_member.speak",
      lambda w: [["conferences.speakTextToMember", _room(w), "1", "Hi", {}]]),
    _("conference_member.speak_stop",
      lambda w: [["conferences.stopSpeakingTextToMember", _room(w), "1"]]),
    _("conference_member.kick",
      lambda w: [["conferences.kickMember", quote(w.new("conference")), "1"]]),
    _("conference_member.hangup",
      lambda w: [["conferences.hangupMember", quote(w.new("conference")), "1"]]),
    _("conference.hangup", lambda w: [["conferences.hangup", _room(w)]]),
    _("conference.hangup_all", lambda w: [["conferences.hangupAll"]]),
    _("mpc.get", lambda w: [["multiPartyCalls.get", _js_mpc(w)]]),
    _("mpc.list", lambda w: [["multiPartyCalls.list", {"status": "active"}]]),
    _("mpc.start", lambda w: [["multiPartyCalls.start", {**_js_mpc(w), "status": "active"}]]),
    _("mpc.record_start", lambda w: [["multiPartyCalls.startRecording", _js_mpc(w)]]),
    _("mpc.record_pause", lambda w: [["multiPartyCalls.pauseRecording", _js_mpc(w)]]),
    _("mpc.record_resume", lambda w: [["multiPartyCalls.resumeRecording", _js_mpc(w)]]),
    _("mpc.record_stop", lambda w: [["multiPartyCalls.stopRecording", _js_mpc(w)]]),
    _("mpc_participant.add", lambda w: [["multiPartyCalls.addParticipant", "agent",
        {**_js_mpc(w), "from": CALLER, "to": ANSWERS}]]),
    _("mpc_participant.list", lambda w: [["multiPartyCalls.listParticipants", _js_mpc(w)]]),
    _("mpc_participant.get", lambda w: [["multiPartyCalls.getParticipant", "1", _js_mpc(w)]]),
    _("mpc_participant.update", lambda w: [["multiPartyCalls.updateParticipant", "1",
        {**_js_mpc(w), "mute": True, "hold": False, "coachMode": False}]]),
    _("mpc_participant.record_start",
      lambda w: [["multiPartyCalls.startParticipantRecording", "1", _js_mpc(w)]]),
    _("mpc_participant.record_pause",
      lambda w: [["multiPartyCalls.pauseParticipantRecording", "1", _js_mpc(w)]]),
    _("mpc_participant.record_resume",
      lambda w: [["multiPartyCalls.resumeParticipantRecording", "1", _js_mpc(w)]]),
    _("mpc_participant.record_stop",
      lambda w: [["multiPartyCalls.stopParticipantRecording", "1", _js_mpc(w)]]),
    _("mpc_member.play_start",
      lambda w: [["multiPartyCalls.startPlayAudio", "1", _MP3, _js_mpc(w)]]),
    _("mpc_member.play_stop", lambda w: [["multiPartyCalls.stopPlayAudio", "1", _js_mpc(w)]]),
    _("mpc_participant.kick", lambda w: [["multiPartyCalls.kickParticipant", "1",
        {"friendlyName": w.new("multiparty")}]]),
    _("mpc.stop", lambda w: [["multiPartyCalls.stop", _js_mpc(w)]]),
)  # fmt: skip


def _speak_path(world: World) -> str:
    return f"MultiPartyCall/name_{quote(world['multiparty:http'])}/Member/1/Speak/"


HTTP = (
    HttpStep("mpc_member.speak_start", _speak_path, lambda w: {"text": "Hello"}),
    HttpStep("mpc_member.speak_stop", _speak_path),
    HttpStep("call.hangup_all", lambda w: "Call/"),
)
