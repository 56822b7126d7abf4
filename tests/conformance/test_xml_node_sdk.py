"""Documents of the official Node builders are read with the values they were built with."""

import json
import subprocess
from pathlib import Path

import pytest

from trunkline.voice.xml.check import read
from trunkline.voice.xml.document import Element
from trunkline.voice.xml.grammar import Value

SCRIPT = Path(__file__).with_name("xml_node.js")
URL = "https://example.com/x?a=1&b=2"
ASKED = {"action": URL, "method": "GET"}
TOLD = {"callbackUrl": URL, "callbackMethod": "GET"}

EXPECTED: dict[str, tuple[str, dict[str, Value]]] = {
    "Play": (URL, {"loop": 0}),
    "Wait": ("", {"length": 5, "silence": True, "minSilence": 300, "beep": False}),
    "DTMF": ("12w#", {"async": False}),
    "Redirect": (URL, {"method": "GET"}),
    "Hangup": ("", {"reason": "busy", "schedule": 60}),
    "Message": ('Say "hi" & bye', {"src": "14155550100", "dst": "14155550101", **TOLD}),
    "GetDigits": (
        "",
        {
            **ASKED, "timeout": 7, "digitTimeout": 3, "finishOnKey": "*", "numDigits": 4,
            "retries": 2, "redirect": False, "playBeep": True, "validDigits": "123",
            "invalidDigitsSound": URL, "log": False,
        },
    ),
    "GetInput": (
        "",
        {
            **ASKED, "inputType": "dtmf speech", "executionTimeout": 30, "digitEndTimeout": 3,
            "speechEndTimeout": 4, "finishOnKey": "#", "numDigits": 5,
            "speechModel": "phone_call", "hints": 'say "yes" or "no"', "language": "en-GB",
            "interimSpeechResultsCallback": URL, "interimSpeechResultsCallbackMethod": "GET",
            "log": False, "redirect": False, "profanityFilter": True,
        },
    ),
    "Record": (
        "",
        {
            **ASKED, **TOLD, "fileFormat": "wav", "redirect": False, "timeout": 20,
            "maxLength": 90, "playBeep": False, "finishOnKey": "1", "recordSession": True,
            "startOnDialAnswer": True, "transcriptionType": "auto", "transcriptionUrl": URL,
            "transcriptionMethod": "GET",
        },
    ),
    "Dial": (
        "",
        {
            **ASKED, **TOLD, "hangupOnStar": True, "timeLimit": 30, "timeout": 20,
            "callerId": "14155550100", "callerName": "Ann", "confirmSound": URL,
            "confirmKey": "1", "dialMusic": "none", "redirect": False, "digitsMatch": "1,2",
            "digitsMatchBLeg": "3", "sipHeaders": "a=1,b=2",
        },
    ),
    "Conference": (
        "My room",
        {
            **ASKED, **TOLD, "muted": True, "enterSound": "beep:1", "exitSound": URL,
            "startConferenceOnEnter": False, "endConferenceOnExit": True, "stayAlone": False,
            "waitSound": URL, "maxMembers": 5, "record": True, "recordFileFormat": "wav",
            "timeLimit": 60, "hangupOnStar": True, "digitsMatch": "#0", "floorEvent": True,
            "redirect": False, "relayDTMF": False,
        },
    ),
    "MultiPartyCall": ("Nairobi", {"role": "agent", "maxDuration": 1000, "waitMusicUrl": URL}),
    "Stream": (
        "wss://example.com/x",
        {
            "bidirectional": True, "audioTrack": "inbound", "streamTimeout": 60,
            "statusCallbackUrl": URL, "statusCallbackMethod": "GET",
            "contentType": "audio/x-mulaw;rate=8000", "extraHeaders": "a=1,b=2",
            "keepCallAlive": True,
        },
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def elements(node_modules: Path) -> dict[str, Element]:
    done = subprocess.run(
        ["node", str(SCRIPT)],
        env={"NODE_PATH": str(node_modules), "PATH": "/usr/local/bin:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    documents: dict[str, str] = json.loads(done.stdout)
    return {name: read(text.encode()).elements[0] for name, text in documents.items()}


@pytest.mark.parametrize("name", EXPECTED)
def test_an_element(name: str, elements: dict[str, Element]) -> None:
    element, (text, values) = elements[name], EXPECTED[name]
    assert (element.name, element.text) == (name, text)
    assert {key: element.values[key] for key in values} == values


def test_whom_a_dial_calls(elements: dict[str, Element]) -> None:
    number, user = elements["Dial"].children
    assert (number.text, number.string("sendDigits")) == ("14155550101", "ww12")
    assert number.flag("sendOnPreanswer")
    assert (user.text, user.string("sipHeaders")) == ("sip:a@phone.test", "h=1")


def test_speech(elements: dict[str, Element]) -> None:
    speak = elements["Speak"]
    assert speak.values["voice"] == "Polly.Amy"
    for tag in ("break", "emphasis", "lang", "p", "phoneme", "prosody", "s", "say-as", "sub", "w"):
        assert f"<{tag}" in speak.markup
    assert elements["PreAnswer"].children[0].text == "Costs"
