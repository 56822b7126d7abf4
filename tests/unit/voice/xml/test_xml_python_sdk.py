"""Documents of the official Python builders: every element with every attribute they have."""

from plivo import plivoxml

from trunkline.voice.xml.check import read
from trunkline.voice.xml.document import Element
from trunkline.voice.xml.grammar import Value

URL = "https://example.com/x?a=1&b=2"


def parse(response: plivoxml.ResponseElement) -> list[Element]:
    pretty = read(response.to_string().encode())
    compact = read(response.to_string(False).encode())
    assert pretty.doubts == compact.doubts == ()
    assert [one.values for one in pretty.elements] == [one.values for one in compact.elements]
    return list(compact.elements)


def only(child: object) -> Element:
    (element,) = parse(plivoxml.ResponseElement().add(child))
    return element


def given(element: Element) -> dict[str, Value]:
    return {name: element.values[name] for name in element.given}


def test_speak_with_ssml() -> None:
    speak = plivoxml.SpeakElement("Hi ", voice="Polly.Amy", language="en-GB", loop=2)
    speak.add_break(strength="strong", time="250ms")
    speak.add_cont("con & tinue")
    speak.add_emphasis("strong words", level="strong")
    speak.add_lang("ciao", xmllang="it")
    speak.add_p("paragraph")
    speak.add_phoneme("pecan", alphabet="ipa", ph="pɪˈkɑːn")
    speak.add_prosody("slow", volume="loud", rate="slow", pitch="low")
    speak.add_s("sentence")
    speak.add_say_as("123", interpret_as="date", format="mdy")
    speak.add_sub("WWW", alias="World Wide Web")
    speak.add_w("read", role="amazon:VB")
    element = only(speak)
    assert given(element) == {"voice": "Polly.Amy", "language": "en-GB", "loop": 2}
    for tag in ("break", "emphasis", "lang", "p", "phoneme", "prosody", "s", "say-as", "sub", "w"):
        assert f"<{tag}" in element.markup
    assert "con &amp; tinue" in element.markup
    assert "World Wide Web" in element.text


def test_play_wait_dtmf_redirect_hangup() -> None:
    response = plivoxml.ResponseElement()
    response.add_play(URL, loop=0)
    response.add_wait(length=5, silence=True, min_silence=300, beep=False)
    response.add_dtmf("12w#", async_=False)
    response.add_redirect(URL, method="GET")
    response.add_hangup(reason="busy", schedule=60)
    play, wait, dtmf, redirect, hangup = parse(response)
    assert (play.text, given(play)) == (URL, {"loop": 0})
    assert given(wait) == {"length": 5, "silence": True, "minSilence": 300, "beep": False}
    assert (dtmf.text, given(dtmf)) == ("12w#", {"async": False})
    assert (redirect.text, given(redirect)) == (URL, {"method": "GET"})
    assert given(hangup) == {"reason": "busy", "schedule": 60}


def test_get_digits() -> None:
    written = plivoxml.GetDigitsElement(
        action=URL, method="GET", timeout=7, digit_timeout=3, finish_on_key="*", num_digits=4,
        retries=2, redirect=False, play_beep=True, valid_digits="123", invalid_digits_sound=URL,
        log=False,
    )  # fmt: skip
    written.add_speak("Press").add_play(URL).add_wait(length=2)
    element = only(written)
    assert given(element) == {
        "action": URL, "method": "GET", "timeout": 7, "digitTimeout": 3, "finishOnKey": "*",
        "numDigits": 4, "retries": 2, "redirect": False, "playBeep": True, "validDigits": "123",
        "invalidDigitsSound": URL, "log": False,
    }  # fmt: skip
    assert [child.name for child in element.children] == ["Speak", "Play", "Wait"]


def test_get_input() -> None:
    written = plivoxml.GetInputElement(
        action=URL, method="GET", input_type="dtmf speech", execution_timeout=30,
        digit_end_timeout=3, speech_end_timeout=4, finish_on_key="#", num_digits=5,
        speech_model="phone_call", hints="yes,no", language="en-GB",
        interim_speech_results_callback=URL, interim_speech_results_callback_method="GET",
        log=False, redirect=False, profanity_filter=True,
    )  # fmt: skip
    written.add_speak("Say")
    assert given(only(written)) == {
        "action": URL, "method": "GET", "inputType": "dtmf speech", "executionTimeout": 30,
        "digitEndTimeout": 3, "speechEndTimeout": 4, "finishOnKey": "#", "numDigits": 5,
        "speechModel": "phone_call", "hints": "yes,no", "language": "en-GB",
        "interimSpeechResultsCallback": URL, "interimSpeechResultsCallbackMethod": "GET",
        "log": False, "redirect": False, "profanityFilter": True,
    }  # fmt: skip


def test_record() -> None:
    written = plivoxml.RecordElement(
        action=URL, method="GET", file_format="wav", redirect=False, timeout=20, max_length=90,
        play_beep=False, finish_on_key="1", record_session=True, start_on_dial_answer=True,
        transcription_type="auto", transcription_url=URL, transcription_method="GET",
        callback_url=URL, callback_method="GET",
    )  # fmt: skip
    assert given(only(written)) == {
        "action": URL, "method": "GET", "fileFormat": "wav", "redirect": False, "timeout": 20,
        "maxLength": 90, "playBeep": False, "finishOnKey": "1", "recordSession": True,
        "startOnDialAnswer": True, "transcriptionType": "auto", "transcriptionUrl": URL,
        "transcriptionMethod": "GET", "callbackUrl": URL, "callbackMethod": "GET",
    }  # fmt: skip


def test_dial() -> None:
    written = plivoxml.DialElement(
        action=URL, method="GET", hangup_on_star=True, time_limit=30, timeout=20,
        caller_id="14155550100", caller_name="Ann", confirm_sound=URL, confirm_key="1",
        dial_music="none", callback_url=URL, callback_method="GET", redirect=False,
        digits_match="1,2", digits_match_b_leg="3", confirm_timeout=7, sip_headers="a=1,b=2",
    )  # fmt: skip
    number = plivoxml.NumberElement(
        "14155550101", send_digits="ww12", send_on_preanswer=True, send_digits_mode="inband"
    )
    written.add(number)
    written.add_user(
        "sip:a@phone.test", send_digits="1", send_on_preanswer=False, sip_headers="h=1"
    )
    element = only(written)
    assert given(element) == {
        "action": URL, "method": "GET", "hangupOnStar": True, "timeLimit": 30, "timeout": 20,
        "callerId": "14155550100", "callerName": "Ann", "confirmSound": URL, "confirmKey": "1",
        "dialMusic": "none", "callbackUrl": URL, "callbackMethod": "GET", "redirect": False,
        "digitsMatch": "1,2", "digitsMatchBLeg": "3", "sipHeaders": "a=1,b=2", "confirmTimeout": 7,
    }  # fmt: skip
    called, user = element.children
    assert called.text == "14155550101"
    assert given(called) == {
        "sendDigits": "ww12",
        "sendOnPreanswer": True,
        "sendDigitsMode": "inband",
    }
    assert (user.text, user.string("sipHeaders")) == ("sip:a@phone.test", "h=1")


def test_conference() -> None:
    written = plivoxml.ConferenceElement(
        "My room", muted=True, enter_sound="beep:1", exit_sound=URL,
        start_conference_on_enter=False, end_conference_on_exit=True, stay_alone=False,
        wait_sound=URL, max_members=5, record=True, record_file_format="wav", time_limit=60,
        hangup_on_star=True, action=URL, method="GET", callback_url=URL, callback_method="GET",
        digits_match="#0", floor_event=True, redirect=False, relay_dtmf=False,
        record_when_alone="false", transcription_type="auto", transcription_url=URL,
        transcription_method="GET",
    )  # fmt: skip
    element = only(written)
    assert element.text == "My room"
    assert given(element) == {
        "muted": True, "enterSound": "beep:1", "exitSound": URL, "startConferenceOnEnter": False,
        "endConferenceOnExit": True, "stayAlone": False, "waitSound": URL, "maxMembers": 5,
        "record": True, "recordFileFormat": "wav", "timeLimit": 60, "hangupOnStar": True,
        "action": URL, "method": "GET", "callbackUrl": URL, "callbackMethod": "GET",
        "digitsMatch": "#0", "floorEvent": True, "redirect": False, "relayDTMF": False,
        "recordWhenAlone": False, "transcriptionType": "auto", "transcriptionUrl": URL,
        "transcriptionMethod": "GET",
    }  # fmt: skip


def test_multiparty_call() -> None:
    element = only(plivoxml.MultiPartyCallElement("Nairobi", role="Agent"))
    assert element.text == "Nairobi"
    defaults = {name: value for name, value in element.values.items() if name in element.given}
    bare = only(plivoxml.MultiPartyCallElement("Nairobi", role="Agent", max_duration=300))
    assert bare.number("maxDuration") == 300
    # The builder writes its defaults: they are the table's.
    table = read(b"<Response><MultiPartyCall role='agent'>x</MultiPartyCall></Response>")
    assert defaults == {name: table.elements[0].values[name] for name in defaults}


def test_stream() -> None:
    written = plivoxml.StreamElement(
        "wss://example.com/x", bidirectional=True, audioTrack="inbound", streamTimeout=60,
        statusCallbackUrl=URL, statusCallbackMethod="GET",
        contentType="audio/x-mulaw;rate=8000", extraHeaders="a=1,b=2", keepCallAlive=True,
    )  # fmt: skip
    element = only(written)
    assert element.text == "wss://example.com/x"
    assert given(element) == {
        "bidirectional": True, "audioTrack": "inbound", "streamTimeout": 60,
        "statusCallbackUrl": URL, "statusCallbackMethod": "GET",
        "contentType": "audio/x-mulaw;rate=8000", "extraHeaders": "a=1,b=2",
        "keepCallAlive": True,
    }  # fmt: skip


def test_preanswer_and_message() -> None:
    inside = plivoxml.PreAnswerElement()
    inside.add_speak("Costs").add_play(URL).add_wait(length=1)
    response = plivoxml.ResponseElement().add(inside)
    response.add_message(
        "Hi & bye", src="14155550100", dst="14155550101<14155550102", type="sms",
        callback_url=URL, callback_method="GET",
    )  # fmt: skip
    preanswer, message = parse(response)
    assert [child.name for child in preanswer.children] == ["Speak", "Play", "Wait"]
    assert message.text == "Hi & bye"
    assert message.string("dst") == "14155550101<14155550102"
