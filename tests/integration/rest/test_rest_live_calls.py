"""Every operation on live calls and conferences by the official Python SDK, over real HTTP.

The calls are live: scripted parties talk on them, and show what was done.
"""

from collections.abc import Callable
from typing import Any

import plivo
import pytest
from live_line import BOB, ENDLESS, SUB, UNKNOWN, Line
from plivo import exceptions
from voice_control import ANN
from voice_leg import ScriptedLeg

from trunkline.voice.telephony import File, Speech

THERE = "https://app.test/there"
ROOM = "<Response><Conference>My Room</Conference></Response>"


# --- calls ---------------------------------------------------------------------------------------


async def test_a_call_is_hung_up(line: Line) -> None:
    one, two, three = [await line.talks() for _ in range(3)]
    await line.ask(lambda client: client.calls.hangup(one.uuid))
    assert (one.state, two.state) == ("ended", "answered")
    await line.ask(lambda client: client.calls.delete(two.uuid.upper()))
    assert two.state == "ended"
    for gone in (one.uuid, UNKNOWN):
        with pytest.raises(exceptions.ResourceNotFoundError, match=f"call '{gone}' is not live"):
            await line.ask(lambda client, gone=gone: client.calls.hangup(gone))
    four = await line.talks()
    await line.ask(lambda client: client.request("DELETE", ("Call",), is_voice_request=True))
    assert (three.state, four.state) == ("ended", "ended")


async def test_a_request_is_cancelled(line: Line) -> None:
    call, leg = await line.rig.calls_out(ENDLESS)
    leg.rings()
    request = call.facts.request_uuid
    await line.ask(lambda client: client.calls.cancel(request))
    assert line.rig.cause(leg) == 1000
    with pytest.raises(exceptions.ResourceNotFoundError, match="no call that is live or queued"):
        await line.ask(lambda client: client.calls.cancel(request))
    line.control.waiting.calls = [(ANN, "q-1", "r-1")]
    await line.ask(lambda client: client.calls.cancel("r-1"))
    assert line.control.waiting.calls == []


async def test_a_call_is_transferred(line: Line) -> None:
    line.rig.pages.pages[THERE] = "<Response><Speak>There</Speak></Response>"
    leg = await line.talks()
    answer = await line.ask(
        lambda client: client.calls.transfer(
            leg.uuid, legs="aleg", aleg_url=THERE, aleg_method="GET"
        )
    )
    assert answer.message == "call transfered"
    assert line.rig.asked(THERE).method == "GET"
    assert leg.heard[-1] == (Speech("There"),)


async def test_transfers_name_where_to(line: Line) -> None:
    leg = await line.talks()
    wrong: tuple[tuple[dict[str, Any], str], ...] = (
        ({"legs": "aleg"}, "aleg_url parameter is missing"),
        ({"legs": "bleg", "aleg_url": THERE}, "bleg_url parameter is missing"),
        ({"legs": "both", "aleg_url": THERE}, "bleg_url parameter is missing"),
        ({"legs": "both", "bleg_url": THERE}, "aleg_url parameter is missing"),
        ({"legs": "aleg", "aleg_url": THERE, "aleg_method": "PUT"}, "aleg_method parameter is"),
    )
    for given, why in wrong:
        with pytest.raises(exceptions.ValidationError, match=why):
            await line.ask(lambda client, given=given: client.calls.update(leg.uuid, **given))
    with pytest.raises(exceptions.ResourceNotFoundError, match="not connected with another leg"):
        await line.ask(lambda client: client.calls.update(leg.uuid, legs="bleg", bleg_url=THERE))
    assert leg.state == "answered"


async def test_both_legs_are_transferred(line: Line) -> None:
    for url in (THERE, f"{THERE}/b"):
        line.rig.pages.pages[url] = f"<Response><Speak>{url}</Speak></Response>"
    a, b = await connected(line)
    await line.ask(
        lambda client: client.calls.update(
            a.uuid, legs="both", aleg_url=THERE, bleg_url=f"{THERE}/b"
        )
    )
    assert a.heard[-1] == (Speech(THERE),)
    assert b.heard[-1] == (Speech(f"{THERE}/b"),)


async def connected(line: Line) -> tuple[ScriptedLeg, ScriptedLeg]:
    a = await line.rig.arrives("<Response><Dial><Number>14155550122</Number></Dial></Response>")
    b = line.rig.placed[-1]
    b.answers()
    await line.rig.settle()
    return a, b


async def test_a_call_is_recorded(line: Line) -> None:
    leg = await line.talks()
    answer = await line.ask(
        lambda client: client.calls.record(
            leg.uuid, time_limit=30, file_format="wav", callback_url="https://app.test/recorded"
        )
    )
    assert answer.message == "call recording started"
    (spec, _) = leg.recording[answer.recording_id]
    assert (spec.format, spec.channels, spec.max_s, spec.session) == ("wav", "stereo", 30, True)
    await line.ask(lambda client: client.calls.record_stop(leg.uuid))
    assert leg.recording == {}
    (told,) = line.rig.told("record")
    assert (told["api_id"], told["record_url"]) == (answer.api_id, answer.url)


async def test_one_of_two_recordings_is_stopped(line: Line) -> None:
    leg = await line.talks()
    one = await line.ask(lambda client: client.calls.start_recording(leg.uuid))
    two = await line.ask(lambda client: client.calls.start_recording(leg.uuid))
    await line.ask(
        lambda client: client.request(  # plivo-ruby spells it so
            "DELETE", ("Call", leg.uuid, "Record"), {"URL": one.url}, is_voice_request=True
        )
    )
    assert list(leg.recording) == [two.recording_id]


async def test_files_are_played(line: Line) -> None:
    leg = await line.talks()
    answer = await line.ask(
        lambda client: client.calls.play(
            leg.uuid, urls="https://f.test/1.mp3,https://f.test/2.wav", length=5, loop=True,
            mix=False,
        )
    )  # fmt: skip
    assert answer.message == "play started"
    assert leg.heard[-1] == (File("https://f.test/1.mp3"), File("https://f.test/2.wav", 0))
    assert leg.layers[-1] == "cover"
    await line.rig.passes(4.5)
    assert len(leg.playing) == 2
    await line.rig.passes(1)
    assert len(leg.playing) == 1
    await line.ask(lambda client: client.calls.play(leg.uuid, urls="https://f.test/3.mp3"))
    assert leg.layers[-1] == "mix"
    await line.ask(lambda client: client.calls.play_stop(leg.uuid))
    assert len(leg.playing) == 1
    for urls in ("nonsense", "ftp://f.test/1", ",", "https://f.test/1.mp3,x"):
        with pytest.raises(exceptions.ValidationError, match="urls parameter is"):
            await line.ask(lambda client, urls=urls: client.calls.play(leg.uuid, urls=urls))


async def test_texts_are_spoken(line: Line) -> None:
    leg = await line.talks()
    answer = await line.ask(
        lambda client: client.calls.speak(
            leg.uuid, "Hallo", voice="MAN", language="de-DE", loop=True
        )
    )
    assert answer.message == "speak started"
    assert leg.heard[-1] == (Speech("Hallo", "MAN", "de-DE", 0),)
    await line.ask(lambda client: client.calls.speak_stop(leg.uuid))
    assert len(leg.playing) == 1
    ssml = "<speak>One <break time='1s'/> two</speak>"
    await line.ask(
        lambda client: client.request(
            "POST", ("Call", leg.uuid, "Speak"),
            {"text": ssml, "type": "ssml", "voice": "Polly.Amy", "language": "en-GB"},
            is_voice_request=True,
        )
    )  # fmt: skip
    (spoken,) = leg.heard[-1]
    assert isinstance(spoken, Speech)
    assert "<break" in spoken.ssml
    wrong = (
        ({"text": "x", "language": "tlh"}, "language parameter is invalid: must be a language"),
        ({"text": "x", "voice": "ROBOT"}, "voice parameter is invalid: must be MAN"),
        ({"text": "  "}, "text parameter is"),
        ({"text": "x" * 3_001}, "text parameter is invalid: must have at most 3000"),
        ({"text": "<break", "type": "ssml"}, "text parameter is invalid"),
        ({"text": "<script/>", "type": "ssml"}, "text parameter is invalid: is no SSML"),
        ({"text": "</Speak><Hangup/><Speak>x", "type": "ssml"}, "text parameter is invalid"),
        ({"text": "<speak/>", "type": "ssml"}, "text parameter is invalid"),
        ({"text": "x", "type": "html"}, "type parameter is invalid"),
    )
    for given, why in wrong:
        with pytest.raises(exceptions.ValidationError, match=why):
            await line.ask(
                lambda client, given=given: client.request(
                    "POST", ("Call", leg.uuid, "Speak"), given, is_voice_request=True
                )
            )
    assert leg.state == "answered"


async def test_keys_are_sent(line: Line) -> None:
    a, b = await connected(line)
    answer = await line.ask(lambda client: client.calls.send_digits(a.uuid, "1w2W3#@500"))
    assert answer.message == "digits sent"
    assert a.sent == "1w2W3#"
    await line.ask(lambda client: client.calls.send_digits(a.uuid, "4", leg="bleg"))
    await line.ask(lambda client: client.calls.send_digits(b.uuid, "5"))  # by the other's own id
    await line.ask(
        lambda client: client.request(  # plivo-go spells it so
            "POST", ("Call", a.uuid, "DTMF"), {"digits": "6", "legs": "both"},
            is_voice_request=True,
        )
    )  # fmt: skip
    assert (a.sent, b.sent) == ("1w2W3#6", "456")
    for digits in ("", "12x", "1@", "1@9", "1@9000", "@100", "1" * 300):
        with pytest.raises(exceptions.ValidationError, match="digits parameter is"):
            await line.ask(lambda client, digits=digits: client.calls.send_digits(a.uuid, digits))


async def test_audio_is_streamed(line: Line) -> None:
    leg = await line.talks()
    answer = await line.ask(
        lambda client: client.calls.start_stream(
            leg.uuid, "wss://app.test/stream", bidirectional=True, stream_timeout=60,
            status_callback_url="https://app.test/told", extra_headers="a=1",
        )
    )  # fmt: skip
    assert answer.message == "audio streaming started"
    spec = leg.streams[answer.stream_id]
    assert (spec.bidirectional, spec.timeout_s, spec.extra_headers) == (True, 60, "a=1")
    leg.stream_told("StartStream")
    await line.rig.passes(61)
    found = await line.ask(lambda client: client.calls.get_all_streams(leg.uuid))
    (one,) = found.objects
    assert (one.stream_id, one.status) == (answer.stream_id, "streaming")
    same = await line.ask(
        lambda client: client.calls.get_details_of_specific_stream(leg.uuid, answer.stream_id)
    )
    assert (same.service_url, same.bill_duration) == ("wss://app.test/stream", 61)
    assert (same.rounded_bill_duration, same.end_time) == ("120", None)
    with pytest.raises(exceptions.ResourceNotFoundError, match=f"stream '{UNKNOWN}' not found"):
        await line.ask(lambda c: c.calls.get_details_of_specific_stream(leg.uuid, UNKNOWN))
    with pytest.raises(exceptions.ResourceNotFoundError, match=f"stream '{UNKNOWN}' not found"):
        await line.ask(lambda c: c.calls.delete_specific_stream(leg.uuid, UNKNOWN))
    with pytest.raises(exceptions.InvalidRequestError, match="has a stream already"):
        await line.ask(lambda c: c.calls.start_stream(leg.uuid, "wss://app.test/stream"))
    await line.ask(lambda c: c.calls.delete_specific_stream(leg.uuid, answer.stream_id))
    assert leg.streams == {}
    headers = {"a": 1, "b": "two"}
    again = await line.ask(
        lambda c: c.calls.start_stream(leg.uuid, "ws://app.test/stream", extra_headers=headers)
    )
    assert leg.streams[again.stream_id].extra_headers == "a=1,b=two"
    await line.ask(lambda c: c.calls.delete_all_streams(leg.uuid))
    assert leg.streams == {}


async def test_streams_that_cannot_be(line: Line) -> None:
    leg = await line.talks()
    wrong: tuple[tuple[dict[str, Any], str], ...] = (
        ({"service_url": "https://app.test"}, "service_url parameter is invalid: must be a ws://"),
        ({"service_url": "wss://"}, "service_url parameter is invalid"),
        ({"bidirectional": True, "audio_track": "both"}, "audio_track parameter is invalid"),
        ({"content_type": "audio/flac"}, "content_type parameter is invalid"),
        ({"stream_timeout": 0}, "stream_timeout parameter is invalid"),
        ({"extra_headers": "x" * 513}, "extra_headers parameter is invalid"),
        ({"extra_headers": "a=1,=2"}, "extra_headers parameter is invalid: '=2' is not key=value"),
        ({"extra_headers": "a=1;b"}, "extra_headers parameter is invalid: 'b' is not key=value"),
        ({"extra_headers": {"a": "1,2"}}, "extra_headers parameter is invalid: '2' is not"),
        ({"cx_bot": True}, "cx_bot parameter is invalid"),
    )
    for given, why in wrong:
        with pytest.raises(exceptions.ValidationError, match=why):
            await line.ask(
                lambda client, given=given: client.request(
                    "POST", ("Call", leg.uuid, "Stream"),
                    {"service_url": "wss://app.test/s", **given}, is_voice_request=True,
                )
            )  # fmt: skip
    assert leg.streams == {}


async def test_a_call_that_rings_is_not_played_to(line: Line) -> None:
    _, leg = await line.rig.calls_out(ENDLESS)
    leg.rings()
    with pytest.raises(exceptions.InvalidRequestError, match="the call is not answered yet"):
        await line.ask(lambda c: c.calls.speak(leg.uuid, "Hello"))
    await line.ask(lambda c: c.calls.hangup(leg.uuid))
    assert leg.state == "ended"


async def test_a_call_that_comes_in_is_streamed_once_it_is_heard(line: Line) -> None:
    waiting = await line.rig.arrives("<Response><Wait length='99'/></Response>")
    with pytest.raises(exceptions.InvalidRequestError, match="the call is not answered yet"):
        await line.ask(lambda c: c.calls.start_stream(waiting.uuid, "wss://app.test/s"))
    early = "<Response><PreAnswer><Speak loop='0'>Hold</Speak></PreAnswer></Response>"
    heard = await line.rig.arrives(early)
    await line.ask(lambda c: c.calls.start_stream(heard.uuid, "wss://app.test/s"))
    assert (len(waiting.streams), len(heard.streams)) == (0, 1)


async def test_a_transcription_has_no_kinds_of_report(line: Line) -> None:
    leg = await line.talks()
    with pytest.raises(exceptions.ValidationError, match="transcription_report_type parameter is"):
        await line.ask(lambda c: c.calls.record(leg.uuid, transcription_report_type="detailed"))
    assert leg.recording == {}


@pytest.mark.parametrize("auth_id", [BOB, SUB])
async def test_others_find_nothing(line: Line, auth_id: str) -> None:
    leg = await line.talks()
    room = await line.rig.arrives(ROOM)
    uses: tuple[Callable[[plivo.RestClient], Any], ...] = (
        lambda c: c.calls.hangup(leg.uuid),
        lambda c: c.calls.update(leg.uuid, legs="aleg", aleg_url=THERE),
        lambda c: c.calls.record(leg.uuid),
        lambda c: c.calls.record_stop(leg.uuid),
        lambda c: c.calls.play(leg.uuid, urls="https://f.test/1.mp3"),
        lambda c: c.calls.play_stop(leg.uuid),
        lambda c: c.calls.speak(leg.uuid, "Hello"),
        lambda c: c.calls.speak_stop(leg.uuid),
        lambda c: c.calls.send_digits(leg.uuid, "1"),
        lambda c: c.calls.start_stream(leg.uuid, "wss://app.test/s"),
        lambda c: c.calls.delete_all_streams(leg.uuid),
        lambda c: c.conferences.get("My Room"),
        lambda c: c.conferences.hangup("My Room"),
        lambda c: c.conferences.member_mute("My Room", "all"),
        lambda c: c.conferences.record("My Room"),
        lambda c: c.conferences.record_stop("My Room"),
    )
    for use in uses:
        with pytest.raises(exceptions.ResourceNotFoundError):
            await line.ask(use, auth_id)
    await line.ask(lambda c: c.conferences.hangup_all(), auth_id)
    assert (await line.ask(lambda c: c.conferences.list(), auth_id)).conferences == []
    assert (leg.state, room.state) == ("answered", "answered")


async def test_nobody_serves(line: Line) -> None:
    line.control.bus._handlers.clear()
    with pytest.raises(exceptions.PlivoRestError, match="status code 503"):
        await line.ask(lambda c: c.calls.speak(UNKNOWN, "Hello"))


# --- conferences ---------------------------------------------------------------------------------


async def test_a_conference_is_seen(line: Line) -> None:
    await line.rig.arrives(ROOM)
    await line.rig.passes(7)
    await line.rig.arrives(ROOM, sender="14155550112")
    await line.rig.passes(3)
    assert (await line.ask(lambda c: c.conferences.list())).conferences == ["My Room"]
    one = await line.ask(lambda c: c.conferences.get("My Room"))
    assert (one.conference_name, one.conference_run_time) == ("My Room", "10")
    assert one.conference_member_count == "2"
    assert [member["member_id"] for member in one.members] == ["1", "2"]
    second = one.members[1]
    assert (second["from"], second["to"], second["join_time"]) == (
        "14155550112", "14155550100", "3",
    )  # fmt: skip
    assert (second["muted"], second["direction"]) == (False, "inbound")
    with pytest.raises(exceptions.ResourceNotFoundError, match="conference 'Other' is not live"):
        await line.ask(lambda c: c.conferences.get("Other"))


async def test_members_are_changed(line: Line) -> None:
    a, b, c_ = [await line.rig.arrives(ROOM) for _ in range(3)]
    (room,) = line.rig.rooms

    def said(name: str) -> list[object]:
        return [room.members[leg.uuid][name] for leg in (a, b, c_) if leg.uuid in room.members]

    muted = await line.ask(lambda c: c.conferences.member_mute("My Room", "1,2"))
    assert (muted.message, muted.member_id) == ("muted", ["1", "2"])
    assert said("muted") == [True, True, False]
    await line.ask(lambda c: c.conferences.member_mute_stop("My Room", "1"))
    assert said("muted") == [False, True, False]
    deaf = await line.ask(lambda c: c.conferences.member_deaf("My Room", "all"))
    assert (deaf.message, deaf.member_id) == ("deaf", ["1", "2", "3"])
    assert said("deaf") == [True, True, True]
    with pytest.raises(exceptions.InvalidRequestError, match="the member is deaf"):
        await line.ask(lambda c: c.conferences.member_play("My Room", "1", "https://f.test/1.mp3"))
    await line.ask(lambda c: c.conferences.member_deaf_stop("My Room", "all"))
    played = await line.ask(
        lambda c: c.conferences.member_play("My Room", "1,3", "https://f.test/1.mp3")
    )
    assert (played.message, played.member_id) == ("play queued into conference", ["1", "3"])
    spoken = await line.ask(
        lambda c: c.conferences.member_speak("My Room", "1", "Hi", voice="MAN", language="en-GB")
    )
    assert spoken.message == "speak queued into conference"
    assert list(a.playing.values()) == [
        (File("https://f.test/1.mp3"),), (Speech("Hi", "MAN", "en-GB"),),
    ]  # fmt: skip
    assert b.playing == {}
    await line.ask(lambda c: c.conferences.member_speak_stop("My Room", "1"))
    assert list(a.playing.values()) == [(File("https://f.test/1.mp3"),)]
    await line.ask(lambda c: c.conferences.member_play_stop("My Room", "all"))
    assert a.playing == {}
    kicked = await line.ask(lambda c: c.conferences.member_kick("My Room", "2"))
    assert (kicked.message, kicked.member_id) == ("kicked", ["2"])
    assert line.rig.cause(b) == 4010  # its document had nothing further
    gone = await line.ask(lambda c: c.conferences.member_hangup("My Room", "1"))
    assert (gone.message, gone.member_id) == ("hangup", ["1"])
    assert line.rig.book.causes[a.uuid].source.value == "API Request"
    for member in ("1", "9", "3,9", ",", "x"):
        with pytest.raises(exceptions.ResourceNotFoundError, match="member"):
            await line.ask(lambda c, member=member: c.conferences.member_mute("My Room", member))
    assert said("muted") == [False]


async def test_a_conference_is_recorded(line: Line) -> None:
    await line.rig.arrives(ROOM)
    answer = await line.ask(
        lambda c: c.conferences.record(
            "My Room", file_format="wav", callback_url="https://app.test/recorded"
        )
    )
    assert answer.message == "conference recording started"
    with pytest.raises(exceptions.InvalidRequestError, match="is recorded already"):
        await line.ask(lambda c: c.conferences.record("My Room"))
    await line.ask(lambda c: c.conferences.record_stop("My Room"))
    (kept,) = line.rig.book.recordings
    assert (kept.conference, kept.spec.format) == ("My Room", "wav")
    (told,) = [one for one in line.rig.callbacks if one.url == "https://app.test/recorded"]
    assert told.params["api_id"] == answer.api_id
    assert told.params["recording_id"] == answer.recording_id


async def test_conferences_are_hung_up(line: Line) -> None:
    legs = [await line.rig.arrives(ROOM.replace("My", name)) for name in ("My", "My", "A", "B")]
    await line.ask(lambda c: c.conferences.hangup("My Room"))
    assert [leg.state for leg in legs] == ["ended", "ended", "answered", "answered"]
    await line.ask(lambda c: c.conferences.delete_all())
    assert {leg.state for leg in legs} == {"ended"}
    assert (await line.ask(lambda c: c.conferences.list())).conferences == []
