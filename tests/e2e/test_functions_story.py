"""The 68 functions in their order over the package's HTTP form, on simulated calls.

Each is called as it should be, without one of its required arguments, and with a wrong token.
"""

import io
import urllib.request
import wave
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from e2e_api import Api
from e2e_fixtures import assert_clean
from e2e_package import Package
from e2e_program import Program
from e2e_sink import Answer, Sink
from e2e_waiting import until

from trunkline.functions.table import functions

NUMBER, PHONES = "14155550100", ("15005558000", "15005558630")
HANDSETS = ("12065550161", "12065550162")
TONE_S = 0.6


def tone() -> bytes:
    """`TONE_S` of a square wave."""
    octets = io.BytesIO()
    with wave.open(octets, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes((b"\0\x20" * 10 + b"\0\xe0" * 10) * int(TONE_S * 400))
    return octets.getvalue()


@pytest.fixture
def application(sink: Sink) -> Sink:
    """A customer's application: waits, holds a conference, has a sound."""
    documents = {
        "/wait": "<Wait length='600'/>",
        "/room": "<Conference beep='false' waitSound=''>Room</Conference>",
        "/other": "<Conference waitSound=''>Other</Conference>",
    }
    for path, body in documents.items():
        sink.answers[path] = Answer(body=f"<Response>{body}</Response>", content_type="text/xml")
    sink.answers["/tone.wav"] = Answer(body=tone(), content_type="audio/wav")
    return sink


@pytest.fixture
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A server of the story's own, since it counts what there is and hangs up everybody."""
    folder = tmp_path_factory.mktemp("program")
    started = Program(folder, settings={"TRUNKLINE_OWN_PROCESSES": "false"}).start()
    yield started
    assert started.stop() == 0
    assert_clean(started)


def test_all_functions_do_what_they_are_for(fresh: Program, application: Sink) -> None:
    program = fresh
    package = Package(program)
    api = program.api()
    accounts(package)
    applications(package, application)
    numbers(package)
    carriers(package)
    messages(package, program)
    endpoints(package)
    one_call(package, program, application)
    many_calls(package, application)
    conference(package, program, application)
    members(package, program, application)
    recordings(package, api)
    assert package.called == {one.name for one in functions()}


def accounts(package: Package) -> None:
    assert package("getAccountDetails")["account_type"] == "standard"
    package("updateAccount", name="Functions", city="Ghent")
    assert package.ask("getAccountDetails")["contextWrites"]["to"]["city"] == "Ghent"
    made = package("createSubaccount", name="Branch", enabled="True")
    subaccount = made["auth_id"]
    package("updateSubaccount", subauthId=subaccount, name="Other branch", enabled="True")
    assert package("getSingleSubaccount", subauthId=subaccount)["name"] == "Other branch"
    assert ids(package("getSubaccounts", limit="5", offset="0"), "auth_id") == [subaccount]
    assert package("deleteSubaccount", subauthId=subaccount) == {"status": "success"}
    assert package("getPricing", countryIso="US")["country_iso"] == "US"


def applications(package: Package, sink: Sink) -> None:
    made = package("createApplication", appName="Desk", answerUrl=sink.url("/wait"))
    app = made["app_id"]
    package("updateApplication", appId=app, answerUrl=sink.url("/room"), answerMethod="GET")
    found = package("getSingleApplication", appId=app)
    assert (found["answer_url"], found["answer_method"]) == (sink.url("/room"), "GET")
    assert app in ids(package("getApplications", limit=20), "app_id")
    assert package("deleteApplication", appId=app) == {"status": "success"}


def numbers(package: Package) -> None:
    found = package("searchNewNumbers", countryIso="US", services=["voice", "sms"], limit=1)
    (number,) = ids(found, "number")
    assert package("buyNumber", number=number)["numbers"][0]["number"] == number
    package("updateNumber", number=number, alias="desk")
    assert package("getRentedNumber", number=number)["alias"] == "desk"
    assert ids(package("getRentedNumbers", numberStartsWith=number), "number") == [number]
    package("unrentNumber", number=number)
    assert package.ask("getRentedNumber", number=number)["callback"] == "error"


def carriers(package: Package) -> None:
    carrier = package("addIncomingCarrier", name="Mine", ipSet=["192.0.2.1", "192.0.2.2"])[
        "carrier_id"
    ]
    package("updateIncomingCarrier", carrierId=carrier, name="My carrier")
    found = package("getSingleIncomingCarrier", carrierId=carrier)
    assert (found["name"], found["ip_set"]) == ("My carrier", "192.0.2.1,192.0.2.2")
    assert ids(package("listIncomingCarriers", name="My"), "carrier_id") == [carrier]
    package("addOwnCarrierNumber", numbers="442071838750", carrier=carrier, region="London, GB")
    owned = package.ask("getRentedNumber", number="442071838750")["contextWrites"]["to"]
    assert owned["carrier"] == "My carrier"
    package("removeIncomingCarrier", carrierId=carrier)


def messages(package: Package, program: Program) -> None:
    sent = package("sendMessage", src=NUMBER, destination="<".join(HANDSETS), text="Hello")
    assert len(sent["message_uuid"]) == 2
    for handset in HANDSETS:
        shown = until(lambda one=handset: program.handset(one), "the message")
        assert [one["text"] for one in shown] == ["Hello"]
    found = package("getSingleMessage", messageUuid=sent["message_uuid"][0])
    assert found["to_number"] == HANDSETS[0]
    listed = package("getMessages", messageDirection="outbound", limit="2")
    assert set(ids(listed, "message_uuid")) == set(sent["message_uuid"])


def endpoints(package: Package) -> None:
    made = package("createEndpoint", username="desk", password="secret123", alias="Desk")
    endpoint = made["endpoint_id"]
    package("updateEndpoint", endpointId=endpoint, password="secret124", alias="Front desk")
    assert package("getSingleEndpoint", endpointId=endpoint)["alias"] == "Front desk"
    assert ids(package("getEndpoints"), "endpoint_id") == [endpoint]
    package("deleteEndpoint", endpointId=endpoint)


def one_call(package: Package, program: Program, sink: Sink) -> None:
    (uuid,) = calls(package, sink, "/wait", PHONES[:1])
    assert package("getLiveCalls")["calls"] == [uuid]
    package("recordCall", callUuid=uuid, fileFormat="wav", timeLimit="60")
    package("playMusicFile", callUuid=uuid, urls=[sink.url("/tone.wav")])
    until(lambda: phone(program, PHONES[0])["sound_s"] > TONE_S / 2, "the music to be heard")
    package("playMusicFile", callUuid=uuid, urls=sink.url("/tone.wav"), loop="true")
    package("stopPlayingMusicFile", callUuid=uuid)
    package("playText", callUuid=uuid, text="Please hold the line.", voice="MAN", language="en-GB")
    package("stopPlayingText", callUuid=uuid)
    package("sendDigits", callUuid=uuid, digits="12")
    until(lambda: phone(program, PHONES[0])["digits"] == "12", "the digits to be heard")
    package("stopCallRecording", callUuid=uuid)
    package("transferCall", callUuid=uuid, alegUrl=sink.url("/room"), alegMethod="GET")
    until(lambda: sink.at("/room"), "the other document")
    package("hangupSingleCall", callUuid=uuid)
    until(lambda: record(package, uuid) is not None, "the call's record")
    found = package("getSingleCallDetails", callUuid=uuid)
    assert (found["hangup_source"], found["to_number"]) == ("API Request", PHONES[0])
    listed = package("getCallsDetails", callDirection="outbound", toNumber=PHONES[0])
    assert ids(listed, "call_uuid") == [uuid]


def many_calls(package: Package, sink: Sink) -> None:
    (uuid,) = calls(package, sink, "/wait", PHONES[:1])
    package("hangupCallRequest", requestUuid=uuid)
    until(lambda: record(package, uuid) is not None, "the end of the request's call")
    pair = calls(package, sink, "/wait", PHONES)
    package("hangupCalls")
    until(lambda: all(record(package, one) is not None for one in pair), "the end of all calls")


def conference(package: Package, program: Program, sink: Sink) -> None:
    calls(package, sink, "/room", PHONES)
    until(lambda: len(room(package)) == 2, "the members to come")
    assert package("getConferences")["conferences"] == ["Room"]
    found = package("getSingleConference", conferenceName="Room")
    assert found["conference_member_count"] == "2"
    package("startRecordingConference", conferenceName="Room", fileFormat="wav")
    package("stopRecordingConference", conferenceName="Room")


def members(package: Package, program: Program, sink: Sink) -> None:
    silent, talks = sorted(room(package), key=lambda one: one["to"] != PHONES[0])
    assert (silent["to"], talks["to"]) == PHONES
    of = {"conferenceName": "Room", "memberId": silent["member_id"]}
    package("muteMember", **of)
    assert member(package, silent)["muted"]
    package("unmuteMember", **of)
    assert not member(package, silent)["muted"]
    package("makeMemberDeaf", **of)
    assert member(package, silent)["deaf"]
    package("enableHearingForMember", **of)
    assert not member(package, silent)["deaf"]
    to_one = {"conferenceName": "Room", "memberId": talks["member_id"]}
    heard = phone(program, PHONES[1])["sound_s"]  # nobody says anything to that one
    package("playSoundToMember", **to_one, url=sink.url("/tone.wav"))
    wanted = heard + TONE_S / 2
    until(lambda: phone(program, PHONES[1])["sound_s"] > wanted, "the sound to be heard")
    package("stopPlayingSoundToMember", **to_one)
    package("playTextToMember", **to_one, text="Nobody else hears this.", voice="WOMAN")
    package("stopPlayingTextToMember", **to_one)
    package("kickMember", **of)
    until(lambda: len(room(package)) == 1, "the member to leave")
    package("hangupMember", **to_one)
    until(lambda: not room(package), "the conference to end")
    for close, more in (
        ("hangupSingleConference", {"conferenceName": "Other"}),
        ("hangupConferences", {}),
    ):
        pair = calls(package, sink, "/other", PHONES)
        until(lambda: len(room(package, "Other")) == 2, "the members to come")
        package(close, **more)
        until(lambda one=pair: all(record(package, each) for each in one), "the calls' end")


def recordings(package: Package, api: Api) -> None:
    def all_of_them() -> Sequence[dict[str, Any]]:
        return package.ask("getRecordings")["contextWrites"]["to"]["objects"]

    until(lambda: len(all_of_them()) == 2, "the recordings of the call and the conference")
    found = package("getRecordings", limit="20")["objects"]
    for one in found:
        with urllib.request.urlopen(one["recording_url"], timeout=20) as answer:
            assert answer.read(4) == b"RIFF"
    recording = found[0]["recording_id"]
    assert package("getSingleRecording", recordingId=recording)["recording_id"] == recording
    package("deleteRecording", recordingId=recording)
    assert api.get(f"Recording/{recording}/").status == 404


def calls(package: Package, sink: Sink, path: str, to: Sequence[str]) -> list[str]:
    """Make calls and wait until they are answered."""
    made = package("makeCall", callFrom=NUMBER, callTo="<".join(to), answerUrl=sink.url(path))
    uuids = made["request_uuid"]
    uuids = [uuids] if isinstance(uuids, str) else uuids
    for uuid in uuids:
        until(lambda one=uuid: is_answered(package, one), "the call to be answered")
    package("getSingleLiveCallDetails", callUuid=uuids[0])
    return uuids


def is_answered(package: Package, uuid: str) -> bool:
    answer = package.ask("getSingleLiveCallDetails", callUuid=uuid)
    return answer["contextWrites"]["to"].get("call_status") == "in-progress"


def record(package: Package, uuid: str) -> dict[str, Any] | None:
    answer = package.ask("getSingleCallDetails", callUuid=uuid)
    return answer["contextWrites"]["to"] if answer["callback"] == "success" else None


def room(package: Package, name: str = "Room") -> list[dict[str, Any]]:
    answer = package.ask("getSingleConference", conferenceName=name)
    return answer["contextWrites"]["to"].get("members", [])


def member(package: Package, wanted: dict[str, Any]) -> dict[str, Any]:
    return next(one for one in room(package) if one["member_id"] == wanted["member_id"])


def phone(program: Program, number: str) -> dict[str, Any]:
    """Return the last call of a simulated phone, as the phone had it."""
    return program.api().get(f"/sim/handsets/{number}/calls")["calls"][-1]


def ids(listed: dict[str, Any], name: str) -> list[str]:
    return [one[name] for one in listed["objects"]]
